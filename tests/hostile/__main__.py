"""`python -m tests.hostile --count 200 --seed N`: what strangers may send, through every door.

Exit status 1 when one of them broke a promise.
"""

import argparse
import contextlib
import gc
import io
import json
import sys
from dataclasses import asdict
from functools import partial

from tests.fakes import handler_settings

handler_settings.set_up()

from switchyard.runtime.entry import logger  # noqa: E402
from tests.hostile.bounds import Verdict, tried  # noqa: E402
from tests.hostile.recipes import book  # noqa: E402
from tests.hostile.stage import begun  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Send hostile inputs through every door, and hold each to its bounds."
    )
    parser.add_argument("--count", type=int, default=200, help="how many; 0: every recipe once")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="only recipes whose name has one of them, a | between"
    )
    parser.add_argument("--json", action="store_true", help="print every verdict as JSON")
    given = parser.parse_args()
    found = verdicts(given.count, given.seed, given.only, quiet=given.json)
    missed = [each for each in found if each.broken]
    if given.json:
        json.dump([asdict(each) for each in found], sys.stdout, indent=1)
    else:
        print(summary(found))
        print(json.dumps(figures(found)))
    return 1 if missed or not found else 0


def verdicts(count: int, seed: int, word: str, *, quiet: bool) -> list[Verdict]:
    recipes, found = book(), []
    with contextlib.redirect_stdout(io.StringIO()):  # the metrics of what is played before
        world = begun()
    logger.setLevel("INFO")  # what is logged from here on is looked through
    gc.collect()
    gc.freeze()  # what is here is no forked process's to look at: it would be copied
    every = sum(any(each in name for each in word.split("|")) for name in recipes.recipes)
    for name, draw in recipes.draw(count or every, seed, word):
        verdict = tried(name, partial(recipes.recipes[name], draw), world)
        found.append(verdict)
        if verdict.broken and not quiet:
            print(
                "\n  ".join(
                    [f"MISSED {name} ({verdict.cpu:.1f} s, {verdict.peak >> 20} MiB)", *verdict.broken]
                ),
                flush=True,
            )
    return found


def figures(found: list[Verdict]) -> dict[str, float]:
    """cpu: seconds, and peak: bytes, the most of one input."""
    return {
        "inputs": len(found),
        "missed": sum(bool(each.broken) for each in found),
        "cpu": round(max(each.cpu for each in found), 3),
        "peak": max(each.peak for each in found),
    }


def summary(found: list[Verdict]) -> str:
    missed = sum(bool(each.broken) for each in found)
    slowest, largest = max(found, key=lambda each: each.cpu), max(found, key=lambda each: each.peak)
    return (
        f"{len(found)} hostile inputs, {missed} missed. At most {slowest.cpu:.2f} CPU s ({slowest.name}) and "
        f"{largest.peak >> 20} MiB ({largest.name})"
    )


if __name__ == "__main__":
    sys.exit(main())
