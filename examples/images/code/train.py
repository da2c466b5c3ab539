"""A small convolutional network on pictures, trained by SageMaker's script mode.

Channels: `train` and `validation` have the pictures; `labels` has a CSV for each, the class's index first, then the
file's name; `contract` has the names of the classes. Writes model.pth (weights alone, no code), shape.json, and code/,
which serves them.
"""

import argparse
import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import torch
from network import Network
from picture import pixels
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def main() -> None:
    options = read_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)  # so small a network gains nothing by more
    contract = json.loads((Path(os.environ["SM_CHANNEL_CONTRACT"]) / "contract.json").read_text())
    shape = {"hidden": options.hidden, "classes": len(contract["target"]["classes"])}
    network = Network(**shape)
    fit(network, read_channel("train"), read_channel("validation"), options)
    save(network, shape, Path(os.environ["SM_MODEL_DIR"]))


def read_options() -> argparse.Namespace:
    """The job's hyperparameters: SageMaker's toolkit passes them as `--name value`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=0.002)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def read_channel(name: str) -> TensorDataset | None:
    """Pictures with the indices of their classes; None of a channel that is not there."""
    folder, labels = os.environ.get(f"SM_CHANNEL_{name.upper()}"), Path(os.environ["SM_CHANNEL_LABELS"])
    if folder is None:
        return None
    with (labels / f"{name}.csv").open(newline="") as file:
        rows = [(int(label), Path(folder) / record) for label, record in csv.reader(file)]
    pictures = np.stack([pixels(path.read_bytes()) for _, path in rows])
    return TensorDataset(torch.from_numpy(pictures), torch.tensor([label for label, _ in rows]))


def fit(
    network: Network, train: TensorDataset, validation: TensorDataset | None, options: argparse.Namespace
) -> None:
    """Prints one line of metrics an epoch."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.learning_rate)
    loss_of = nn.CrossEntropyLoss()
    for epoch in range(options.epochs):
        network.train()
        for pictures, labels in DataLoader(train, options.batch_size, shuffle=True):
            optimizer.zero_grad()
            loss = loss_of(network(pictures), labels)
            loss.backward()
            optimizer.step()
        print(f"epoch={epoch} train-loss={float(loss):.5f}" + measure(network, validation), flush=True)


def measure(network: Network, validation: TensorDataset | None) -> str:
    if validation is None:
        return ""
    network.eval()
    with torch.no_grad():
        pictures, labels = validation.tensors
        accuracy = (network(pictures).argmax(dim=1) == labels).float().mean()
    return f" validation-accuracy={float(accuracy):.5f}"


def save(network: Network, shape: dict[str, int], folder: Path) -> None:
    """The weights and what rebuilds the network around them; the serving code goes with the model it fits."""
    torch.save(network.state_dict(), folder / "model.pth")
    (folder / "shape.json").write_text(json.dumps(shape))
    code = folder / "code"
    code.mkdir(exist_ok=True)
    for name in ("inference.py", "network.py", "picture.py"):
        shutil.copy(Path(__file__).with_name(name), code / name)


if __name__ == "__main__":
    main()
