"""Serves the network: text/csv rows of pixels in, one line of class probabilities a row out."""

import io
import json
from pathlib import Path

import numpy as np
import torch
from network import SIDE, Network


def model_fn(model_dir: str) -> Network:
    """weights_only: a file of weights is read, never code."""
    folder = Path(model_dir)
    network = Network(**json.loads((folder / "shape.json").read_text()))
    network.load_state_dict(torch.load(folder / "model.pth", map_location="cpu", weights_only=True))
    return network.eval()


def input_fn(data: str, content_type: str) -> torch.Tensor:
    if content_type != "text/csv":
        raise ValueError(f"Content-Type {content_type}: send text/csv")
    rows = np.loadtxt(io.StringIO(data), dtype=np.float32, delimiter=",", ndmin=2)
    if rows.shape[1] != SIDE * SIDE:
        raise ValueError(f"rows have {rows.shape[1]} fields: {SIDE * SIDE} are expected")
    return torch.from_numpy(rows)


def predict_fn(pixels: torch.Tensor, network: Network) -> np.ndarray:
    with torch.no_grad():
        return torch.softmax(network(pixels), dim=1).numpy()


def output_fn(probabilities: np.ndarray, _accept: str) -> tuple[str, str]:
    text = io.StringIO()
    np.savetxt(text, probabilities, delimiter=",", fmt="%.7g")
    return text.getvalue(), "text/csv"
