"""Serves the network: a PNG in, a probability a class out, in their order."""

import json
from pathlib import Path

import torch
from network import Network
from picture import pixels


def model_fn(model_dir: str) -> Network:
    """weights_only: a file of weights is read, never code."""
    folder = Path(model_dir)
    network = Network(**json.loads((folder / "shape.json").read_text()))
    network.load_state_dict(torch.load(folder / "model.pth", map_location="cpu", weights_only=True))
    return network.eval()


def input_fn(data: bytes, content_type: str) -> torch.Tensor:
    if content_type != "image/png":
        raise ValueError(f"Content-Type {content_type}: send image/png")
    return torch.from_numpy(pixels(data))


def predict_fn(picture: torch.Tensor, network: Network) -> list[float]:
    with torch.no_grad():
        found: list[float] = torch.softmax(network(picture), dim=1)[0].tolist()
    return found


def output_fn(probabilities: list[float], _accept: str) -> tuple[str, str]:
    return json.dumps(probabilities), "application/json"
