"""The README's picture of the console: the page of the demo's second run, in headless Chromium."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from cli.demo.story import MODEL
from cli.records.ledger import read_lines
from cli.stack.home import REPOSITORY, Home
from cli.stack.stack import Stack
from tests.browser.devtools import page
from tests.browser.live import console_of

CONSOLE = REPOSITORY / "docs" / "console.png"
SHOWN = "v2.csv"
SCREEN = (1400, 1250)  # pixels


def photograph(home: Home, to: Path = CONSOLE) -> None:
    """What is first seen of the newest run of `SHOWN`, on the stack that the demo has left running."""
    [*_, line] = [line for line in read_lines(Stack.load(home), MODEL) if line.source.endswith(f"/{SHOWN}")]
    with console_of(home) as address, tempfile.TemporaryDirectory() as profile:
        asyncio.run(_photograph(f"{address}/models/{MODEL}/runs/{line.run_id}", to, Path(profile)))


async def _photograph(address: str, to: Path, profile: Path) -> None:
    async with page(profile) as tab:
        await tab.open(address, width=SCREEN[0], height=SCREEN[1])
        await tab.until("document.getElementById('rollout') !== null")
        await tab.picture(to, whole=False)
