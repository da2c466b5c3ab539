"""A feature that says what the target is: equal to it, a scaled copy, or one code for each class.

Every column is a suspect until a row clears it; most are cleared within a few rows, so whole datasets can be looked at.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from switchyard.core.data.rows import Value

MINIMUM_ROWS = 20  # fewer rows agree by chance
MAX_CODES = 50  # more codes than classes can be is no code, but an identifier
TOLERANCE = 1e-9  # of how far the column goes, whatever its unit and wherever it begins
ROUNDED = 1e-15  # of its numbers: what rounding to 64 bits leaves


@dataclass
class _Code:
    """One value of the feature for each value of the target, and the other way round."""

    label_of: dict[Value, Value] = field(default_factory=dict)
    code_of: dict[Value, Value] = field(default_factory=dict)

    def clears(self, value: Value, label: Value) -> bool:
        same = self.label_of.setdefault(value, label) == label
        same = same and self.code_of.setdefault(label, value) == value
        return not same or len(self.label_of) > MAX_CODES

    @property
    def says(self) -> str:
        return "has one value for each value of the target" if len(self.label_of) > 1 else ""


@dataclass
class _Line:
    """feature = slope * target + offset, by the first two different labels. Words have no slope."""

    points: list[tuple[float, float]] = field(default_factory=list)

    def clears(self, value: Any, label: Any) -> bool:
        if len(self.points) < 2:
            if any(known == label for known, _ in self.points):
                return any(value != other for known, other in self.points if known == label)
            self.points.append((label, value))
            return False
        (x0, y0), (x1, y1) = self.points
        expected = y0 + (label - x0) * (y1 - y0) / (x1 - x0)
        spread = max(abs(y1 - y0), abs(expected - y0))
        rounded = ROUNDED * max(abs(y0), abs(y1), abs(expected))
        return y1 == y0 or abs(value - expected) > TOLERANCE * spread + rounded

    @property
    def says(self) -> str:
        if len(self.points) < 2 or self.points[0][1] == self.points[1][1]:
            return ""
        return "equals the target" if all(x == y for x, y in self.points) else "is the target, scaled"


@dataclass
class Leakage:
    """Looks at the rows of one dataset; `trusted` are columns that may do it, `words` those whose values are texts."""

    columns: Sequence[str]
    target: str
    trusted: Collection[str] = ()
    words: Collection[str] = ()

    def __post_init__(self) -> None:
        self._target = self.columns.index(self.target)
        self._rows = dict.fromkeys(range(len(self.columns)), 0)
        words = set(self.words)
        self._suspects: dict[int, list[_Code | _Line]] = {
            position: [_Code()] if words & {name, self.target} else [_Line(), _Code()]
            for position, name in enumerate(self.columns)
            if name != self.target and name not in self.trusted
        }

    @property
    def suspects(self) -> Sequence[int]:
        """Positions of the columns that no row has cleared; values of others are looked at no more."""
        return tuple(self._suspects)

    def add(self, values: Sequence[Value]) -> None:
        """The values of one checked row; a missing one says nothing."""
        label = values[self._target]
        for position, suspicions in list(self._suspects.items()):
            value = values[position]
            if value != value or value == "":
                continue
            self._rows[position] += 1
            left = [each for each in suspicions if not each.clears(value, label)]
            if left:
                self._suspects[position] = left
            else:
                del self._suspects[position]

    def found(self) -> tuple[str, str, int] | None:
        """The first column that gives the target away, how, and in how many rows; or None."""
        for position, suspicions in self._suspects.items():
            says = [each.says for each in suspicions if each.says]
            if says and self._rows[position] >= MINIMUM_ROWS:
                return self.columns[position], says[0], self._rows[position]
        return None
