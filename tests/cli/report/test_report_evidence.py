"""The looks that the report draws are the verdicts of then, and its words and units read well."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cli.records.executions import State
from cli.report import words
from cli.report.facts import Facts
from cli.report.looks import INTERVALS_SHOWN, LOOKS_SHOWN, look_back
from cli.report.page import render
from switchyard.core.evidence import Evidence
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.core.run import RunState
from switchyard.rollout.rules.verdict import judge
from tests.cli.pages import facts_of
from tests.cli.settled_runs import BEGAN, RUN_ID, SOURCE, Desk, blocks


def test_the_last_look_is_the_verdict_itself() -> None:
    policy = RolloutPolicy()
    found = blocks(300)
    looks = look_back(reversed(found), policy, BEGAN)
    assert looks[-1].verdict.metrics == judge(Evidence(tuple(found), 0, 0.0), policy).metrics
    assert len(looks) == LOOKS_SHOWN + 1
    assert sum(look.has_intervals for look in looks) == INTERVALS_SHOWN


def test_every_look_is_the_verdict_on_the_blocks_until_then() -> None:
    policy, found = RolloutPolicy(), blocks(6, errors=2)
    looks = look_back(found, policy, BEGAN)
    assert [look.at for look in looks] == [0, 10, 20, 30, 40, 50, 60]
    for count, look in enumerate(looks[1:], start=1):
        until_then = judge(Evidence(tuple(found[:count]), 0, 0.0), policy)
        assert look.metric("errors") == until_then.metrics[0]


def test_the_mean_of_all_metrics_is_what_rolls_back() -> None:
    policy = RolloutPolicy(metrics={"errors": MetricPolicy(0.01), "slow": MetricPolicy(0.01)})
    found = blocks(2, errors=30) + blocks(2, metric="slow")
    last = look_back(found, policy, BEGAN)[-1]
    worse, fine = (last.metric(name).log_e_rollback for name in ("errors", "slow"))
    assert last.mean_rollback == pytest.approx(math.log((math.exp(worse) + math.exp(fine)) / 2))
    assert last.verdict.outcome == "rollback"


def test_metrics_that_the_policy_does_not_have_are_left_out() -> None:
    assert look_back(blocks(2, metric="cpu"), RolloutPolicy(), BEGAN) == []


def test_blocks_without_a_time_are_counted() -> None:
    counted = [replace(block, block=f"batch-{k}") for k, block in enumerate(blocks(3))]
    assert [look.at for look in look_back(counted, RolloutPolicy(), BEGAN)] == [0, 1, 2, 3]


def test_blocks_without_a_time_are_drawn_on_an_axis_of_their_own(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(
        RunState.PROMOTED, [replace(b, block=f"batch-{k}") for k, b in enumerate(blocks(3))], frozen
    )
    page = render(facts_of(desk))
    assert "blocks of evidence" in page
    assert "seconds since the rollout began" not in page.partition("Requests.")[2]


@pytest.mark.parametrize(("seconds", "unit"), [(10, "seconds"), (100, "minutes"), (2000, "hours")])
def test_time_is_shown_in_a_unit_that_reads_well(desk: Desk, seconds: int, unit: str) -> None:
    frozen = desk.snapshot()
    begun = int(BEGAN)
    spread = [replace(b, block=str(begun + seconds * k)) for k, b in enumerate(blocks(8))]
    desk.roll_out(RunState.PROMOTED, spread, frozen)
    facts = replace(facts_of(desk), last_look={})
    assert f"{unit} since the rollout began" in render(facts)


def test_the_timeline_is_in_order_and_leaves_branches_out(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    entered = datetime.fromtimestamp(BEGAN - 30, UTC)
    visits = (
        State("StartTraining", entered, 12.0),
        State("IsBetter", entered, 0.001),
        State("X", entered, 1, True),
    )
    events = words.timeline(facts_of(desk, visits=visits))
    assert [event.at for event in events] == sorted(event.at for event in events)
    said = [event.what for event in events]
    assert "StartTraining" in said
    assert "X (an error left it)" in said
    assert "IsBetter" not in said
    assert said[-1] == "Promoted: the record was closed"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(4.21, "4.2 s"), (185, "3 min 5 s"), (7_800, "2 h 10 min"), (3 * 86_400 + 7_300, "3 d 2 h")],
)
def test_durations_read_in_two_units(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_a_duration_is_only_told_when_it_is_one() -> None:
    made_anew = Facts("digits", RUN_ID, SOURCE, RunState.PROMOTED, "", started_at=20.0, settled_at=10.0)
    assert words.took(made_anew) == ""
    assert words.took(replace(made_anew, settled_at=25.0)) == "5.0 s"
