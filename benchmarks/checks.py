"""A promise with its figure: printed as a row, and the reason for a non-zero exit when it is missed."""

from __future__ import annotations

import json
import math
import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Check:
    """`value` must be at most, or at least, a limit. command: what prints it alone, where that is one of many.

    spread: the least and the most of the rounds that `value` is the middle of, where there were several.
    """

    name: str
    value: float
    at_most: float = math.inf
    at_least: float = -math.inf
    command: str = ""
    spread: tuple[float, float] | None = None

    @property
    def passed(self) -> bool:
        return self.at_least <= self.value <= self.at_most

    @property
    def limit(self) -> str:
        return f"<= {self.at_most:g}" if self.at_most < math.inf else f">= {self.at_least:g}"

    def to_dict(self) -> dict[str, Any]:
        value = float(self.value)
        told = {"check": self.name, "value": value, "limit": self.limit, "passed": self.passed}
        more = {"command": self.command, "spread": self.spread and [*map(float, self.spread)]}
        return told | {name: each for name, each in more.items() if each}


def middle(name: str, ratios: Sequence[float], **limit: float) -> Check:
    """A ratio that each round gave anew, whose sides ran within seconds of each other: a busy minute meets both."""
    spread = (min(ratios), max(ratios)) if len(ratios) > 1 else None
    return Check(name, statistics.median(ratios), spread=spread, **limit)


def finish(
    rows: Sequence[dict[str, Any]],
    checks: Sequence[Check],
    as_json: bool,
    show: Callable[[Sequence[dict[str, Any]], Sequence[Check]], None],
) -> NoReturn:
    """Prints all, a JSON object a line or as `show` does, and exits with 1 where a promise was missed."""
    if as_json:
        for line in (*rows, *(check.to_dict() for check in checks)):
            typer.echo(json.dumps(line))
    else:
        show(rows, checks)
    raise typer.Exit(0 if all(check.passed for check in checks) else 1)


def show(rows: Sequence[dict[str, Any]], checks: Sequence[Check]) -> None:
    """Every member of the rows as a column, and the promises, if there are any, below."""
    console = Console(highlight=False, width=None if os.isatty(1) else 160)
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values()))
    console.print(table)
    if checks:
        console.print(table_of(checks))


def table_of(checks: Sequence[Check]) -> Table:
    """A row for each, with its figure and whether it holds."""
    has_commands = any(check.command for check in checks)
    table = Table("promise", "value", "limit", "", *["command"] * has_commands, title="Must hold")
    for check in checks:
        mark = "pass" if check.passed else "[red]MISSED[/]"
        table.add_row(check.name, f"{check.value:.5g}", check.limit, mark, *[check.command] * has_commands)
    return table


def upper_limit(share: float, runs: int, confidence: float = 0.99) -> float:
    """Largest probability that still shows `share` or less with probability 1 - confidence (exact binomial)."""
    seen = round(share * runs)
    low, high = 0.0, 1.0
    for _ in range(50):
        p = 0.5 * (low + high)
        low, high = (p, high) if _at_most(seen, runs, p) > 1 - confidence else (low, p)
    return high


def _at_most(seen: int, runs: int, p: float) -> float:
    if p >= 1:
        return float(seen >= runs)
    logs = [
        math.lgamma(runs + 1) - math.lgamma(k + 1) - math.lgamma(runs - k + 1)
        + (k * math.log(p) if k else 0.0) + (runs - k) * math.log1p(-p)
        for k in range(seen + 1)
    ]  # fmt: skip
    return math.fsum(math.exp(each) for each in logs)
