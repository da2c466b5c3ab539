"""The report of a run: what it has cost, beside what was expected."""

from cli.report.page import render
from switchyard.core.run import RunState
from tests.cli.pages import facts_of, titles
from tests.cli.settled_runs import Desk

TRAINING = {"what": "training", "usage": "training", "instance_type": "ml.m5.large", "instances": 1}
WHOLE = {"unpriced": [], "prices": "us-east-1, 2026-08"}


def part(seconds: float) -> dict[str, object]:
    return {**TRAINING, "seconds": seconds, "basis": "declared"}


def test_what_the_run_has_cost_stands_beside_what_was_expected(desk: Desk) -> None:
    cost = {**WHOLE, "usd": 0.23, "parts": [part(7200)]}
    expected = {**WHOLE, "usd": 3.2, "parts": [part(86400)]}
    estimate = {"expected": expected, "most": {**expected, "usd": 4.1}}
    desk.decide(RunState.REJECTED, cost=cost, estimate=estimate)
    page = render(facts_of(desk, RunState.REJECTED))
    assert "Cost" in titles(page)
    for told in ("$0.23", "$3.20 was expected before the run, $4.10 at most", "1 x ml.m5.large", "declared"):
        assert told in page
