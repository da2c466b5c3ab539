"""Every page of the console of a stack that really runs, followed link by link, is for everyone: axe finds nothing."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cli.demo.clients import in_background
from cli.demo.data import make_demo_data
from cli.records.follow import follow_run
from cli.rows.deploy import batch
from cli.rows.player import Player
from cli.stack.stack import Stack
from tests.browser.devtools import Page, page
from tests.browser.live import Digits, console_of
from tests.browser.test_accessible import WAYS
from tests.e2e.support import (
    MODEL,
    await_line,
    fresh_rows,
    stack_of_its_own,
    switchyard,
)
from tests.walk.files import few_rows

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800), pytest.mark.xdist_group("stack")]

RUN_PAGE = r"/models/[^/]+/runs/[^/]+"
KINDS = {
    "models": r"/",
    "model": r"/models/[^/]+",
    "run": RUN_PAGE,
    "report": rf"{RUN_PAGE}/report",
    "record": rf"{RUN_PAGE}/record",
    "state": rf"{RUN_PAGE}/states/.+",
    "act": rf"{RUN_PAGE}/(hold|resume|step|promote|abort|retry)",
}
# A way back is offered while no run is under way; nobody links to what is not there.
WITHOUT_A_LINK = (f"/models/{MODEL}/rollback", "/models/nothing")
MOST_OF_A_KIND = 2  # of one model
LINKS = """JSON.stringify([...document.querySelectorAll('a[href]')]
  .map(a => new URL(a.getAttribute('href'), location.href).href))"""
IS_READ = (
    "document.readyState === 'complete' && !document.body.innerText.includes('this page refreshes by itself')"
)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Digits]:
    """With a former champion, beside a batch model and one of so few rows that cross-validation judges."""
    with stack_of_its_own(tmp_path_factory.mktemp("switchyard")) as stack:
        batch.play(_player(stack))
        _few(stack, tmp_path_factory.mktemp("few"))
        found = Digits(stack, make_demo_data())
        found.begin()
        with in_background(found.clients()):
            line = found.rolling("v2", found.data.drops["v2"])
            told = switchyard(stack.home, "promote", line.run_id, "--reason", "a former champion is wanted")
            assert told.returncode == 0, told.stdout + told.stderr
            assert follow_run(stack, MODEL, line.run_id, 300).state == "PROMOTED"
        yield found


def _player(stack: Stack) -> Player:
    player = Player(stack, "batch")
    player.upload()
    return player


def _few(stack: Stack, folder: Path) -> None:
    file = few_rows(folder)
    told = switchyard(
        stack.home, "init", str(file), "--target", "left", "--output", str(folder / "p.yaml"), "--upload"
    )
    [key] = re.findall(r"Dropped: (\S+)\. ", told.stdout)
    await_line(stack, key.partition("/")[0], key)


def kind_of(path: str) -> str:
    return next((kind for kind, form in KINDS.items() if re.fullmatch(form, path)), "")


async def crawled(tab: Page, base: str) -> Mapping[str, list[str]]:
    """The pages that links lead to from the first, by kind; a few of each model."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    seen, open_ends = {"/"}, ["/"]
    while open_ends:
        path = open_ends.pop(0)
        kind, model = kind_of(path), path.split("/")[2] if path.count("/") > 1 else ""
        if sum(f"/models/{model}" in other for other in found[kind]) >= MOST_OF_A_KIND and model:
            continue
        found[kind].append(path)
        if kind in ("report", "record"):
            continue
        await tab.open(base + path)
        await tab.until(IS_READ)
        own = [
            link.removeprefix(base).partition("#")[0]
            for link in json.loads(await tab.evaluate(LINKS))
            if link.startswith(base)
        ]
        new = [each for each in dict.fromkeys(own) if kind_of(each) and each not in seen]
        seen.update(new)
        open_ends += new
    return found


def test_every_page_of_a_live_console_is_reached_and_is_for_everyone(digits: Digits, tmp_path: Path) -> None:
    digits.rolling("v3", fresh_rows(3))

    async def look(base: str) -> tuple[Mapping[str, list[str]], dict[str, tuple[list[str], int, list[str]]]]:
        faults = {}
        async with page(tmp_path) as tab:
            found = await crawled(tab, base)
            pages = [path for kind, paths in found.items() if kind != "record" for path in paths]
            for scheme, width in WAYS:
                for path in [*pages, *WITHOUT_A_LINK]:
                    await tab.open(base + path, width=width, scheme=scheme)
                    await tab.until(IS_READ)
                    narrow = await tab.narrow_cells() + await tab.cut_off()
                    seen = await tab.faults(), await tab.overflow(), narrow
                    if seen != ([], 0, []):
                        faults[f"{path} {scheme} {width}"] = seen
        return found, faults

    with console_of(digits.stack.home) as base, in_background(digits.clients()):
        found, faults = asyncio.run(look(base))
    assert faults == {}
    assert {kind: bool(paths) for kind, paths in found.items()} == dict.fromkeys(KINDS, True)
    assert {path.split("/")[2] for path in found["run"]} == {MODEL, "few", "digits-batch"}
