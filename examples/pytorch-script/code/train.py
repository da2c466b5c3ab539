"""A small convolutional network for images of 8 x 8 pixels, trained by SageMaker's script mode.

Channels train and (optional) validation: CSV without a header, the label first, then 64 pixels from 0 to 16.
Writes model.pth (weights alone, no code), shape.json, and code/inference.py, which serves them.
"""

import argparse
import json
import os
import shutil
from pathlib import Path

import numpy as np
import torch
from network import Network
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def main() -> None:
    options = read_options()
    torch.manual_seed(options.seed)
    train, validation = read_channel("TRAIN"), read_channel("VALIDATION")
    if train is None:
        raise SystemExit("channel train is missing")
    classes = int(train.tensors[1].max()) + 1
    network = Network(options.hidden, max(classes, options.classes))
    fit(network, train, validation, options)
    save(network, Path(os.environ["SM_MODEL_DIR"]))


def read_options() -> argparse.Namespace:
    """The job's hyperparameters: SageMaker's toolkit passes them as `--name value`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=0.002)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument(
        "--classes", type=int, default=2, help="at least so many, also where train lacks some"
    )
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def read_channel(name: str) -> TensorDataset | None:
    """All files of a channel as (pixels, labels)."""
    folder = os.environ.get(f"SM_CHANNEL_{name}")
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file()) if folder else []
    if not files:
        return None
    rows = np.concatenate([np.loadtxt(path, dtype=np.float32, delimiter=",", ndmin=2) for path in files])
    return TensorDataset(torch.from_numpy(rows[:, 1:]), torch.from_numpy(rows[:, 0]).long())


def fit(
    network: Network, train: TensorDataset, validation: TensorDataset | None, options: argparse.Namespace
) -> None:
    """Prints one line of metrics an epoch, for the job's MetricDefinitions."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.learning_rate)
    loss_of = nn.CrossEntropyLoss()
    for epoch in range(options.epochs):
        network.train()
        for pixels, labels in DataLoader(train, options.batch_size, shuffle=True):
            optimizer.zero_grad()
            loss = loss_of(network(pixels), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch={epoch} train-loss={float(loss):.5f}" + measure(network, validation), flush=True)


def measure(network: Network, validation: TensorDataset | None) -> str:
    if validation is None:
        return ""
    network.eval()
    with torch.no_grad():
        pixels, labels = validation.tensors
        scores = network(pixels)
        loss = nn.functional.cross_entropy(scores, labels)
        accuracy = (scores.argmax(dim=1) == labels).float().mean()
    return f" validation-loss={float(loss):.5f} validation-accuracy={float(accuracy):.5f}"


def save(network: Network, folder: Path) -> None:
    """The weights and what rebuilds the network around them; the serving code goes with the model it fits."""
    torch.save(network.state_dict(), folder / "model.pth")
    (folder / "shape.json").write_text(json.dumps({"hidden": network.hidden, "classes": network.classes}))
    code = folder / "code"
    code.mkdir(exist_ok=True)
    for name in ("inference.py", "network.py"):
        shutil.copy(Path(__file__).with_name(name), code / name)


if __name__ == "__main__":
    main()
