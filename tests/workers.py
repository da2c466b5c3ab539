"""How `pytest -n auto` hands out tests: a file to a worker, a stack with all its tests to one, the longest first; what
mostly waits stands between what mostly computes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

WAITING = 2  # more workers than cores: where one waits for what it started, another one uses the core
STACKS = "tests/e2e/"
LONGEST = (  # what comes after them fills the gaps; a file that is missing here costs time at the end, and nothing else
    f"{STACKS}demo/",
    STACKS,
    "tests/stack/",
    "tests/crash_points/",
    "tests/contract/",
    "tests/statemachine/",
    "tests/plane/scaling/",
    "tests/container/",
    "tests/benchmarks/",
    "tests/layers/",
    "tests/decision/",
    "tests/cli/",
    "tests/console/",
    "tests/simulation/",
)
WAITING_MOSTLY = ("tests/plane/", "tests/statemachine/")  # four of them at a time leave a core without work


class Units(LoadScopeScheduling):
    """Units of work: the files, and the folders whose tests share a stack."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    file = nodeid.split("::")[0]
    return str(PurePosixPath(file).parent) if file.startswith(STACKS) else file


def many() -> int:
    return (os.cpu_count() or 1) + WAITING


def longest_first(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank(item.nodeid))
    units = list(dict.fromkeys(unit_of(item.nodeid) for item in items))
    places = {unit: at for at, unit in enumerate(mixed(units))}
    items.sort(key=lambda item: places[unit_of(item.nodeid)])


def mixed(units: Sequence[str], waiting: tuple[str, ...] = WAITING_MOSTLY) -> list[str]:
    """Both kinds in their order, spread over the whole."""
    kinds = [[unit for unit in units if unit.startswith(waiting) is waits] for waits in (False, True)]
    spread = [((at + 1) / len(kind), unit) for kind in kinds for at, unit in enumerate(kind)]
    return [unit for _, unit in sorted(spread, key=lambda placed: placed[0])]


def rank(nodeid: str, longest: Sequence[str] = LONGEST) -> int:
    return next((at for at, head in enumerate(longest) if nodeid.startswith(head)), len(longest))
