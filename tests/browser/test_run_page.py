"""The page of a run in a real browser: the whole graph of the longest machine at once, a state opened by a key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.browser.console import console
from tests.browser.devtools import page
from tests.cli.settled_runs import RUN, RUN_ID
from tests.console.histories import TOKEN, History
from tests.console.site import site
from tests.contract.cloudformation import ROOT

ADDRESS = f"/models/digits/runs/{RUN_ID}"
# (states of the main graph, those whose box lies whole within the window, the lowest height of a name in pixels)
GRAPH = """(() => { document.getElementById('machine').scrollIntoView();
  const boxes = [...document.querySelectorAll('#machine .box')];
  const whole = boxes.map(box => box.getBoundingClientRect()).filter(at => at.top >= 0 && at.bottom <= innerHeight
    && at.left >= 0 && at.right <= innerWidth);
  const names = [...document.querySelectorAll('#machine .name')].map(name => name.getBoundingClientRect().height);
  return JSON.stringify([boxes.length, whole.length, Math.min(...names)]); })()"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A console that shows a run in its training, on the machine as it is deployed."""
    text = json.dumps(yaml.safe_load((ROOT / "statemachine/retrain.asl.yaml").read_text()))
    with site() as stack:
        stack.run_under_way(RUN)
        history = History(chained=True).begin().task("PrepareDataset")
        history.enter("StartTraining", text='{"rows": 1234}')
        history.schedule(TOKEN)
        stack.recorded.record("retrain", RUN_ID, history, text, "RUNNING")
        with console(stack) as (_, may_act):
            yield may_act


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_whole_graph_is_seen_at_once_and_can_be_read(address: str, tmp_path: Path, scheme: str) -> None:
    async def look() -> tuple[int, int, float]:
        async with page(tmp_path) as tab:
            await tab.open(address + ADDRESS, scheme=scheme)
            assert await tab.faults() == []
            states, whole, height = json.loads(await tab.evaluate(GRAPH))
            return states, whole, height

    states, whole, height = asyncio.run(look())
    assert whole == states > 25
    assert height >= 11


def test_a_state_is_opened_by_the_keyboard(address: str, tmp_path: Path) -> None:
    async def walk() -> tuple[str, str]:
        async with page(tmp_path) as tab:
            await tab.open(address + ADDRESS)
            await tab.walk_to("StartTraining (Task): waiting")
            await tab.press("Enter")
            await tab.until(
                "location.pathname.endsWith('/StartTraining') && document.readyState === 'complete'"
            )
            said = await tab.evaluate("document.querySelector('main').innerText")
            await tab.walk_to(RUN_ID)
            await tab.press("Enter")
            await tab.until(f"location.pathname.endsWith('/{RUN_ID}') && document.readyState === 'complete'")
            return said, await tab.evaluate("document.title")

    said, title = asyncio.run(walk())
    assert '"rows": 1234' in said
    assert RUN_ID in title
