"""Rollouts of a stack that really runs, steered in Chromium by a person with a keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.demo.clients import in_background
from cli.demo.data import make_demo_data
from cli.records.follow import follow_run
from tests.browser.devtools import Page, page
from tests.browser.live import Digits, console_of, status_of
from tests.e2e.support import (
    LIVE_ENDPOINT,
    MODEL,
    fresh_rows,
    live_endpoint,
    stack_of_its_own,
)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800), pytest.mark.xdist_group("stack")]


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Digits]:
    with stack_of_its_own(tmp_path_factory.mktemp("switchyard")) as stack:
        found = Digits(stack, make_demo_data())
        found.begin()
        yield found


async def steered(tab: Page, address: str, verb: str, reason: str) -> str:
    """By the keyboard: the button, the question, the reason, yes. Answers what the page then says."""
    await tab.open(address)
    await tab.until(f"document.querySelector('a[href$=\"/{verb}\"]') !== null")
    await tab.walk_to(verb.capitalize())
    await tab.press("Enter")
    await tab.until(f"location.pathname.endsWith('/{verb}') && document.readyState === 'complete'")
    assert (await tab.focused()).startswith("input: Why?")
    await tab.press("Enter")  # without a reason nothing is sent
    assert await tab.evaluate("document.querySelector('#reason:invalid') !== null")
    await tab.write(reason)
    await tab.walk_to(f"Yes, {verb}")
    await tab.press("Enter")
    await tab.until("location.search.startsWith('?done=') && document.readyState === 'complete'")
    return str(await tab.evaluate("document.getElementById('said').innerText"))


def test_a_live_rollout_is_held_resumed_and_promoted_by_a_person(digits: Digits, tmp_path: Path) -> None:
    line = digits.rolling("v2", digits.data.drops["v2"])
    address = f"/models/{MODEL}/runs/{line.run_id}"
    orders = {"hold": "change freeze", "resume": "the freeze is over", "promote": "the owner wants it today"}

    async def steer(base: str) -> dict[str, str]:
        async with page(tmp_path) as tab:
            return {verb: await steered(tab, base + address, verb, reason) for verb, reason in orders.items()}

    with console_of(digits.stack.home) as base, in_background(digits.clients()) as clients:
        said = asyncio.run(steer(base))
        ended = follow_run(digits.stack, MODEL, line.run_id, 300)
        report = clients.snapshot()
    assert "stays at this step" in said["hold"]
    assert ended.state == "PROMOTED", ended.reason
    assert orders["promote"] in ended.reason
    given = digits.ledger.orders(line.run_id)
    assert [(order["order"], order["reason"]) for order in given] == list(orders.items())
    assert digits.record(line.run_id)["orders"] == given
    assert report.requests > 0
    assert report.error_count == 0


def test_a_stranger_steers_nothing_and_a_person_aborts(digits: Digits, tmp_path: Path) -> None:
    champion = live_endpoint(digits.stack).weights
    line = digits.rolling("v3", fresh_rows(3))
    address = f"/models/{MODEL}/runs/{line.run_id}"

    async def abort(base: str) -> str:
        async with page(tmp_path) as tab:
            return await steered(tab, base + address, "abort", "trained on the wrong week")

    with console_of(digits.stack.home) as base, in_background(digits.clients()):
        root = base.partition("/t/")[0]
        strangers = {
            "another site": status_of(f"{base}{address}/abort", origin="http://evil.example"),
            "no site": status_of(f"{base}{address}/abort", origin=""),
            "no token": status_of(f"{root}{address}/abort", origin=root),
            "another token": status_of(f"{root}/t/{'A' * 43}{address}/abort", origin=root),
        }
        assert strangers == dict.fromkeys(strangers, 403)
        assert digits.ledger.orders(line.run_id) == []
        asyncio.run(abort(base))
        ended = follow_run(digits.stack, MODEL, line.run_id, 300)
    assert (ended.state, "trained on the wrong week" in ended.reason) == ("ABORTED", True), ended.reason
    assert live_endpoint(digits.stack, LIVE_ENDPOINT).weights == champion
