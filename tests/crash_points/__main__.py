"""`python -m tests.crash_points [--json]`: every moment, scenario and mode; exit status 1 where a promise breaks."""

import argparse
import contextlib
import io
import json
import sys
from collections import Counter

from tests.crash_points.scenarios import SCENARIOS
from tests.crash_points.test_crash_points import moments, struck
from tests.fakes.faults import MODES


def main() -> int:
    parser = argparse.ArgumentParser(description="Strike at every moment of every scenario, in every mode.")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    figures, found = strikes()
    if parser.parse_args().json:
        json.dump({"strikes": figures, "broken": found}, sys.stdout, indent=1)
    else:
        sys.stdout.write(
            "".join(f"{line}\n" for line in [*found, f"{sum(figures.values())} strikes, {figures}"])
        )
    return 1 if found else 0


def strikes() -> tuple[dict[str, int], list[str]]:
    """How many strikes there were, by mode, and what they broke."""
    counted: Counter[str] = Counter()
    found: list[str] = []
    for scenario in SCENARIOS:
        for mode in MODES:
            with contextlib.redirect_stdout(io.StringIO()):  # the handlers' logs
                for at in range(moments(scenario, mode)):
                    counted[mode] += 1
                    found += struck(scenario, frozenset({(mode, at)}))
    return dict(counted), found


if __name__ == "__main__":
    sys.exit(main())
