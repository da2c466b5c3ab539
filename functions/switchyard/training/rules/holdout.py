"""Which rows of a first dataset become the holdout: a fifth of each class, chosen by the rows' own hashes.

The same rows give the same holdout in any order. A dataset that cannot give a holdout to judge by is refused before
anything is trained, with how much data would do.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from math import ceil

from switchyard.core.errors import InvalidDatasetError

SHARE = 0.2
MOST_ROWS = 20_000
LEAST_OF_A_CLASS = 5  # fewer tell nothing of how a class is predicted
ALL = 0.0  # the one group of a regression
LARGEST = "g"  # behind every digest


@dataclass
class _Group:
    """The smallest hashes of one class, and how many rows it has. Hex has the order of the numbers."""

    most: int
    rows: int = 0
    smallest: list[str] = field(default_factory=list)  # and up to as many again, before they are sorted out
    bound: str = LARGEST  # what is not below it is none of them

    def add(self, digests: Sequence[str], rows: int) -> None:
        """rows: of the class, among them all that are below the bound."""
        bound = self.bound
        self.rows += rows
        self.smallest += [digest for digest in digests if digest < bound]
        if len(self.smallest) > 2 * self.most:
            self.smallest = self.lowest()
            self.bound = self.smallest[-1]

    def lowest(self) -> list[str]:
        return sorted(self.smallest)[: self.most]


@dataclass
class Taking:
    """Looks at every row once; then says which are held out. minimum_rows: what the gate asks for; classes: the names
    of the labels, in their order.
    """

    are_classes: bool
    minimum_rows: int
    groups: dict[float, _Group] = field(default_factory=dict)
    classes: Sequence[str] = ()

    def add(self, digests: Sequence[str], labels: Sequence[float]) -> None:
        rows = Counter(labels) if self.are_classes else Counter({ALL: len(digests)} if digests else {})
        for label in rows:
            self.groups.setdefault(label, _Group(max(MOST_ROWS, self.minimum_rows)))
        # Of many rows nearly all are above every bound, and are counted alone.
        bound = max((group.bound for group in self.groups.values()), default=LARGEST)
        is_low = [digest < bound for digest in digests]
        low = list(compress(digests, is_low))
        by_label: dict[float, list[str]] = defaultdict(list)
        for digest, label in zip(low, compress(labels, is_low), strict=True):
            by_label[label if self.are_classes else ALL].append(digest)
        for label, count in rows.items():
            self.groups[label].add(by_label[label], count)

    @property
    def rows(self) -> int:
        return sum(group.rows for group in self.groups.values())

    def counts(self) -> dict[float, int]:
        """Rows to hold out, by class."""
        share = min(SHARE, max(MOST_ROWS, self.minimum_rows) / self.rows)
        return {label: _count(group.rows, share, self.are_classes) for label, group in self.groups.items()}

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
            {label: _limit(self.groups[label].lowest()[count - 1]) for label, count in counts.items()},
        )

    def _name(self, label: float) -> str:
        return self.classes[int(label)][:40] if self.classes else f"{label:g}"

    def _refuse_rare(self, rows: int, least: int) -> None:
        if not self.are_classes:
            return
        rare = sorted(label for label, group in self.groups.items() if group.rows < least)
        if rare:
            fewest = min(self.groups[label].rows for label in rare)
            named = ", ".join(f"{self._name(label)} ({_rows(self.groups[label].rows)})" for label in rare[:5])
            raise InvalidDatasetError(
                f"too few of {rows} rows to judge by are of class {named}; at least {least} rows of each class are "
                f"needed in a first dataset; bring about {ceil(rows * least / fewest)} rows like "
                f"these, or put a holdout of your own beside the model. Nothing was kept of this one"
            )


@dataclass(frozen=True)
class Taken:
    """The rows that are held out: those of each class whose hash begins below its limit, or with it."""

    are_classes: bool
    limits: Mapping[float, str]

    def holds(self, digests: Sequence[str], labels: Sequence[float]) -> list[bool]:
        if not self.are_classes:
            limit = self.limits[ALL]
            return [digest < limit for digest in digests]
        limit_of, last = self.limits.get, max(self.limits.values())
        held = zip(digests, labels, strict=True)
        return [digest < last and digest < limit_of(label, "") for digest, label in held]


def _count(rows: int, share: float, are_classes: bool) -> int:
    least = min(LEAST_OF_A_CLASS, rows // 2) if are_classes else 1
    return max(ceil(round(share * rows, 9)), least)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _limit(digest: str) -> str:
    """Behind all digests that begin so."""
    return f"{digest[:16]}{LARGEST}"
