"""What is measured, in which sizes, and in which order: half an hour on two quiet cores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
MOST_MINUTES = 30.0
AT_ONCE = 2  # cores
CLASSES, NUMBERS = ("--problem", "binary", "--problem", "multiclass"), ("--problem", "regression")


@dataclass(frozen=True)
class Part:
    """A benchmark with its sizes. quick: small ones, that show that it works; alone: it needs all cores for itself.

    What is not alone compares CPU time of long processes in turns: another one beside it slows both sides down.
    Milliseconds that a viewer waits are not of that kind.
    """

    name: str
    about: str
    module: str
    sizes: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    alone: bool = False

    def arguments(self, *, is_quick: bool) -> list[str]:
        return ["-m", self.module, *(self.quick if is_quick else self.sizes), "--json"]


PARTS = (
    Part(
        "serving",
        "the container's server beside peers and its floor",
        "benchmarks.serving",
        ("--rounds", "14", "--seconds", "0.3"),
        ("--rounds", "1", "--seconds", "0.2"),
        alone=True,
    ),
    Part(
        "training",
        "the container's training beside pandas",
        "benchmarks.training_path",
        quick=("--rows", "20000", "--boosts", "5", "--rounds", "1"),
        alone=True,
    ),
    Part(
        "demo",
        "`switchyard demo` on built environments, and where the time of v2.csv went",
        "benchmarks.line.demo",
        alone=True,
    ),
    Part(
        "evaluation",
        "two models' scores of ten million rows beside pandas and scikit-learn",
        "benchmarks.evaluation",
        CLASSES,
        (*CLASSES, "--rows", "20000"),
    ),
    Part(
        "regression",
        "the same of numbers, which takes a second or two",
        "benchmarks.evaluation",
        NUMBERS,
        (*NUMBERS, "--rows", "20000", "--rounds", "1"),
        alone=True,
    ),
    Part(
        "starts",
        "functions with their clients beside a typical one",
        "benchmarks.lambda_start",
        (),
        ("--rounds", "1"),
        alone=True,
    ),
    Part(
        "artifacts",
        "model.tar.gz of 500 MB beside tarfile",
        "benchmarks.artifacts",
        ("--rounds", "2"),
        ("--megabytes", "10", "--rounds", "1"),
    ),
    Part(
        "line",
        "500 runs with stubbed jobs, polling beside them, and a sweep of 1,000 models",
        "benchmarks.line",
        (),
        ("--runs", "6", "--models", "3"),
    ),
    Part(
        "console",
        "pages of the console, of 1,000 models and 10,000 runs",
        "benchmarks.console",
        quick=("--models", "20", "--runs", "1000", "--seconds", "1"),
        alone=True,
    ),
)


def played(parts: Sequence[Part], play: Callable[[Part], T]) -> Iterator[T]:
    """Parts that need all cores one after another, then the others two at a time, the longest first."""
    for part in parts:
        if part.alone:
            yield play(part)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(play, (part for part in parts if not part.alone))


def chosen(names: Iterable[str]) -> list[Part]:
    """All where none is named. Raises ValueError for a name that no part has."""
    wanted = set(names)
    if unknown := wanted - {part.name for part in PARTS}:
        known = ", ".join(part.name for part in PARTS)
        raise ValueError(f"there is no part {', '.join(sorted(unknown))}; there are {known}")
    return [part for part in PARTS if not wanted or part.name in wanted]
