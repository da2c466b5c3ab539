"""The report as everyone has to be able to read it: axe finds nothing serious, and nothing is wider than a phone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.records.executions import State
from cli.report.page import render
from switchyard.core.run import RunState
from tests.browser.devtools import page
from tests.browser.test_accessible import WAYS
from tests.cli.judged_runs import PROBLEMS, judged_evaluation
from tests.cli.pages import facts_of
from tests.cli.settled_runs import BEGAN, Desk, blocks
from tests.fakes.store import Clock, MemoryItems, MemoryStorage

LONG_SOURCE = "s3://switchyard-data-000000000000-us-east-1/digits-batch/train/v2.csv"
VISITS = tuple(
    State(name, datetime.fromtimestamp(BEGAN, UTC), 12.0) for name in ("PrepareDataset", "IsLargeHoldout")
)


def report(folder: Path, problem: str) -> Path:
    """A settled run with every part that the problem has."""
    desk = Desk(MemoryItems(), MemoryStorage("artifacts", Clock()))
    desk.differ()
    frozen = desk.snapshot()
    desk.roll_out(RunState.ROLLED_BACK, blocks(8, 30), frozen, evaluation=judged_evaluation(problem))
    path = folder / f"{problem}.html"
    facts = replace(facts_of(desk, visits=VISITS), source=LONG_SOURCE)
    path.write_text(render(facts), encoding="utf-8")
    return path


@pytest.mark.parametrize(("scheme", "width"), WAYS)
def test_every_report_is_for_everyone(tmp_path: Path, scheme: str, width: int) -> None:
    paths = [report(tmp_path, problem) for problem in PROBLEMS]

    async def look() -> dict[str, tuple[list[str], int, list[str]]]:
        seen = {}
        async with page(tmp_path / "profile") as tab:
            for path in paths:
                await tab.open(path.as_uri(), width=width, scheme=scheme)
                narrow = await tab.narrow_cells() + await tab.cut_off()
                seen[path.name] = await tab.faults(), await tab.overflow(), narrow
                await tab.picture(tmp_path / f"{path.stem}-{scheme}-{width}.png")
        return seen

    assert asyncio.run(look()) == {path.name: ([], 0, []) for path in paths}


A4 = 680  # pixels between the margins of an upright page


def test_a_printed_report_is_no_wider_than_its_page_and_cuts_no_word(tmp_path: Path) -> None:
    paths = [report(tmp_path, problem) for problem in PROBLEMS]

    async def look() -> dict[str, tuple[int, list[str]]]:
        seen = {}
        async with page(tmp_path / "profile") as tab:
            for path in paths:
                await tab.open(path.as_uri(), width=A4)
                await tab.call("Emulation.setEmulatedMedia", media="print")
                seen[path.name] = await tab.overflow(), await tab.narrow_cells()
        return seen

    assert asyncio.run(look()) == {path.name: (0, []) for path in paths}
