"""What a job trains on: its channels, read by the contract of the data where there is one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from container.features.contract import MAX_BYTES, Contract, ContractError, read_contract
from container.features.encoding import Encoding
from container.layout import Layout
from container.training.channels import NumericReader, files_of, read_channel
from container.training.errors import TrainingError
from container.training.hyperparameters import Hyperparameters
from container.training.typed import TypedReader


@dataclass(frozen=True)
class Rows:
    """`labels` has shape (rows,), `features` (rows, columns); `weights` as labels, None where all rows count alike."""

    labels: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32] | None = None

    @classmethod
    def of(cls, table: npt.NDArray[np.float32], is_weighed: bool = False) -> "Rows":
        if is_weighed:
            return cls(labels=table[:, 0], features=table[:, 2:], weights=table[:, 1])
        return cls(labels=table[:, 0], features=table[:, 1:])


@dataclass(frozen=True)
class Dataset:
    """`feature_types` and `encoding` are None without a contract."""

    train: Rows
    validation: Rows | None
    feature_types: list[str] | None = None
    encoding: Encoding | None = None

    @property
    def parts(self) -> dict[str, Rows]:
        return {"train": self.train} | ({"validation": self.validation} if self.validation else {})

    @property
    def has_categories(self) -> bool:
        return "c" in (self.feature_types or ())


def read_contract_channel(layout: Layout) -> Contract | None:
    """contract.json of the channel `contract`; None if the job has no such channel. Raises TrainingError."""
    folder = layout.channel("contract")
    if not folder.is_dir():
        return None
    names = [str(path.relative_to(folder)) for path in files_of(folder)]
    if names != ["contract.json"]:
        found = ", ".join(names[:10]) or "no file"
        raise TrainingError(f"channel contract must hold one file, contract.json (found: {found})")
    try:
        with (folder / "contract.json").open("rb") as file:
            return read_contract(file.read(MAX_BYTES + 1))
    except ContractError as error:
        raise TrainingError(f"channel contract, contract.json: {error}") from None


def reader_of(contract: Contract | None) -> NumericReader | TypedReader:
    return TypedReader(contract) if contract else NumericReader()


def read_dataset(
    layout: Layout, reader: NumericReader | TypedReader, hyperparameters: Hyperparameters
) -> Dataset:
    """Read the channels train and validation; of typed rows the reader knows the categories then.

    Raises TrainingError.
    """
    typed = reader if isinstance(reader, TypedReader) else None
    train = read_channel(layout, "train", hyperparameters, reader)
    if train is None:
        raise TrainingError("channel train is missing: give InputDataConfig a channel of that name")
    encoding = typed.settle(train) if typed else None
    validation = read_channel(layout, "validation", hyperparameters, reader)
    is_weighed = typed is not None and typed.is_weighed
    return Dataset(
        train=Rows.of(train, is_weighed),
        validation=None if validation is None else Rows.of(validation, is_weighed),
        feature_types=typed.feature_types if typed else None,
        encoding=encoding,
    )
