"""A headless Chromium that is told what to do by its own protocol: https://chromedevtools.github.io/devtools-protocol/"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp

from tests import patience
from tests.browser.conftest import chromium

SECONDS = patience.SECONDS
AXE = files("axe_core_python") / "axe.min.js"
RUN_AXE = "axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(found.violations))"
# Cells in which a word of up to 24 letters is cut, by what the browser itself drew: parts of it lie on two lines.
NARROW = """JSON.stringify([...document.querySelectorAll('td, th')].filter(cell => {
  if (!cell.innerText.trim() || !cell.checkVisibility()) return false;
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const words = /(?<![A-Za-z0-9])[A-Za-z]{2,24}(?![A-Za-z0-9])/g;
  for (let text; (text = texts.nextNode());) for (const word of text.data.matchAll(words)) {
    const range = document.createRange();
    range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
    if (new Set([...range.getClientRects()].map(part => Math.round(part.top))).size > 1) return true;
  }
  return false;
}).map(cell => cell.innerText.slice(0, 40)))"""
FOCUSED = """(at => at.tagName.toLowerCase() + ': ' + (at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText
  ?? at.querySelector('title')?.textContent ?? at.innerText ?? '').trim())(document.activeElement)"""
MOST_TABS = 200
CUT_OFF = """JSON.stringify([...document.querySelectorAll('.rows')]
  .filter(table => table.scrollWidth > table.clientWidth).map(table => table.getAttribute('aria-label')))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Page:
    """One tab."""

    socket: aiohttp.ClientWebSocketResponse
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def call(self, method: str, **parameters: Any) -> Any:
        """The answer to one command; events that come meanwhile are passed over."""
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(SECONDS):
            while True:
                said = await self.socket.receive_json()
                if said.get("id") == number:
                    assert "error" not in said, f"{method}: {said['error']}"
                    return said["result"]

    async def evaluate(self, script: str) -> Any:
        found = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def open(
        self, address: str, *, width: int = 1280, height: int = 900, scheme: str = "light"
    ) -> None:
        """The page at an address, drawn to the end. `setBypassCSP`: axe is no script of the page's own."""
        await self.call("Page.setBypassCSP", enabled=True)
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self.call("Emulation.setEmulatedMedia", media="screen", features=[feature])
        await self.call("Page.navigate", url=address)
        await self.until(f"location.href === {json.dumps(address)} && document.readyState === 'complete'")

    async def until(self, script: str) -> None:
        async with asyncio.timeout(SECONDS):
            while not await self.evaluate(script):
                await asyncio.sleep(0.05)

    async def press(self, key: str, times: int = 1) -> None:
        """A key of the keyboard; a letter is typed."""
        code = {"Tab": 9, "Enter": 13, " ": 32}.get(key, 0)
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        said = {"key": key, "windowsVirtualKeyCode": code, "text": text}
        for _ in range(times):
            await self.call("Input.dispatchKeyEvent", type="keyDown", **said)
            await self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    async def write(self, text: str) -> None:
        await self.call("Input.insertText", text=text)

    async def focused(self) -> str:
        """What has the keyboard: its tag and its name."""
        return str(await self.evaluate(FOCUSED))

    async def walk_to(self, name: str) -> None:
        """Tab by tab to what has a name that begins so; fails where the keyboard does not come to it."""
        for _ in range(MOST_TABS):
            await self.press("Tab")
            if (await self.focused()).partition(": ")[2].startswith(name):
                return
        raise AssertionError(f"{MOST_TABS} tabs do not lead to {name!r}")

    async def faults(self) -> list[str]:
        """What axe finds serious or critical: the rule, what it asks for, and where."""
        await self.evaluate(AXE.read_text(encoding="utf-8"))
        return [
            f"{each['id']}: {each['help']}: {node['html'][:160]}"
            for each in json.loads(await self.evaluate(RUN_AXE))
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    async def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return int(await self.evaluate(OVERFLOW))

    async def narrow_cells(self) -> list[str]:
        """The texts of table cells that are narrower than a word."""
        return list(json.loads(await self.evaluate(NARROW)))

    async def cut_off(self) -> list[str]:
        """The names of tables that a reader would have to push sideways, although their rows may become lists."""
        return list(json.loads(await self.evaluate(CUT_OFF)))

    async def picture(self, path: Path) -> None:
        found = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))


@asynccontextmanager
async def page(folder: Path) -> AsyncIterator[Page]:
    """A tab of a browser of its own, whose profile is in the folder."""
    command = chromium(folder, "--remote-debugging-port=0", "about:blank")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            port = await _port(folder / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    tabs = [each for each in await answer.json() if each["type"] == "page"]
                address = tabs[0]["webSocketDebuggerUrl"]
                async with session.ws_connect(address, max_msg_size=0) as socket:
                    yield Page(socket)
        finally:
            browser.terminate()


async def _port(file: Path) -> int:
    """Where the browser listens: it writes the port when it does."""
    async with asyncio.timeout(SECONDS):
        while not (file.exists() and "\n" in file.read_text()):
            await asyncio.sleep(0.05)
    return int(file.read_text().splitlines()[0])
