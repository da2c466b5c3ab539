"""What changed between two datasets, column by column, the biggest change first; and the sentence that names it.

Both are samples of training rows in the same bins. A change is worth naming when it is larger than custom allows (a
population stability index of 0.2, a twentieth of the rows) and larger than chance brings forth between two samples of
one law.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from switchyard.core.known_members import known_members
from switchyard.stats.population_stability import RARE, by_chance, psi, relation_psi
from switchyard.training.rules.distribution import Feature, InputDistribution, Table

CUSTOM_PSI = 0.2
CUSTOM_SHARE = 0.05  # of the rows, that are missing now or were, or that are of categories that came or went
LEAST_ROWS = 5  # of a category that is named: what is rarer may be a single person's
OTHER_COLUMNS = 10.0  # the size of a column that came, went, or is of another kind
UNUSED_COLUMNS = 0.1  # of one that is not trained on
SHOWN, SHOWN_SIGNS, LISTED = 3, 40, 100


@dataclass(frozen=True)
class ColumnChange:
    """Pairs are (before, after). kinds: "" where the column is not there. missing: shares of the rows.

    drift: PSI. relation: PSI of the column together with the target, beyond what either explains alone. gained, lost:
    categories of LEAST_ROWS rows and more; rare: how many of fewer. notable: what is worth naming. size: the largest
    change, in units of what is worth naming.
    """

    name: str
    kinds: tuple[str, str]
    missing: tuple[float | None, float | None] = (None, None)
    drift: float | None = None
    relation: float | None = None
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    rare: tuple[int, int] = (0, 0)
    notable: tuple[str, ...] = ()
    size: float = 0.0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ColumnChange":
        read: dict[str, Any] = {
            n: tuple(v) if isinstance(v, list) else v for n, v in known_members(cls, data).items()
        }
        return cls(**read)


@dataclass(frozen=True)
class DatasetDiff:
    """against: the run whose dataset is `before`. rows: of the whole datasets, (before, after).

    columns: those that differ, at most LISTED; unlisted: how many more do. says: what would explain a rejection.
    """

    against: str
    target: str
    rows: tuple[int, int]
    columns: tuple[ColumnChange, ...]
    unlisted: int
    says: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "DatasetDiff":
        columns = tuple(map(ColumnChange.from_dict, data["columns"]))
        before, after = data["rows"]
        return cls(data["against"], data["target"], (before, after), columns, data["unlisted"], data["says"])


def dataset_diff(against: str, before: InputDistribution, after: InputDistribution) -> DatasetDiff:
    """after: in the bins of `before`."""
    sampled = (before.sampled, after.sampled)
    old, new = _columns(before), _columns(after)
    found = [_change(name, old.get(name), new.get(name), sampled) for name in {**old, **new}]
    changed = sorted((each for each in found if each), key=lambda each: (-each.size, each.name))
    target = after.target.name if after.target else ""
    rows = (before.rows, after.rows)
    says = _says(against, target, rows, changed)
    return DatasetDiff(against, target, rows, tuple(changed[:LISTED]), len(changed[LISTED:]), says)


def _columns(found: InputDistribution) -> dict[str, Feature]:
    own = [*([found.target] if found.target else []), *found.features]
    return {each.name: each for each in own} | {
        name: Feature(name, (), (), kind="ignored") for name in found.ignored
    }


def _change(
    name: str, old: Feature | None, new: Feature | None, sampled: tuple[int, int]
) -> ColumnChange | None:
    """None where nothing differs."""
    if old is None or new is None or (old.kind and old.kind != new.kind):
        return _other(name, old, new)
    gained, lost = _came(old, new), _came(new, old)
    found = ColumnChange(
        name,
        (old.kind, new.kind),
        (old.missing, new.missing),
        _drift(old, new),
        _relation(old, new),
        _named(gained),
        _named(lost),
        (len(gained) - len(_named(gained)), len(lost) - len(_named(lost))),
    )
    sizes = _sizes(found, new, sampled) | {
        "gained": sum(gained.values()) / max(1, sampled[1]) / CUSTOM_SHARE,
        "lost": sum(lost.values()) / max(1, sampled[0]) / CUSTOM_SHARE,
    }
    notable = tuple(what for what, size in sizes.items() if size >= 1)
    return replace(found, notable=notable, size=max(sizes.values())) if any(sizes.values()) else None


def _other(name: str, old: Feature | None, new: Feature | None) -> ColumnChange:
    """A column that came, went, or is of another kind; one that is not trained on changes nothing."""
    kinds = (old.kind if old else "", new.kind if new else "")
    missing = (old.missing if old else None, new.missing if new else None)
    if {*kinds} <= {"", "ignored"}:
        return ColumnChange(name, kinds, missing, size=UNUSED_COLUMNS)
    what = "kind" if old and new else "column"
    return ColumnChange(name, kinds, missing, notable=(what,), size=OTHER_COLUMNS)


def _sizes(found: ColumnChange, new: Feature, sampled: tuple[int, int]) -> dict[str, float]:
    """In units of what is worth naming. Of a column that moved into other bins nothing is known of its relation."""
    drift = (found.drift or 0.0) / max(CUSTOM_PSI, by_chance(_bins(new) - 1, *sampled))
    relation = (found.relation or 0.0) / max(CUSTOM_PSI, by_chance(_cells(new.by_target), *sampled))
    return {
        "drift": drift,
        "relation": relation if drift < 1 else 0.0,
        "missing": _moved(*found.missing, sampled),
    }


def _drift(old: Feature, new: Feature) -> float | None:
    """None where they are not in the same bins."""
    same = old.shares and (old.cuts, old.values) == (new.cuts, new.values)
    return psi(old.shares, new.shares) if same else None


def _relation(old: Feature, new: Feature) -> float | None:
    shapes = {tuple(map(len, each.by_target)) for each in (old, new)}
    same = old.by_target and len(shapes) == 1 and (old.cuts, old.values) == (new.cuts, new.values)
    return relation_psi(old.by_target, new.by_target) if same else None


def _bins(found: Feature) -> int:
    return sum(1 for share in found.shares if share)


def _cells(table: Table) -> int:
    """Degrees of freedom beyond the larger margin."""
    height, width = len(table), len(table[0]) if table else 0
    return height * width - max(height, width)


def _moved(old: float | None, new: float | None, sampled: tuple[int, int]) -> float:
    """A share, in units of what is worth naming."""
    if old is None or new is None:
        return 0.0
    n, m = (max(1, count) for count in sampled)
    both = (old * n + new * m) / (n + m)
    chance = RARE * math.sqrt(both * (1 - both) * (1 / n + 1 / m))
    return abs(new - old) / max(CUSTOM_SHARE, chance)


def _came(old: Feature, new: Feature) -> dict[str, int]:
    """Categories of `new` that `old` has not, with their rows."""
    if old.categories is None or new.categories is None:
        return {}
    return {name: rows for name, rows in new.categories.items() if name not in old.categories}


def _named(categories: Mapping[str, int]) -> tuple[str, ...]:
    by_rows = sorted(categories.items(), key=lambda each: (-each[1], each[0]))
    return tuple(name[:SHOWN_SIGNS] for name, rows in by_rows if rows >= LEAST_ROWS)


def _says(against: str, target: str, rows: tuple[int, int], changed: Sequence[ColumnChange]) -> str:
    """One plain sentence."""
    said = [
        *_relations(target, changed),
        *(_one(each, target) for each in changed if each.notable),
        _fewer(rows),
    ]
    named = [each for each in said if each]
    if not named:
        return f"No column differs from the data of {against} by more than chance and custom allow."
    more = f"; and {len(named) - SHOWN} more differ" if len(named) > SHOWN else ""
    return f"Against the data of {against}, {'; '.join(named[:SHOWN])}{more}."


def _relations(target: str, changed: Sequence[ColumnChange]) -> list[str]:
    moved = [each for each in changed if "relation" in each.notable]
    if not moved:
        return []
    most = sorted(moved, key=lambda each: -(each.relation or 0.0))
    shown = ", ".join(f"'{each.name[:SHOWN_SIGNS]}'" for each in most[:SHOWN])
    more = f" and {len(most) - SHOWN} more columns" if len(most) > SHOWN else ""
    return [
        f"the target '{target}' goes with {shown}{more} otherwise than before (were labels joined to the wrong rows?)"
    ]


def _one(change: ColumnChange, target: str) -> str:
    """What is to be said of a column beside its relation to the target."""
    name = f"the target '{change.name}'" if change.name == target else f"'{change.name[:SHOWN_SIGNS]}'"
    before, after = change.kinds
    match [what for what in change.notable if what != "relation"]:
        case ["column"]:
            return f"{name} is a new column" if after else f"{name} is not there any more"
        case ["kind"]:
            return f"{name} is read as {after}, and was read as {before}"
        case [first, *_]:
            return f"{name} {_moved_how(change, first)}"
    return ""


def _moved_how(change: ColumnChange, what: str) -> str:
    old, new = change.missing
    if "missing" in change.notable:
        return f"is missing in {new or 0:.1%} of the rows ({old or 0:.1%} before)"
    if what == "drift":
        return f"is distributed otherwise (PSI {change.drift:.2g})"
    came, names = ("has", change.gained) if what == "gained" else ("has lost", change.lost)
    shown = ", ".join(names[:SHOWN]) or "many rare ones"
    return f"{came} {'new ' if what == 'gained' else ''}categories ({shown})"


def _fewer(rows: tuple[int, int]) -> str:
    before, after = rows
    return f"there are {after:,} rows, and were {before:,}" if 2 * after < before else ""
