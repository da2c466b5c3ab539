"""The README's pictures: `switchyard demo` is run, and what it printed and the console's page of it are drawn as SVG.

`make picture` does it. An SVG is text: no font, script or image is fetched by whoever looks at it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.terminal_theme import MONOKAI
from rich.theme import Theme

from cli.demo.story import ACTS
from cli.stack.home import REPOSITORY, Home
from tests.walk import console_picture

PICTURE = REPOSITORY / "docs" / "demo.svg"
COLUMNS = 112
SECONDS = 1200
STYLES = {
    "walk.good": "bold green",
    "walk.stopped": "bold yellow",
    "walk.back": "bold red",
    "walk.share": "cyan",
    "walk.prompt": "bold",
}
FORM = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img"
  aria-labelledby="title">
<title id="title">make demo: two models are promoted, one is rejected, one is rolled back</title>
<style>.{unique_id}-matrix {{ font: {char_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
  <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g></svg>
"""


class Verdicts(RegexHighlighter):
    """The colours of the terminal."""

    base_style = "walk."
    highlights = [  # noqa: RUF012 - the parent's form
        r"(?P<good>PROMOTED|✓)",
        r"(?P<stopped>REJECTED|INCONCLUSIVE)",
        r"(?P<back>ROLLED_BACK)",
        r"(?P<share>\d+ %)",
        r"(?P<prompt>^\$ .*)",
    ]


def demo() -> str:
    """What `switchyard demo` prints to a pipe."""
    command = [sys.executable, "-m", "cli.main", "demo"]
    ended = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if ended.returncode:
        raise SystemExit(f"The demo failed, and no picture was made:\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def told(printed: str) -> str:
    """From the first dataset to the last, and the figures: without the set-up, and the wide table."""
    story, _, rest = printed.partition("What became of four datasets")
    figures = [line for line in rest.splitlines() if line.startswith(("State transitions", "Requests that"))]
    acts = story.partition(f"\n{ACTS[0].version} ")
    return "\n".join([f"{ACTS[0].version} {acts[2].strip()}", *figures])


def drawn(printed: str) -> str:
    """As an SVG; SystemExit where a verdict of the story is not in it."""
    absent = [act.expected for act in ACTS if act.expected not in printed]
    if absent:
        raise SystemExit(f"The demo printed no {', '.join(absent)}: this is no picture of it.")
    with Path("/dev/null").open("w") as nowhere:
        console = Console(
            record=True, width=COLUMNS, file=nowhere, theme=Theme(STYLES), highlighter=Verdicts()
        )
        console.print(f"$ make demo\n{told(printed)}", markup=False)
        return console.export_svg(title="make demo", theme=MONOKAI, code_format=FORM, unique_id="demo")


if __name__ == "__main__":
    PICTURE.write_text(drawn(demo()), encoding="utf-8")
    console_picture.draw(Home.locate())
    print(f"Written: {PICTURE}, {console_picture.CONSOLE}")
