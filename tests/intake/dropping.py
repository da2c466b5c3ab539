"""One small table dropped in any form: its record, and what was seen in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tests.fakes.stations import Stations

BASE = [(at % 2, at * 37 % 101, at * 53 % 97) for at in range(60)]
DEFAULT = "name: digits\ntarget: y\n"


def table(rows: Sequence[tuple[object, ...]], header: str = "y,a,b", separator: str = ",") -> str:
    return "\n".join([header, *(separator.join(map(str, row)) for row in rows)]) + "\n"


def with_field(text: str) -> str:
    """In row 3, column a."""
    return table([(0, 1, 2), (1, text, 3), *BASE])


def with_column(*texts: str) -> str:
    """Column a has these, again and again."""
    return table([(y, texts[at // 2 % len(texts)], b) for at, (y, _, b) in enumerate(BASE)])


def dropped(body: str | bytes, key: str = "digits/train/w.csv", pipeline: str = DEFAULT) -> tuple[str, str]:
    """State and reason of the one record."""
    state, reason, _ = seen({key: body}, pipeline)
    return state, reason


def folder(files: Mapping[str, str | bytes], pipeline: str = DEFAULT) -> tuple[str, str, dict[str, str]]:
    """The same of a folder, closed behind its files; and the kind of each feature."""
    return seen(
        {f"digits/train/v1/{name}": body for name, body in {**files, "_SUCCESS": ""}.items()}, pipeline
    )


def seen(files: Mapping[str, str | bytes], pipeline: str = DEFAULT) -> tuple[str, str, dict[str, str]]:
    """Of objects that arrive one after the other, as the last leaves it."""
    stations = Stations()
    stations.artifacts.write("digits/pipeline.yaml", pipeline.encode())
    for key, body in files.items():
        stations.clock.pass_(1)
        stations.data.write(key, body if isinstance(body, bytes) else body.encode())
    stations.admission.admit(list(files)[-1])
    [record] = stations.uploads()
    return str(record["state"]), str(record.get("reason", "")), _kinds(stations)


def _kinds(stations: Stations) -> dict[str, str]:
    manifests = [key for key in stations.artifacts.objects if key.endswith("/manifest.json")]
    return dict(json.loads(stations.artifacts.read(manifests[0]))["features"]) if manifests else {}
