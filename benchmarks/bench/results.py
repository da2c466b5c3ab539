"""RESULTS.md: every line beside its goal, with the date, the versions and the machine that it was measured on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.bench.outcome import Line, Outcome

HEAD = """# What was measured

Written by `make bench`, which measures all of it again and fails where a line is missed; not edited by hand.
A ratio is of one run, in which both sides take turns on the same machine; where CPU time is compared it is user and
system time of all processes. Ratios travel to other machines, absolute times do not. The spread is that of the rounds.
"""


def written(about: Mapping[str, Any], outcomes: Sequence[Outcome], left: Sequence[str] = ()) -> str:
    """The whole document. left: parts that have not been measured."""
    parts = [HEAD, *_machine(about), *_verdict(outcomes)]
    parts += [f"- Not measured: {', '.join(left)}"] if left else []
    for each in outcomes:
        parts += ["", f"## {each.part.name}: {each.part.about}", "", *_lines(each.lines), *_notes(each.notes)]
        parts += _rows(each.rows)
    return "\n".join(parts) + "\n"


def _machine(about: Mapping[str, Any]) -> Iterator[str]:
    yield from ("| | |", "|---|---|")
    for name, value in about.items():
        text = ", ".join(f"{key} {each}" for key, each in value.items()) if isinstance(value, dict) else value
        yield f"| {name} | {text} |"


def _verdict(outcomes: Iterable[Outcome]) -> Iterator[str]:
    lines = [line for each in outcomes for line in each.lines]
    missed = [line for line in lines if not line.passed]
    yield ""
    yield f"**{len(lines) - len(missed)} of {len(lines)} lines hold.**" + (" Missed:" if missed else "")
    yield from (f"- {line.part}: {line.name}: {number(line.value)}, must be {line.limit}" for line in missed)


def _lines(lines: Sequence[Line]) -> Iterator[str]:
    yield from ("| line | figure | spread | goal | |", "|---|---|---|---|---|")
    for line in lines:
        spread = f"{number(line.spread[0])} to {number(line.spread[1])}" if line.spread else ""
        mark = "holds" if line.passed else "**missed**"
        yield f"| {line.name} | {number(line.value)} | {spread} | {line.limit} | {mark} |"


def _notes(notes: Sequence[str]) -> Iterator[str]:
    if notes:
        yield ""
    yield from (f"- {note}" for note in notes)


def _rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Tables of rows that have the same members."""
    before: tuple[str, ...] = ()
    for row in rows:
        if tuple(row) != before:
            before = tuple(row)
            yield from ("", f"| {' | '.join(before)} |", "|---" * len(before) + "|")
        yield f"| {' | '.join(map(number, row.values()))} |"


def number(value: Any) -> str:
    """Three digits that count; whole numbers as they are."""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,.0f}"
    return str(value).replace("|", "\\|")
