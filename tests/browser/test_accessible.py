"""The console as everyone has to be able to use it: axe finds nothing serious, and nothing is wider than a phone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.console import console
from tests.browser.devtools import page
from tests.cli.judged_runs import judged_evaluation
from tests.cli.settled_runs import RUN_ID
from tests.console.rollouts import rollout
from tests.console.site import site

ADDRESSES = (
    "/",
    "/?q=nothing+of+this+name",
    "/models/digits",
    f"/models/digits/runs/{RUN_ID}",
    f"/models/digits/runs/{RUN_ID}/abort",
    f"/models/digits/runs/{RUN_ID}/states/switchyard-retrain-{RUN_ID}/Train",
    "/models/nothing",
)
WAYS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where a person may act on a console that shows a run under way, with all that was judged of it."""
    with site() as stack:
        rollout(stack)
        stack.desk.differ()
        stack.desk.write(f"digits/evaluations/{RUN_ID}/evaluation.json", judged_evaluation("binary"))
        with console(stack) as (_, may_act):
            yield may_act


@pytest.mark.parametrize(("scheme", "width"), WAYS)
def test_every_page_is_for_everyone(address: str, tmp_path: Path, scheme: str, width: int) -> None:
    async def look() -> dict[str, tuple[list[str], int, list[str]]]:
        seen = {}
        async with page(tmp_path) as tab:
            for page_of in ADDRESSES:
                await tab.open(address + page_of, width=width, scheme=scheme)
                narrow = await tab.narrow_cells() + await tab.cut_off()
                seen[page_of] = await tab.faults(), await tab.overflow(), narrow
        return seen

    assert asyncio.run(look()) == dict.fromkeys(ADDRESSES, ([], 0, []))
