"""What the report says of rollouts that split no traffic: swaps, and batch models."""

import pytest

from cli.report import words
from cli.report.page import render
from switchyard.core.evidence import Block
from switchyard.core.run import RunState
from tests.cli.pages import facts_of, titles
from tests.cli.settled_runs import BEGAN, CHAMPION, RUN_ID, Desk, blocks


def test_a_swap_has_words_of_its_own(desk: Desk) -> None:
    frozen = desk.snapshot(deployment={"mode": "serverless"})
    desk.roll_out(RunState.ROLLED_BACK, blocks(4, errors=30), frozen)
    facts = facts_of(desk)
    page = render(facts)
    assert "Live after the swap" in titles(page)
    assert f"The endpoint went back to the config of {CHAMPION}" in page
    assert "the challenger answers every request, and is watched" in page
    assert "share of live traffic" not in page.lower()
    assert words.stops(facts)[-1].said == (
        "swapped in, answered 400 judged requests; 3,600 of the champion's before it"
    )


PAIRED = {
    "strategy": "paired",
    "metrics": {"label_error": {"margin": 0.05, "maturity_seconds": 60}},
    "deadline_seconds": 900,
}


def drops(worse: int, count: int = 2, rows: int = 400) -> list[Block]:
    """Batch drops of so many rows, `worse` of which the champion alone got right."""
    names = [f"{int(BEGAN) + 60 * at}/digits-drop{at}" for at in range(count)]
    return [
        Block(metric, name, 0, rows, lost0, rows, lost0 + own, both=lost0)
        for name in names
        for metric, lost0, own in (
            ("errors", 0, 0),
            ("label_error", 20, worse),
            ("label_error_missing", 4, 0),
        )
    ]


@pytest.mark.parametrize(
    ("state", "worse", "said"),
    [
        (RunState.PROMOTED, 0, "took the place of digits-cdcdcdcdcdcd and scores every batch drop"),
        (
            RunState.ROLLED_BACK,
            80,
            f"Nobody was given its predictions: drops are still scored with {CHAMPION}",
        ),
    ],
)
def test_a_batch_model_on_evidence_has_words_of_its_own(
    desk: Desk, state: RunState, worse: int, said: str
) -> None:
    frozen = desk.snapshot(deployment={"mode": "batch"}, rollout=PAIRED)
    monday = {
        "source": "s3://data/digits/batch/monday.csv",
        "rows": 400,
        "at": BEGAN,
        "batch_id": "digits-drop0",
    }
    desk.roll_out(state, drops(worse), frozen, drops=[monday])
    facts = facts_of(desk)
    page = render(facts)
    assert facts.last_look["outcome"] == {"PROMOTED": "promote", "ROLLED_BACK": "rollback"}[state.value]
    assert "Compared on batch drops" in titles(page)
    assert said in page
    assert str(monday["source"]) in page
    assert "Batch drops are scored by both models from now on" in page
    assert "differ from what was decided on" not in page
    assert words.stops(facts)[-1].said == "both models scored 800 judged rows of batch drops"


def test_of_a_batch_model_the_gate_decides(desk: Desk) -> None:
    desk.snapshot(deployment={"mode": "batch"})
    desk.decide(RunState.PROMOTED, champion={"run_id": RUN_ID})
    facts = facts_of(desk)
    assert words.stops(facts)[-1].said == "none: of a batch model the gate decides"
    assert "scores every batch drop" in render(facts)


def test_a_shift_in_sagemakers_hands_shows_its_alarms_and_no_evidence(desk: Desk) -> None:
    alarm = {"name": "switchyard-r-errors", "metric": "Invocation5XXErrors", "statistic": "Sum"}
    told = {"traffic": "canary", "percent": 50, "wait_seconds": 300}
    alarms = [{**alarm, "period_seconds": 60, "threshold": 5.0}]
    desk.snapshot()
    desk.decide(RunState.ROLLED_BACK, "an alarm tripped", guardrails={**told, "alarms": alarms})
    page = render(facts_of(desk))
    assert "in the hands of SageMaker&#39;s guardrails" in page
    assert "SageMaker shifted the traffic by itself (canary, 50 % of the instances, 300 s" in page
    assert "switchyard-r-errors" in page
    assert "No evidence was collected" not in page
