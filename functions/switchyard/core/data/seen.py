"""What the door saw of a dropped table: it is kept with the snapshot, so that no later step infers anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from switchyard.core.data.contract import Feature, Kind
from switchyard.core.data.target import LabelStatistics


@dataclass(frozen=True)
class Seen:
    """features: in the order of the file. ignored: columns that are left out, each with the reason. weight: the column
    that says how much a row counts, "" without one.
    """

    labels: LabelStatistics
    features: tuple[Feature, ...]
    ignored: Mapping[str, str] = field(default_factory=dict)
    weight: str = ""

    def to_dict(self) -> dict[str, Any]:
        distinct = sorted(self.labels.distinct, key=lambda each: (isinstance(each, str), each))
        return {
            "labels": {"rows": self.labels.rows, "distinct": distinct},
            "features": [[feature.name, feature.kind.value] for feature in self.features],
            "ignored": dict(self.ignored),
            **({"weight": self.weight} if self.weight else {}),
        }


def read_seen(manifest: Mapping[str, Any], target: str) -> Seen | None:
    """None of files of any type. A snapshot that is older than kinds has numbers alone."""
    found = manifest["labels"]
    if found is None:
        return None
    distinct = {each if isinstance(each, str) else float(each) for each in found["distinct"]}
    columns = manifest.get("features") or [
        [name, Kind.NUMBER] for name in manifest["columns"] if name != target
    ]
    features = tuple(Feature(name, Kind(kind)) for name, kind in columns)
    labels = LabelStatistics(int(found["rows"]), distinct)
    return Seen(labels, features, manifest.get("ignored") or {}, str(manifest.get("weight", "")))
