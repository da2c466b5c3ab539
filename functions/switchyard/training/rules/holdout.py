"""Which rows of a first dataset become the holdout: a fifth of each class, chosen by the rows' own hashes.

The same rows give the same holdout in any order. A dataset that cannot give a holdout to judge by is refused before
anything is trained, with how much data would do.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from math import ceil

from switchyard.core.data.packed.packed_rows import PackedRows
from switchyard.core.errors import InvalidDatasetError

SHARE = 0.2
MOST_ROWS = 20_000
LEAST_OF_A_CLASS = 5  # fewer tell nothing of how a class is predicted
ALL = 0  # the one group of a regression
LARGEST = 2**64  # behind every beginning of a digest


@dataclass
class _Group:
    """The smallest of one class, and how many rows it has."""

    most: int
    rows: int = 0
    smallest: list[int] = field(default_factory=list)  # and up to as many again, before they are sorted out
    bound: int = LARGEST  # what is not below it is none of them

    def add(self, beginnings: Sequence[int], rows: int) -> None:
        """rows: of the class, among them all that are below the bound."""
        bound = self.bound
        self.rows += rows
        self.smallest += [each for each in beginnings if each < bound]
        if len(self.smallest) > 2 * self.most:
            self.smallest = self.lowest()
            self.bound = self.smallest[-1]

    def lowest(self) -> list[int]:
        return sorted(self.smallest)[: self.most]


@dataclass
class Taking:
    """Looks at every row once; then says which are held out. minimum_rows: what the gate asks for; classes: their
    names, by their codes.
    """

    are_classes: bool
    minimum_rows: int
    groups: dict[int, _Group] = field(default_factory=dict)
    classes: Sequence[str] = ()

    def add(self, beginnings: Sequence[int], codes: Sequence[int]) -> None:
        """beginnings: of the rows' digests. codes: of the classes; all alike in a regression."""
        rows = Counter(codes)
        for code in rows:
            self.groups.setdefault(code, _Group(max(MOST_ROWS, self.minimum_rows)))
        # Of many rows nearly all are above every bound, and are counted alone.
        bound = max((group.bound for group in self.groups.values()), default=LARGEST)
        is_low = [each < bound for each in beginnings]
        by_code: dict[int, list[int]] = defaultdict(list)
        for each, code in zip(compress(beginnings, is_low), compress(codes, is_low), strict=True):
            by_code[code].append(each)
        for code, count in rows.items():
            self.groups[code].add(by_code[code], count)

    @property
    def rows(self) -> int:
        return sum(group.rows for group in self.groups.values())

    def counts(self) -> dict[int, int]:
        """Rows to hold out, by class."""
        share = min(SHARE, max(MOST_ROWS, self.minimum_rows) / self.rows)
        return {code: _count(group.rows, share, self.are_classes) for code, group in self.groups.items()}

    @property
    def is_small(self) -> bool:
        """Is the holdout that these rows can give smaller than the gate asks for?"""
        return not self.rows or sum(self.counts().values()) < self.minimum_rows

    def check_foldable(self, least_rows: int) -> None:
        """InvalidDatasetError where not even cross-validation can judge a model of these rows."""
        self._refuse_rare(self.rows, LEAST_OF_A_CLASS)
        if self.rows < least_rows:
            raise InvalidDatasetError(
                f"{_rows(self.rows)} are too few even for cross-validation, which asks for {least_rows}: two for each "
                f"fold; bring {least_rows - self.rows} more, or set evaluation.folds lower. Nothing was kept of these"
            )

    def taken(self) -> "Taken":
        """InvalidDatasetError says what is missing."""
        if not self.rows:
            raise InvalidDatasetError(
                f"the champion was trained on every row of this dataset, so none can be held out to judge by; "
                f"bring {ceil(self.minimum_rows / SHARE)} rows that are new, or set evaluation.small_data: "
                f"cross_validation, where the training image or script follows the plan (docs/container.md)"
            )
        rows, counts = self.rows, self.counts()
        self._refuse_rare(rows, 2 * LEAST_OF_A_CLASS)
        if sum(counts.values()) < self.minimum_rows:
            raise InvalidDatasetError(
                f"{rows} rows are too few for a first dataset: a fifth of them, {sum(counts.values())}, would be the "
                f"holdout, and the gate asks for {self.minimum_rows}; bring {ceil(self.minimum_rows / SHARE)} rows or "
                f"more, or put a holdout of your own beside the model. Nothing was kept of this one"
            )
        return Taken(
            self.are_classes,
            {code: self.groups[code].lowest()[count - 1] for code, count in counts.items()},
        )

    def _name(self, code: int) -> str:
        return self.classes[code][:40] if self.classes else str(code)

    def _refuse_rare(self, rows: int, least: int) -> None:
        if not self.are_classes:
            return
        rare = sorted(code for code, group in self.groups.items() if group.rows < least)
        if rare:
            fewest = min(self.groups[code].rows for code in rare)
            named = ", ".join(f"{self._name(code)} ({_rows(self.groups[code].rows)})" for code in rare[:5])
            raise InvalidDatasetError(
                f"too few of {rows} rows to judge by are of class {named}; at least {least} rows of each class are "
                f"needed in a first dataset; bring about {ceil(rows * least / fewest)} rows like "
                f"these, or put a holdout of your own beside the model. Nothing was kept of this one"
            )


@dataclass(frozen=True)
class Taken:
    """The rows that are held out: those of each class whose digest begins below its limit, or with it."""

    are_classes: bool
    limits: Mapping[int, int]

    def holds(self, rows: PackedRows) -> list[bool]:
        if not self.are_classes:
            limit = self.limits[ALL]
            return [each <= limit for each in rows.beginnings]
        limit_of, last = self.limits.get, max(self.limits.values())
        held = zip(rows.beginnings, rows.codes, strict=True)
        return [each <= last and each <= limit_of(code, -1) for each, code in held]


def _count(rows: int, share: float, are_classes: bool) -> int:
    least = min(LEAST_OF_A_CLASS, rows // 2) if are_classes else 1
    return max(ceil(round(share * rows, 9)), least)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
