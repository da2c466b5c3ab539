"""Lines on doors: what strangers send to every port, what hostile uploads do, and names that are no names."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from benchmarks.checks import Check
from cli.commands.look.runs import table
from cli.console.server import application
from cli.console.shared_reads import Board
from cli.display import console
from cli.records.ledger import Line
from switchyard.core.run import RunState
from tests.cli.settled_runs import RUN_ID
from tests.console.browser import Browser
from tests.console.site import PATIENT, site
from tests.fakes.store import Clock
from tests.hostile.keys import NAMES
from tests.proof.line import Size
from tests.scan.tools import ROOT

STRANGERS = (
    "tests/stack/test_strangers.py",
    "tests/plane/access",
    "tests/console/test_access.py",
    "tests/console/test_strangers.py",
)
CHROMIUM = "tests/browser/test_chromium.py"
SECONDS = 1800
OWN_SCRIPTS = 1
SHOWN = "\n"  # the one control character that a table has


def strangers(size: Size) -> Iterator[Check]:
    """Foreign origins, foreign names, wrong keys or none, on every port; and a hostile page in Chromium."""
    sent, let_in = _tested(*STRANGERS)
    yield Check(
        "strangers at the ports of MiniStack, the local SageMaker and the console", sent, at_least=300
    )
    yield Check("of them let in", let_in, at_most=0)
    if size.has_browser:
        visits, reads = _tested(CHROMIUM)
        yield Check("visits of a hostile page in Chromium", visits, at_least=2)
        yield Check("of them that read or changed something", reads, at_most=0)


def _tested(*where: str) -> tuple[int, int]:
    """(tests that ran, tests that failed) in a process of their own; what failed is shown."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "0",
            "-p",
            "no:cacheprovider",
            f"--junitxml={found}",
            *where,
        ]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
        if ran.returncode:
            print(ran.stdout[-3000:], ran.stderr[-1000:], file=sys.stderr)
        counted = ElementTree.parse(found).getroot()[0].attrib  # noqa: S314 - written by the line above
    failed = sum(int(counted[kind]) for kind in ("failures", "errors", "skipped"))
    return int(counted["tests"]), failed


def uploads(size: Size) -> Iterator[Check]:
    """Hostile inputs through every door, each within 5 CPU seconds and 300 MB."""
    command = ["-m", "tests.hostile", "--count", str(size.hostile), "--json"]
    verdicts = json.loads(_printed(*command))
    broken = [f"{each['name']}: {each['broken']}" for each in verdicts if each["broken"]]
    print(*broken, sep="\n", end="\n" if broken else "", file=sys.stderr)
    yield Check("hostile inputs", len(verdicts), at_least=size.hostile)
    yield Check("of them without a record, too slow or too large", len(broken), at_most=0)
    yield Check("the slowest, CPU s", max(each["cpu"] for each in verdicts), at_most=5)
    yield Check("the largest, MB", max(each["peak"] for each in verdicts) / 2**20, at_most=300)


def router(size: Size) -> Iterator[Check]:
    """Requests while variants, weights, instances and configs change without a pause."""
    command = ["-m", "benchmarks.plane", "--only", "changes", "--requests", str(size.requests), "--json"]
    for line in map(json.loads, _printed(*command).splitlines()):
        if line.get("check", "").startswith("changes"):
            goal, _, limit = line["limit"].partition(" ")
            most, least = (float(limit), -math.inf) if goal == "<=" else (math.inf, float(limit))
            yield Check(line["check"], line["value"], at_most=most, at_least=least)


def _printed(*arguments: str) -> str:
    """Of a Python program that may end with 0, or with 1 where it found something."""
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert ran.returncode in (0, 1), ran.stderr[-2000:]
    return ran.stdout


def names(_: Size) -> Iterator[Check]:
    """Names of objects with escapes, markup and HTML, as `switchyard runs` and the console show them."""
    given = [f"digits/train/{name.replace('{e}', 'csv')}" for name in NAMES.values()]
    obeyed = [key for key in given if _is_obeyed_by_a_terminal(key)]
    yield Check("hostile names shown by `switchyard runs` and the console", len(given), at_least=15)
    yield Check("of them that a terminal does not get as text alone", len(obeyed), at_most=0)
    yield Check("tags of theirs in the console's pages", _tags(given), at_most=0)


FOLDED = 40  # signs after which a cell of the table may begin a new line


def _is_obeyed_by_a_terminal(key: str) -> bool:
    line = Line("digits", f"s3://data/{key}", "INVALID", f"{key} cannot be read", "", "2026-11-29", "")
    with console.capture() as shown:
        console.print(table([line]), width=2_000)
    parts = [part[:FOLDED] for part in key.split("/")[-1].split() if part.isprintable()]
    is_whole = all(part in shown.get() for part in parts)
    return not is_whole or any(not sign.isprintable() and sign not in SHOWN for sign in shown.get())


def _tags(keys: list[str]) -> int:
    """Images, and scripts beyond the console's own, on pages that show all of these keys and search for each."""
    with site() as stack:
        for key in keys:
            stack.desk.upload(RunState.INVALID, f"{key} cannot be read", RUN_ID, f"s3://data/{key}")
        board = Board(lambda: stack, 1.0, "Look at `switchyard status`.", Clock(), PATIENT)
        client = Browser(application(board, "local stack", 1.0))
        pages = [
            client.get(address).text for address in ("/models/digits", *(f"/?q={quote(key)}" for key in keys))
        ]
    assert all(each in pages[0] for each in ("w cannot be read", "&lt;img"))
    return sum(page.count("<img") + page.count("<script") - OWN_SCRIPTS for page in pages)
