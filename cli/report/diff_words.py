"""The cells of the table that says what changed in the data."""

from __future__ import annotations

from switchyard.training.rules.dataset_diff import LEAST_ROWS, ColumnChange

SHOWN = 5


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
