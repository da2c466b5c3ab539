"""The README's picture of the console: the page of the demo's second run, as an SVG that is text."""

from __future__ import annotations

import asyncio
import json
import tempfile
from html import escape
from pathlib import Path

from cli.demo.story import MODEL
from cli.records.ledger import read_lines
from cli.stack.home import REPOSITORY, Home
from cli.stack.stack import Stack
from tests.browser.devtools import page
from tests.browser.live import console_of

CONSOLE = REPOSITORY / "docs" / "console.svg"
SHOWN = "v2.csv"
SCREEN = (1280, 1180)  # pixels
# [styles, body] of what is seen of a page without scrolling: nothing that runs, leads anywhere or is fetched.
SEEN = """(() => {
  const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules].map(rule => rule.cssText));
  const below = each => each.checkVisibility() && each.getBoundingClientRect().top > innerHeight;
  for (const each of [...document.body.querySelectorAll('*')].reverse())
    if (each.matches('script, form, dialog, [hidden], .skip') || below(each)) each.remove();
  for (const each of document.body.querySelectorAll('*'))
    for (const name of each.getAttributeNames())
      if (/^(href|id$|data-|aria-)/.test(name) && !(name === 'id' && each.closest('defs'))) each.removeAttribute(name);
  return JSON.stringify([rules.join('\\n'), new XMLSerializer().serializeToString(document.body)]);
})()"""
FORM = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"
  aria-labelledby="title">
<title id="title">The console's page of a run that was promoted</title>
<style>
{styles}
</style>
<foreignObject width="{width}" height="{height}">
{body}
</foreignObject>
</svg>
"""


def draw(home: Home, to: Path = CONSOLE) -> None:
    """What is first seen of the newest run of `SHOWN`, on the stack that the demo has left running."""
    [*_, line] = [line for line in read_lines(Stack.load(home), MODEL) if line.source.endswith(f"/{SHOWN}")]
    with console_of(home) as address, tempfile.TemporaryDirectory() as profile:
        to.write_text(
            asyncio.run(drawn(f"{address}/models/{MODEL}/runs/{line.run_id}", "rollout", Path(profile))),
            encoding="utf-8",
        )


async def drawn(address: str, part: str, profile: Path) -> str:
    """The page at an address once it has its part; profile: a folder for the browser."""
    width, height = SCREEN
    async with page(profile) as tab:
        await tab.open(address, width=width, height=height)
        await tab.until(f"document.getElementById({json.dumps(part)}) !== null")
        styles, body = json.loads(await tab.evaluate(SEEN))
    return FORM.format(width=width, height=height, styles=escape(styles, quote=False), body=body)
