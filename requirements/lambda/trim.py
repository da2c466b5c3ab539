"""Takes out of a layer what no function reads, botocore's data above all: `python trim.py FOLDER`.

What a client costs to make is mostly the reading of its service's model: SageMaker's has over 400 operations, and the
functions call about 30 of them. services.json beside this file has the list; a test holds it to what functions/ calls.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SERVICES: dict[str, list[str]] = json.loads(Path(__file__).with_name("services.json").read_text())
UNUSED = (
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/[!_j]*",  # all but jmespath_utils, which Logger imports
    "pydantic/v1",  # the models of its first version
    "yaml/_yaml.*",  # libyaml, which SafeLoader does without
)


def main(layer: Path) -> None:
    """layer: the folder that holds botocore/."""
    data = layer / "botocore/data"
    for folder in filter(Path.is_dir, list(data.iterdir())):
        if folder.name not in SERVICES:
            shutil.rmtree(folder)
    prefixes = {_trim_service(data / name, operations) for name, operations in SERVICES.items()}
    _trim_endpoints(data / "endpoints.json", prefixes)
    for pattern in UNUSED:
        _remove(layer, pattern)


def _trim_service(folder: Path, operations: list[str]) -> str:
    """Keeps the newest version with these operations; answers the name that endpoints.json knows the service by."""
    *older, newest = sorted(folder.iterdir())
    for each in older:
        shutil.rmtree(each)
    for file in newest.glob("examples-*"):
        file.unlink()
    for packed in newest.glob("*.gz"):  # a layer is packed as a whole
        packed.with_suffix("").write_text(_dense(json.loads(gzip.decompress(packed.read_bytes()))))
        packed.unlink()
    model = newest / "service-2.json"
    kept = trimmed(json.loads(model.read_text()), operations)
    model.write_text(_dense(kept))
    return str(kept["metadata"]["endpointPrefix"])


def _remove(layer: Path, pattern: str) -> None:
    found = list(layer.glob(pattern))
    if not found:
        sys.exit(
            f"trim.py: nothing in the layer matches {pattern}. Next: take it out of UNUSED, or name what replaced it."
        )
    for each in found:
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()


def trimmed(model: dict[str, Any], operations: list[str]) -> dict[str, Any]:
    """A service's model with these operations and the shapes that they reach."""
    kept = {name: model["operations"][name] for name in operations}
    shapes: dict[str, Any] = {}
    waiting = list(_shapes_of(kept))
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting += _shapes_of(shapes[name])
    return model | {"operations": kept, "shapes": dict(sorted(shapes.items()))}


def _shapes_of(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("shape"), str):
            yield part["shape"]
        for value in part.values():
            yield from _shapes_of(value)
    elif isinstance(part, list):
        for value in part:
            yield from _shapes_of(value)


def _undocumented(part: Any) -> Any:
    """With documentation that is empty: there must be some."""
    if isinstance(part, dict):
        return {
            key: "" if key == "documentation" and isinstance(value, str) else _undocumented(value)
            for key, value in part.items()
        }
    return [_undocumented(each) for each in part] if isinstance(part, list) else part


def _trim_endpoints(file: Path, prefixes: set[str]) -> None:
    endpoints = json.loads(file.read_text())
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in services if name in prefixes}
    file.write_text(_dense(endpoints))


def _dense(value: Any) -> str:
    """As JSON without spaces, and without documentation."""
    return json.dumps(_undocumented(value), separators=(",", ":"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
