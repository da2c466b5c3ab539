"""What must hold is seen not to hold, each by itself, and a sound model breaks nothing."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from switchyard.closing.rules.invariants import INVARIANTS, check
from switchyard.closing.rules.leftover_invariants import check_queues
from switchyard.closing.rules.model_view import Change, Live, Resource, Seen
from switchyard.core.champion import Champion
from switchyard.core.ports import Item
from switchyard.intake.rules.dataset import DataFile, digest_of

FIRST, SECOND_RUN = "digits-1", "digits-2"
SHA, OTHER = "0" * 64, "1" * 64
DIGEST = digest_of([DataFile("w.csv", 0, SHA, 0)])
ENDED = "2026-11-29T03:00:00+00:00"
NOW = datetime.fromisoformat(ENDED).timestamp() + 3600
BEFORE = NOW - 7200  # an hour before it ended

CHAMPION = Champion(FIRST, "full-1", "model-1", "schema", SHA)
RUN: Item = {"sk": "RUN#digits-1", "run_id": FIRST, "state": "PROMOTED", "ended_at": ENDED}
UPLOAD: Item = {"sk": "UPLOAD#x", "source": "x", "run_id": FIRST, "state": "PROMOTED"}
ACTIVE: Item = {"sk": "ACTIVE", "run_id": FIRST}
SECOND: Item = {"sk": "RUN#digits-2", "run_id": SECOND_RUN, "state": "RUNNING"}
BACK: Item = {**SECOND, "state": "ROLLED_BACK", "ended_at": ENDED}
PASSED = {"gate": {"outcome": "pass"}, "artifact_sha256": SHA}
TRAIL: Item = {
    "started_at": str(BEFORE),
    "trail": json.dumps([{"at": BEFORE + 30, "stage": 0, "weight": 10.0}]),
}
STEP = Change(BEFORE + 1, "canary-2", {FIRST: 90.0, SECOND_RUN: 10.0})
RECORD = {"state": "PROMOTED"}
TAKEN_BACK = {
    "state": "ROLLED_BACK",
    "settled_at": BEFORE + 100,
    "weights": [{"at": BEFORE, "stage": 0, "weight": 10.0}],
    "policy": {"deadline_seconds": 60.0},
}
SOUND = Seen(
    "digits",
    [RUN, UPLOAD, BACK],
    CHAMPION,
    Live("InService", "full-1", {FIRST: 1.0}),
    {FIRST: "PROMOTED", SECOND_RUN: "ROLLED_BACK"},
    records={FIRST: RECORD, SECOND_RUN: TAKEN_BACK},
    evaluations={FIRST: PASSED, SECOND_RUN: PASSED},
    history=[Change(BEFORE - 9, "full-1", {FIRST: 1.0}), STEP, Change(NOW, "full-1", {FIRST: 1.0})],
    files={DIGEST: {"w.csv": (SHA, SHA)}},
    artifacts={FIRST: SHA},
    versions={"digits/decisions/digits-1.json": 1},
    resources=[
        Resource("model", "model-1", FIRST),
        Resource("training-job", "job-1", FIRST),
        Resource("training-job", "job-2", SECOND_RUN),
    ],
    kept=frozenset({FIRST}),
    rollouts={SECOND_RUN: TRAIL},
    now=NOW,
)


def with_change(at: float, weights: dict[str, float]) -> Seen:
    return replace(SOUND, history=[*SOUND.history, Change(at, "canary-2", weights)])


BROKEN = {
    "a champion serves": replace(SOUND, live=None),
    "the endpoint is the champion's alone while no run is under way": replace(
        SOUND, live=Live("InService", "canary-2", {FIRST: 0.9, SECOND_RUN: 0.1})
    ),
    "one run at a time moves a model": replace(SOUND, items=[RUN, UPLOAD, SECOND]),
    "nobody who has ended holds a place": replace(SOUND, items=[RUN, UPLOAD, BACK, ACTIVE]),
    "every end has its decision record": replace(SOUND, recorded={FIRST: "PROMOTED"}),
    "an upload says what its run says": replace(SOUND, items=[RUN, {**UPLOAD, "state": "RUNNING"}, BACK]),
    "nobody is champion who was not promoted": replace(SOUND, items=[BACK], resources=[]),
    "no traffic before the gate's pass": replace(SOUND, evaluations={FIRST: PASSED, SECOND_RUN: {}}),
    "no more traffic than the step": with_change(BEFORE + 60, {FIRST: 50.0, SECOND_RUN: 50.0}),
    "what does not win is taken back in time": replace(
        SOUND, records={SECOND_RUN: {**TAKEN_BACK, "settled_at": BEFORE + 86_400}}
    ),
    "a run is trained on what was dropped": replace(SOUND, files={DIGEST: {"w.csv": (SHA, OTHER)}}),
    "what serves is what was judged": replace(SOUND, artifacts={FIRST: OTHER}),
    "nothing is deleted that is needed": replace(SOUND, gone=["model model-1 of digits-1 is gone"]),
    "a decision record is written once": replace(SOUND, versions={"digits/decisions/digits-1.json": 2}),
    "nothing is left of ended runs": replace(
        SOUND, resources=[Resource("endpoint-config", "canary-2", SECOND_RUN)]
    ),
    "nothing is begun that nobody asked for": replace(
        SOUND, resources=[Resource("training-job", "job-3", "digits-3")]
    ),
}


def test_a_sound_model_breaks_nothing() -> None:
    assert check(SOUND) == []


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_what_does_not_hold_is_found_and_nothing_else(invariant: str) -> None:
    assert [each.invariant for each in check(BROKEN[invariant])] == [invariant]


def test_an_endpoint_without_any_weight_serves_nobody() -> None:
    [found] = check(replace(SOUND, live=Live("InService", "full-1", {"digits-1": 0.0})))
    assert found.invariant == "a champion serves"


OTHERWISE = {
    "a run that is under way, above its step": (
        "no more traffic than the step",
        replace(
            with_change(BEFORE + 60, {FIRST: 75.0, SECOND_RUN: 25.0}),
            items=[RUN, UPLOAD, SECOND, {**ACTIVE, "run_id": SECOND_RUN}],
            recorded={FIRST: "PROMOTED"},
            records={},
        ),
    ),
    "traffic before any step": (
        "no more traffic than the step",
        with_change(BEFORE - 60, {FIRST: 90.0, SECOND_RUN: 10.0}),
    ),
    "a gate that said fail": (
        "no traffic before the gate's pass",
        replace(SOUND, evaluations={FIRST: PASSED, SECOND_RUN: {"gate": {"outcome": "fail"}}}),
    ),
    "a snapshot of another dataset": (
        "a run is trained on what was dropped",
        replace(SOUND, files={"ab" * 32: {"w.csv": (SHA, SHA)}}),
    ),
    "a record that says another artifact": (
        "what serves is what was judged",
        replace(SOUND, champion=replace(CHAMPION, artifact_sha256=OTHER)),
    ),
    "a job that goes on": (
        "nothing is left of ended runs",
        replace(SOUND, resources=[Resource("training-job", "job-2", SECOND_RUN, is_open=True)]),
    ),
    "an alpha endpoint": (
        "nothing is left of ended runs",
        replace(SOUND, resources=[Resource("endpoint", "alpha-2", SECOND_RUN)]),
    ),
    "a token": ("nothing is left of ended runs", replace(SOUND, waits=[(SECOND_RUN, "training-job/job-2")])),
    "two trainings of a run": (
        "nothing is begun that nobody asked for",
        replace(SOUND, resources=[Resource("training-job", name, FIRST) for name in ("job-1", "job-1b")]),
    ),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_the_other_ways_to_break_them(case: str) -> None:
    invariant, seen = OTHERWISE[case]
    assert [each.invariant for each in check(seen)] == [invariant]


def test_what_a_run_that_has_just_ended_leaves_is_left_to_the_sweep() -> None:
    left = [Resource("endpoint-config", "canary-2", SECOND_RUN), Resource("endpoint", "alpha-2", SECOND_RUN)]
    assert check(replace(SOUND, resources=left, now=NOW - 3500)) == []


def test_dead_letters_that_nobody_looked_at_are_told() -> None:
    [found] = check_queues({"ArrivalDeadLetters": 3, "EventDeadLetters": 0})
    assert found.found == "3 messages lie in ArrivalDeadLetters"
