"""What a part printed: rows, and lines that hold or are missed. Its output is JSON, an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.bench.schedule import Part

ENDED = "ran to its end"
NOTE = "note: "


@dataclass(frozen=True)
class Line:
    """A figure beside its goal. spread: the least and the most of the rounds, where there were several."""

    part: str
    name: str
    value: float
    limit: str
    passed: bool
    spread: tuple[float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Outcome:
    """notes: what the part said about what it could not have. seconds: by the clock; cpu_s: of all its processes."""

    part: Part
    rows: tuple[Mapping[str, Any], ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    seconds: float
    cpu_s: float = 0.0

    @property
    def missed(self) -> list[Line]:
        return [line for line in self.lines if not line.passed]


def outcome(
    part: Part, printed: str, said: str, exit_code: int, seconds: float, cpu_s: float = 0.0
) -> Outcome:
    """printed, said: standard output and error. A part that broke off, or promised nothing, has missed a line."""
    objects = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    lines = [_line(part, each) for each in objects if "check" in each]
    is_whole = (
        bool(lines) and exit_code in (0, 1) and (exit_code == 1) == any(not each.passed for each in lines)
    )
    lines.append(Line(part.name, ENDED, float(is_whole), ">= 1", is_whole))
    rows = tuple(each for each in objects if "check" not in each)
    return Outcome(part, rows, tuple(lines), tuple(_notes(said.splitlines())), seconds, cpu_s)


def _line(part: Part, told: Mapping[str, Any]) -> Line:
    spread = told.get("spread")
    pair = (float(spread[0]), float(spread[1])) if spread else None
    return Line(part.name, told["check"], float(told["value"]), told["limit"], told["passed"], pair)


def _notes(said: Iterable[str]) -> Iterable[str]:
    return (line.removeprefix(NOTE) for line in said if line.startswith(NOTE))
