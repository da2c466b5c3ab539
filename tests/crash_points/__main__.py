"""`python -m tests.crash_points [--every N]`: every moment, scenario and mode, or each Nth of them; exit status 1 where
a promise breaks. The last line is JSON.
"""

import argparse
import contextlib
import io
import json
import sys
from collections import Counter
from collections.abc import Sequence

from tests.crash_points.scenarios import SCENARIOS, Scenario
from tests.crash_points.test_crash_points import moments, struck
from tests.fakes.faults import MODES


def main() -> int:
    parser = argparse.ArgumentParser(description="Strike at every moment of every scenario, in every mode.")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="at each Nth moment alone")
    parser.add_argument("--part", default="1/1", metavar="K/N", help="the Kth of N parts of the scenarios")
    parser.add_argument("--json", action="store_true", help="print the JSON alone")
    given = parser.parse_args()
    part, parts = map(int, given.part.split("/"))
    figures, found = strikes(given.every, SCENARIOS[part - 1 :: parts], quiet=given.json)
    print(json.dumps({"strikes": sum(figures.values()), "by_mode": figures, "broken": found}))
    return 1 if found else 0


def strikes(every: int, scenarios: Sequence[Scenario], *, quiet: bool) -> tuple[dict[str, int], list[str]]:
    """How many strikes there were, by mode, and what they broke."""
    counted: Counter[str] = Counter()
    found: list[str] = []
    for scenario in scenarios:
        for mode in MODES:
            with contextlib.redirect_stdout(io.StringIO()):  # the handlers' logs
                for at in range(0, moments(scenario, mode), every):
                    counted[mode] += 1
                    found += struck(scenario, frozenset({(mode, at)}))
        if not quiet:
            print(f"{scenario}: {counted.total()} strikes so far, {len(found)} promises broken", flush=True)
    return dict(counted), found


if __name__ == "__main__":
    sys.exit(main())
