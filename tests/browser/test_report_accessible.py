"""The report as everyone has to be able to read it: axe finds nothing serious, and nothing is wider than a phone."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cli.report.page import render
from switchyard.core.run import RunState
from switchyard.evaluation.rules.class_figures import class_figures
from switchyard.stats.paired import PairedSums
from tests.browser.devtools import page
from tests.browser.test_accessible import WAYS
from tests.cli.pages import facts_of
from tests.cli.report.test_report_of_importance import NEW, OLD
from tests.cli.report.test_report_of_performance import of
from tests.cli.settled_runs import CHAMPION, Desk, blocks, gate
from tests.evaluation.test_gate import rows as binary_rows
from tests.evaluation.test_performance import of_numbers, of_three
from tests.fakes.store import Clock, MemoryItems, MemoryStorage


def report(folder: Path, problem: str) -> Path:
    """A settled run with every part that the problem has."""
    desk = Desk(MemoryItems(), MemoryStorage("artifacts", Clock()))
    rows = {"binary": binary_rows, "multiclass": of_three, "regression": of_numbers}[problem]
    performance = of(problem, rows(800, seed=1), "no", "a word of some length", "yes").to_dict()
    evaluation: dict[str, Any] = {"champion": CHAMPION, "artifact_sha256": "12" * 32, "gate": gate()}
    if problem != "regression":
        sums = PairedSums.from_rows(problem, rows(800, seed=1))
        figures = class_figures(sums, ("no", "a word of some length", "yes"))
        evaluation["gate"] = gate() | {"classes": [asdict(each) for each in figures]}
    evaluation["importance"] = {"challenger": NEW.to_dict(), "champion": OLD.to_dict()}
    desk.differ()
    frozen = desk.snapshot()
    desk.roll_out(
        RunState.ROLLED_BACK, blocks(8, 30), frozen, evaluation=evaluation | {"performance": performance}
    )
    path = folder / f"{problem}.html"
    path.write_text(render(facts_of(desk)), encoding="utf-8")
    return path


@pytest.mark.parametrize(("scheme", "width"), WAYS)
def test_every_report_is_for_everyone(tmp_path: Path, scheme: str, width: int) -> None:
    paths = [report(tmp_path, problem) for problem in ("binary", "multiclass", "regression")]

    async def look() -> dict[str, tuple[list[str], int, list[str]]]:
        seen = {}
        async with page(tmp_path / "profile") as tab:
            for path in paths:
                await tab.open(path.as_uri(), width=width, scheme=scheme)
                seen[path.name] = await tab.faults(), await tab.overflow(), await tab.narrow_cells()
                await tab.picture(tmp_path / f"{path.stem}-{scheme}-{width}.png")
        return seen

    assert asyncio.run(look()) == {path.name: ([], 0, []) for path in paths}


A4 = 680  # pixels between the margins of an upright page


def test_a_printed_report_is_no_wider_than_its_page(tmp_path: Path) -> None:
    paths = [report(tmp_path, problem) for problem in ("binary", "multiclass", "regression")]

    async def look() -> dict[str, int]:
        seen = {}
        async with page(tmp_path / "profile") as tab:
            for path in paths:
                await tab.open(path.as_uri(), width=A4)
                await tab.call("Emulation.setEmulatedMedia", media="print")
                seen[path.name] = await tab.overflow()
        return seen

    assert asyncio.run(look()) == {path.name: 0 for path in paths}
