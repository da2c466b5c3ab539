"""A rollout under way, for the tests of whoever steers it."""

import json

from switchyard.core.ledger.waits import Wait
from tests.cli.settled_runs import BEGAN, CHAMPION, RUN, RUN_ID, blocks
from tests.console.site import Site

POLICY = {"steps": [10, 50], "metrics": {"errors": {"margin": 0.02}}}


def rollout(stack: Site) -> Site:
    """Of two steps, at its first; eight periods of evidence are there, and it waits for more."""
    stack.run_under_way(RUN)
    stack.desk.snapshot(rollout=POLICY)
    ledger, trail = stack.desk.ledger, [{"at": BEGAN, "stage": 0, "weight": 10.0}]
    ledger.save_rollout(RUN_ID, {"champion": CHAMPION, "trail": json.dumps(trail), "window": 8})
    ledger.save_blocks(RUN_ID, blocks(8))
    ledger.save_wait(Wait(f"rollout/{RUN_ID}", "JudgeWindow", "t", {}, {"stage": 0}))
    return stack
