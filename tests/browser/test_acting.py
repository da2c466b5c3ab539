"""Acting on the console in a real browser, by the keyboard alone; a page of another site gets nothing done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Site as Elsewhere
from tests.browser.conftest import visit
from tests.browser.console import console
from tests.browser.devtools import page
from tests.cli.settled_runs import RUN_ID
from tests.console.rollouts import rollout
from tests.console.site import Site
from tests.console.site import site as empty

ADDRESS = f"/models/digits/runs/{RUN_ID}"


@pytest.fixture
def stack() -> Iterator[Site]:
    with empty() as found:
        yield rollout(found)


def test_a_rollout_is_held_by_the_keyboard(stack: Site, tmp_path: Path) -> None:
    async def hold(address: str) -> tuple[str, str]:
        async with page(tmp_path) as tab:
            await tab.open(address + ADDRESS)
            await tab.walk_to("Hold")
            await tab.press("Enter")
            await tab.until("location.pathname.endsWith('/hold') && document.readyState === 'complete'")
            assert (await tab.focused()).startswith("input: Why?")
            await tab.write("change freeze")
            await tab.walk_to("Yes, hold")
            await tab.press("Enter")
            await tab.until("location.search.startsWith('?done=') && document.readyState === 'complete'")
            said = await tab.evaluate("document.getElementById('said').innerText")
            return said, await tab.evaluate("document.getElementById('verdict').innerText")

    with console(stack) as (_, may_act):
        said, verdict = asyncio.run(hold(may_act))
    assert "stays at this step" in said
    assert "By hand: hold since" in verdict
    assert "change freeze" in verdict
    [order] = stack.desk.ledger.orders(RUN_ID)
    assert (order["order"], order["reason"]) == ("hold", "change freeze")


def test_a_page_of_another_site_has_nothing_done_though_it_had_the_address(
    stack: Site, site: Elsewhere, tmp_path: Path
) -> None:
    with console(stack) as (address, may_act):
        targets = [f"{base}{ADDRESS}/{verb}" for base in (address, may_act) for verb in ("promote", "abort")]
        seen = visit(site, tmp_path, targets)
    assert {seen[f"simple fetch {target}"] for target in targets} == {"failed"}
    assert stack.desk.ledger.orders(RUN_ID) == []
    assert stack.recorded.changed == []
