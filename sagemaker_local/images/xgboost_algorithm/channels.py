"""Channels: text/csv without a header, label first, or text/libsvm; read by XGBoost's own text loader.

"For CSV training, the algorithm assumes that the target variable is in the first column and that the CSV does
not have a header record." "For libsvm training, the algorithm assumes that the label is in the first column."
"""

import csv
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xgboost

from sagemaker_local.images.xgboost_algorithm.errors import UserError

CSV, LIBSVM = "csv", "libsvm"
_CONTENT_TYPES = {
    "csv": CSV,
    "text/csv": CSV,
    "libsvm": LIBSVM,
    "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM,
}
_ELSEWHERE = ("parquet", "recordio-protobuf", "application/x-parquet", "application/x-recordio-protobuf")
_CHANNELS = ("train", "validation")


def read_channels(data: Path, declared: Mapping[str, Any], csv_weights: bool) -> dict[str, xgboost.DMatrix]:
    """`train` and, where the job has it, `validation`. Raises UserError in the algorithm's words."""
    if "train" not in declared:
        raise UserError("Missing required channel: train")
    for name in declared:
        if name not in _CHANNELS:
            raise UserError(f"Extraneous channel found: {name}")
    return {
        name: _read_channel(name, data / name, declared[name], csv_weights)
        for name in _CHANNELS
        if name in declared
    }


def content_type(given: str | None) -> str:
    """`csv` or `libsvm`, which is the default. Raises UserError."""
    name, *parameters = (part.strip() for part in (given or LIBSVM).lower().split(";"))
    sizes = [value for key, _, value in (each.partition("=") for each in parameters) if key == "label_size"]
    if _CONTENT_TYPES.get(name) == CSV and sizes not in ([], ["1"]):
        raise UserError(
            f"{given} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1"
        )
    if name in _ELSEWHERE:
        raise UserError(
            f"ContentType {given} is not supported by the local image: use text/csv or text/libsvm"
        )
    if name not in _CONTENT_TYPES:
        raise UserError(
            f"{given} is not an accepted ContentType: {', '.join([*_CONTENT_TYPES, *_ELSEWHERE])}."
        )
    return _CONTENT_TYPES[name]


def _read_channel(name: str, folder: Path, declared: Mapping[str, Any], weights: bool) -> xgboost.DMatrix:
    if declared.get("TrainingInputMode") == "Pipe":
        raise UserError(f"Pipe mode is not supported for channel '{name}': use File or FastFile")
    kind = content_type(declared.get("ContentType"))
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "_"))
    )
    if not files:
        raise UserError(f"No data found in the channel '{name}'")
    for file in files:
        (_check_csv if kind == CSV else _check_libsvm)(file)
    return _load(files, kind, _delimiter(files[0]) if kind == CSV else "", weights)


def _load(files: list[Path], kind: str, delimiter: str, weights: bool) -> xgboost.DMatrix:
    """The loader takes one folder without subfolders, and names without its own separators: links have such names."""
    options = f"format={kind}"
    if kind == CSV:
        options += f"&label_column=0&delimiter={delimiter}" + ("&weight_column=1" if weights else "")
    with tempfile.TemporaryDirectory() as staging:
        for number, file in enumerate(files):
            (Path(staging) / f"{number:06}").symlink_to(file.resolve())
        try:
            return xgboost.DMatrix(f"{staging}?{options}")
        except xgboost.core.XGBoostError as error:
            raise UserError(f"Failed to load {kind} data with exception:\n{_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _delimiter(file: Path) -> str:
    line = _line(file)
    try:
        return csv.Sniffer().sniff(line, delimiters=",;\t| ").delimiter
    except csv.Error:
        raise UserError(f"Could not determine delimiter on the first line of file '{file.name}'") from None


def _check_csv(file: Path) -> None:
    """AWS's loader takes a header for a row of zeros; here it is an error."""
    if not all(_is_number(field) for field in _line(file).split(_delimiter(file))):
        raise UserError(
            f"First line of file '{file.name}' is not 'CSV' format of numbers (a header?). Please ensure the file "
            "is in 'CSV' format: no header, the label first."
        )


def _check_libsvm(file: Path) -> None:
    label, *features = _line(file).split() or [""]
    labels = [part for part in label.split(":", 1) if _is_number(part) and part]
    if len(labels) != label.count(":") + 1 or not all(":" in feature for feature in features):
        raise UserError(
            f"First line of file '{file.name}' is not 'LIBSVM' format. Please ensure the file is in 'LIBSVM' format."
        )


def _is_number(text: str) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True


def _line(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as lines:
        return lines.readline().rstrip("\r\n")
