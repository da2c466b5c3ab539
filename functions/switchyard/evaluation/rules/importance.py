"""Which columns a boosted model goes by: the share of the gain of all its splits that each column has.

Gain is what XGBoost calls `total_gain`. A column that a model reads as several (a date, a text) has the gain of all.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from switchyard.core.data.contract import Feature, Kind
from switchyard.evaluation.rules.ubjson import UbjsonError, read_ubjson

LISTED = 100
DATE_COLUMNS = 6  # days, year, month, day, weekday, hour: container/features/dates.py
PICKLE = b"\x80"


class UnreadableModelError(Exception):
    """Why a model says nothing of its columns."""


@dataclass(frozen=True)
class Importance:
    """columns: (name, share of the gain), the largest first, at most LISTED. absent: why there are none, or ""."""

    columns: tuple[tuple[str, float], ...] = ()
    absent: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Importance":
        return cls(tuple((str(name), float(share)) for name, share in data["columns"]), str(data["absent"]))


def importance_of(model: bytes, features: Sequence[Feature], *, is_encoded: bool) -> Importance:
    """UnreadableModelError for what is no tree model of XGBoost. features: in the order of requests.

    is_encoded: of the project's own image, which sorts columns by kind and takes dates and texts apart.
    """
    gains, width = _gains(model)
    names = _names(features, width) if is_encoded else [feature.name for feature in features]
    found: dict[str, float] = defaultdict(float)
    for index, gain in gains.items():
        found[names[index] if index < len(names) else f"column {index + 1}"] += gain
    total = sum(found.values())
    if not total:
        raise UnreadableModelError("its trees have no splits")
    shares = sorted(
        ((name, round(gain / total, 6)) for name, gain in found.items()), key=lambda each: (-each[1], each[0])
    )
    return Importance(tuple(shares[:LISTED]))


def _gains(model: bytes) -> tuple[dict[int, float], int]:
    """Gain by the index of the column, and how many columns the model reads."""
    learner = _read(model)["learner"]
    booster = learner["gradient_booster"]
    trees = booster.get("gbtree", booster).get("model", {}).get("trees")
    if not trees:
        raise UnreadableModelError("it is no model of trees")
    gains: dict[int, float] = defaultdict(float)
    for tree in trees:
        splits = zip(tree["split_indices"], tree["loss_changes"], tree["left_children"], strict=True)
        for column, gain, child in splits:
            if child != -1:
                gains[int(column)] += float(gain)
    return gains, int(learner["learner_model_param"]["num_feature"])


def _read(model: bytes) -> Any:
    if model.startswith(PICKLE):
        raise UnreadableModelError("it is a pickle, which is never opened")
    try:
        return json.loads(model) if model[:2] in (b'{"', b"{\n", b"{ ") else read_ubjson(model)
    except (UbjsonError, ValueError, RecursionError) as error:
        raise UnreadableModelError(f"it is no model that XGBoost writes ({error})") from None


def _names(features: Sequence[Feature], width: int) -> list[str]:
    """Names by the index of the model's columns: numbers and booleans, categories, then dates and texts.

    A date is always as many columns; what is left over is that of the texts.
    """
    numbers = [each.name for each in features if each.kind.is_numeric]
    categories = [each.name for each in features if each.kind is Kind.CATEGORY]
    wide = [each for each in features if each.kind in (Kind.DATE, Kind.TEXT)]
    names = [*numbers, *categories]
    for each in wide:
        names += [each.name] * _columns_of(each, wide, width - len(numbers) - len(categories))
    return names


def _columns_of(feature: Feature, wide: Sequence[Feature], left: int) -> int:
    dates = sum(each.kind is Kind.DATE for each in wide)
    if feature.kind is Kind.DATE:
        return DATE_COLUMNS
    return (left - dates * DATE_COLUMNS) // max(1, len(wide) - dates)
