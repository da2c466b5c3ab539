"""The list of models in a real browser: forty on a screen, found by the keyboard, the newest trouble first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.console import console
from tests.browser.devtools import page
from tests.console.many import many
from tests.console.site import site

MODELS = 40
# Of every row that lies whole within the window: the model's name.
VISIBLE = """JSON.stringify([...document.querySelectorAll('.listed tr')].filter(row => row.querySelector('td')
  && row.getBoundingClientRect().top >= 0 && row.getBoundingClientRect().bottom <= innerHeight)
  .map(row => row.querySelector('a').innerText))"""


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, list[str]]]:
    """(where a console of forty models is, their names as it has to list them)."""
    with site() as stack:
        stack.own["s3"].delete_object(Bucket="artifacts", Key="digits/pipeline.yaml")
        names = many(stack, MODELS)
        with console(stack) as (found, _):
            yield found, names


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forty_models_fit_on_a_screen_the_newest_trouble_first(
    address: tuple[str, list[str]], tmp_path: Path, scheme: str
) -> None:
    found, names = address

    async def look() -> list[str]:
        async with page(tmp_path) as tab:
            await tab.open(found + "/", scheme=scheme)
            assert await tab.faults() == []
            return list(json.loads(await tab.evaluate(VISIBLE)))

    assert asyncio.run(look()) == names


def test_forty_models_fit_the_width_of_a_phone(address: tuple[str, list[str]], tmp_path: Path) -> None:
    async def look() -> tuple[list[str], int, list[str]]:
        async with page(tmp_path) as tab:
            await tab.open(address[0] + "/", width=390)
            return await tab.faults(), await tab.overflow(), await tab.narrow_cells()

    assert asyncio.run(look()) == ([], 0, [])


def test_a_model_is_searched_and_opened_by_the_keyboard(
    address: tuple[str, list[str]], tmp_path: Path
) -> None:
    found, _ = address

    async def search() -> tuple[str, list[str], str]:
        async with page(tmp_path) as tab:
            await tab.open(found + "/")
            await tab.walk_to("Search")
            await tab.write("MODEL-1")
            await tab.press("Enter")
            await tab.until("location.search.includes('q=') && document.readyState === 'complete'")
            asked = await tab.evaluate("location.search")
            seen = list(json.loads(await tab.evaluate(VISIBLE)))
            await tab.walk_to("model-14")
            await tab.press("Enter")
            await tab.until("location.pathname === '/models/model-14' && document.readyState === 'complete'")
            return asked, seen, await tab.evaluate("document.querySelector('h1').innerText")

    asked, seen, opened = asyncio.run(search())
    assert asked == "?q=MODEL-1&show=all"
    assert seen[0] == "model-14"
    assert sorted(seen) == [f"model-{number}" for number in range(10, 20)]
    assert opened == "model-14"
