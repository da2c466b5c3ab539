"""The cells of the table that says what changed in the data."""

from __future__ import annotations

from switchyard.training.rules.dataset_diff import LEAST_ROWS, ColumnChange, DatasetDiff

SHOWN = 5
AT_ONCE = 10  # rows of the table; the others, and none that is worth naming, are folded away
MOST_AT_ONCE = 30


def in_two(diff: DatasetDiff) -> tuple[list[ColumnChange], list[ColumnChange]]:
    """The columns that are shown at once, and the rest."""
    named = sum(1 for each in diff.columns if each.notable)
    count = min(max(named, AT_ONCE), MOST_AT_ONCE)
    return list(diff.columns[:count]), list(diff.columns[count:])


def index(value: float | None) -> str:
    """A population stability index: two decimals are all that matters."""
    if value is None:
        return "-"
    return f"{value:.2f}" if value >= 0.005 or not value else "< 0.01"


def kinds(change: ColumnChange) -> str:
    before, after = (kind or "absent" for kind in change.kinds)
    return after if before == after else f"{before} → {after}"


def missing(shares: tuple[float | None, float | None]) -> str:
    """`0.2 % → 31 %`, or one of them where both read the same."""
    before, after = ("-" if share is None else f"{100 * share:.2g} %" for share in shares)
    return after if before == after else f"{before} → {after}"


def categories(change: ColumnChange) -> str:
    """The names of those that came and went; the rare ones by their number alone."""
    came, went = change.rare
    parts = [_named("new", change.gained), _named("gone", change.lost)]
    parts += [f"{came} new in fewer than {LEAST_ROWS} rows"] if came else []
    parts += [f"{went} gone in fewer than {LEAST_ROWS} rows"] if went else []
    return "; ".join(part for part in parts if part)


def _named(what: str, names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{what}: {', '.join(names[:SHOWN])}{more}" if names else ""
