"""How `pytest -n auto` hands out tests: a file to a worker, a stack with all its tests to one, the longest first."""

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
    "tests/plane/",
    "tests/container/",
    "tests/benchmarks/",
    "tests/layers/",
    "tests/decision/",
    "tests/cli/",
    "tests/console/",
    "tests/simulation/",
)


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


def rank(nodeid: str, longest: Sequence[str] = LONGEST) -> int:
    return next((at for at, head in enumerate(longest) if nodeid.startswith(head)), len(longest))
