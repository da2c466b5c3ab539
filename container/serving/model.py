"""A model folder, checked and ready to answer: the engine, how requests are read, how answers are written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from container.features.contract import MAX_BYTES, ContractError
from container.features.encoding import FILE_NAME, Encoding, read_encoding
from container.numeric_csv import Rows
from container.serving.engines import AUTO, ENGINES, Loaded, load_engine
from container.serving.formats import CSV, ENCODERS, JSON, JSON_LINES, Encoder
from container.serving.instances import instances_of_json, instances_of_json_lines
from container.serving.numeric import NumericReader
from container.serving.ports import Engine
from container.serving.selected import Selection, SelectionError
from container.serving.trees import TreeError
from container.serving.typed import TypedReader
from container.serving.xgboost_engine import EngineError

Decoder = Callable[[bytes], Rows]


class ModelError(Exception):
    """The model folder cannot be served; the text says what is there and what is expected."""


class Reader(Protocol):
    def csv(self, body: bytes) -> Rows: ...
    def instances(self, instances: list[object]) -> Rows: ...


@dataclass(frozen=True)
class Model:
    """`decoders` and `encoders` by media type; `note` is a line for the log."""

    engine: Engine
    decoders: Mapping[str, Decoder]
    encoders: Mapping[str, Encoder]
    note: str


def load_model(folder: Path, threads: int, output: str = "", wanted: str = AUTO) -> Model:
    """Load a model folder. Raises ModelError.

    `output` is SAGEMAKER_INFERENCE_OUTPUT, `wanted` SERVE_ENGINE: xgboost, or auto, which takes what is
    proven equal and faster.
    """
    loaded, encoding = _loaded(model_file(folder), threads, wanted), load_encoding(folder)
    reader: Reader = TypedReader(encoding) if encoding else NumericReader(loaded.feature_count)
    if isinstance(reader, TypedReader) and reader.width != loaded.feature_count:
        found = f"{reader.width} columns by {FILE_NAME}, {loaded.feature_count} in the booster"
        raise ModelError(f"the model's files do not belong together: {found}; take both from one training")
    classes = encoding.contract.classes if encoding else ()
    return Model(loaded.engine, decoders_of(reader), _encoders(output, loaded, classes), loaded.note)


def _loaded(path: Path, threads: int, wanted: str) -> Loaded:
    if wanted not in ENGINES:
        raise ModelError(f"SERVE_ENGINE is {wanted!r}: it must be {' or '.join(ENGINES)}")
    try:
        return load_engine(path, threads, wanted)
    except (EngineError, TreeError) as error:
        raise ModelError(f"{path.name} cannot be loaded: {error}") from None


def model_file(folder: Path) -> Path:
    """model.ubj or model.json of a model folder. Raises ModelError."""
    path = next((folder / name for name in ("model.ubj", "model.json") if (folder / name).is_file()), None)
    if path is None:
        found = ", ".join(sorted(item.name for item in folder.iterdir())) if folder.is_dir() else "no folder"
        raise ModelError(f"{folder} has no model.ubj or model.json (found: {found or 'nothing'})")
    return path


def load_encoding(folder: Path) -> Encoding | None:
    """encoding.json; None for a model that was trained without a contract. Raises ModelError."""
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return read_encoding(file.read(MAX_BYTES + 1))
    except ContractError as error:
        raise ModelError(f"{FILE_NAME} cannot be used: {error}") from None


def decoders_of(reader: Reader) -> Mapping[str, Decoder]:
    return {
        CSV: reader.csv,
        JSON: lambda body: reader.instances(instances_of_json(body)),
        JSON_LINES: lambda body: reader.instances(instances_of_json_lines(body)),
    }


def _encoders(output: str, loaded: Loaded, classes: tuple[str, ...]) -> Mapping[str, Encoder]:
    if not output.strip():
        return ENCODERS
    try:
        return Selection(output, loaded.objective, classes, loaded.class_count).encoders
    except SelectionError as error:
        raise ModelError(f"SAGEMAKER_INFERENCE_OUTPUT: {error}") from None
