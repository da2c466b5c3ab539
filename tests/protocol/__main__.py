"""`python -m tests.protocol --faults 3`: every state of the protocol that three runs and so many faults can reach, and
each rule taken out. Exit status 1 where a promise breaks, or one that should break does not. The last line is JSON.
"""

import argparse
import json
import sys

from tests.protocol.model import WEAK, Protocol, explore


def main() -> int:
    parser = argparse.ArgumentParser(description="Go through every state of the protocol, breadth first.")
    parser.add_argument(
        "--faults", type=int, default=3, help="how many may happen; each one multiplies the states"
    )
    faults = parser.parse_args().faults
    found = explore(Protocol(), faults)
    print(f"{found.states} states, {found.ends} ends{f': {found.wrong}' if found.wrong else ''}", flush=True)
    lived = [weak for weak in sorted(WEAK) if not _breaks(weak, faults)]
    figures = {"faults": faults, "states": found.states, "ends": found.ends, "broken": found.wrong}
    print(json.dumps({**figures, "weakened": len(WEAK), "lived": lived}))
    return 1 if found.wrong or lived else 0


def _breaks(weak: str, faults: int) -> bool:
    found = explore(Protocol(weak), faults)
    print(f"without its rule, {weak}: {found.wrong or 'nothing breaks'} ({found.states} states)", flush=True)
    return bool(found.wrong)


if __name__ == "__main__":
    sys.exit(main())
