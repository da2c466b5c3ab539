"""Shifts in SageMaker's own hands: what it is told, once; what came of it; and what is left behind."""

import json
from typing import Any

import pytest

from switchyard.core.champion import Champion
from switchyard.core.names import Names
from switchyard.core.run import Run
from tests.fakes.rooms import PREFIX, Rooms

ENDPOINT = "switchyard-digits"
OLD_NAME = "digits-older0000000"
GUARDED = {
    "deployment": {"instance_count": 2},
    "rollout": {"strategy": "guardrails", "guardrails": {"percent": 50, "latency_milliseconds": 80}},
}


@pytest.fixture
def run(rooms: Rooms) -> Run:
    """One on its way into a champion whose variant has the name of a still older one."""
    rooms.champion(variant=OLD_NAME)
    rooms.has_pipeline(**GUARDED)
    return rooms.a_run()


def names_of(run: Run) -> Names:
    return Names(PREFIX, run.model, run.run_id)


def judged(rooms: Rooms) -> dict[str, str]:
    """`$.alpha`: what was judged, and against whom."""
    key = "digits/models/m.tar.gz"
    rooms.artifacts.write(key, b"model")
    about = {"artifact": rooms.artifacts.uri(key), "artifact_sha256": rooms.artifacts.sha256(key)}
    return {**about, "champion": "digits-champion0000"}


def started(rooms: Rooms, run: Run) -> dict[str, Any]:
    """`$.rollout` after StartRollout."""
    rooms.shift_traffic.start(run, judged(rooms), "t0")
    token, rollout = rooms.tokens.answers.pop()
    assert token == "t0"
    return dict(rollout)


def settle(rooms: Rooms) -> None:
    """SageMaker comes to an end, and its event is heard."""
    rooms.control.settle()
    rooms.waiting.resource_changed(f"endpoint/{ENDPOINT}")


def test_the_start_changes_nothing_and_hands_over_the_champions_variant(rooms: Rooms, run: Run) -> None:
    rollout = started(rooms, run)
    assert (rollout["guarded"], rollout["first"], rollout["champion_variant"]) == (True, False, OLD_NAME)
    assert rooms.control.live(ENDPOINT) == {OLD_NAME: 100.0}
    assert not rooms.alarms.made


def test_sagemaker_is_given_both_alarms_and_a_config_with_the_old_variants_name(
    rooms: Rooms, run: Run
) -> None:
    rooms.guard_shift.shift(run, started(rooms, run), "t1")
    names = names_of(run)
    assert rooms.control.configs[names.full_config] == {OLD_NAME: (names.sagemaker_model, 100.0)}
    made = rooms.alarms.made
    assert set(made) == {names.errors_alarm, names.latency_alarm}
    assert {(a.endpoint, a.variant, a.config, a.period_seconds) for a in made.values()} == {
        (ENDPOINT, OLD_NAME, names.full_config, 60)
    }
    assert rooms.control.endpoints[ENDPOINT]["_guard"].alarms == tuple(made)
    assert not rooms.tokens.answers


def test_a_shift_that_takes_is_promoted_under_the_old_variants_name(rooms: Rooms, run: Run) -> None:
    rollout = started(rooms, run)
    rooms.guard_shift.shift(run, rollout, "t1")
    settle(rooms)
    [(token, action)] = rooms.tokens.answers
    assert (token, action["kind"]) == ("t1", "keep")
    assert "no alarm tripped" in action["reason"]
    rooms.shift_traffic.promote(run, rollout, "t2")
    assert rooms.tokens.answers[-1] == ("t2", {"config": names_of(run).full_config})
    rooms.artifacts.write(
        f"digits/evaluations/{run.run_id}/evaluation.json",
        json.dumps({"artifact_sha256": "ab" * 32}).encode(),
    )
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "PROMOTED", action["reason"]))
    champion = rooms.ledger.champion("digits")
    assert champion is not None
    assert (champion.run_id, champion.variant) == (run.run_id, OLD_NAME)
    assert not rooms.alarms.made
    record = json.loads(rooms.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    assert [each["weight"] for each in record["weights"]] == [100.0]
    assert record["guardrails"]["percent"] == 50
    assert [each["metric"] for each in record["guardrails"]["alarms"]] == [
        "Invocation5XXErrors",
        "ModelLatency",
    ]
    assert Champion.from_dict(record["champion"]) == champion


def test_a_shift_that_falls_back_is_answered_with_sagemakers_reason_and_leaves_nothing(
    rooms: Rooms, run: Run
) -> None:
    rooms.control.trips = lambda config: config == names_of(run).full_config
    rooms.guard_shift.shift(run, started(rooms, run), "t1")
    settle(rooms)
    [(_, action)] = rooms.tokens.answers
    assert (action["kind"], action["state"]) == ("restore", "ROLLED_BACK")
    assert f"{names_of(run).errors_alarm}" in action["reason"]
    rooms.restore_champion.restore(run, "t2")
    assert rooms.tokens.answers[-1][1]["done"]
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "ROLLED_BACK", action["reason"]))
    assert rooms.states() == ["ROLLED_BACK"]
    assert not rooms.alarms.made
    assert rooms.control.live(ENDPOINT) == {OLD_NAME: 100.0}


def test_a_lap_after_the_fall_finds_it_and_does_not_begin_again(rooms: Rooms, run: Run) -> None:
    """The event was lost: what the endpoint shows is answered, and the alarms keep their state."""
    rooms.control.trips = lambda _config: True
    rollout = started(rooms, run)
    rooms.guard_shift.shift(run, rollout, "t1")
    rooms.control.settle()
    rooms.alarms.made.clear()
    rooms.guard_shift.shift(run, rollout, "t2")
    [(token, action)] = rooms.tokens.answers
    assert (token, action["kind"]) == ("t2", "restore")
    assert rooms.control.endpoints[ENDPOINT]["EndpointStatus"] == "InService"
    assert not rooms.alarms.made


def test_a_lap_while_sagemaker_shifts_waits_on(rooms: Rooms, run: Run) -> None:
    rollout = started(rooms, run)
    for token in ("t1", "t2"):
        rooms.guard_shift.shift(run, rollout, token)
        assert not rooms.tokens.answers
    settle(rooms)
    assert rooms.tokens.answers[0][0] == "t2"


def test_the_next_shift_is_not_judged_by_the_last_ones_end(rooms: Rooms, run: Run) -> None:
    rooms.control.trips = lambda config: config == names_of(run).full_config
    rooms.guard_shift.shift(run, started(rooms, run), "t1")
    settle(rooms)
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "ROLLED_BACK"))
    rooms.tokens.answers.clear()
    later = rooms.a_run(2)
    rooms.guard_shift.shift(later, started(rooms, later), "t2")
    assert not rooms.tokens.answers
    settle(rooms)
    assert rooms.tokens.answers[0][1]["kind"] == "keep"


def test_alarms_stay_while_the_endpoint_is_on_its_way_back(rooms: Rooms, run: Run) -> None:
    """A shift that was stopped goes on in SageMaker: until it has settled, somebody has to watch it."""
    rooms.guard_shift.shift(run, started(rooms, run), "t1")
    stopped = rooms.executions.breaks(run.run_id, "ABORTED")
    assert rooms.settle_run.ended(run, stopped) is None
    assert rooms.alarms.made
    rooms.control.settle()
    for token in ("t2", "t3"):
        rooms.restore_champion.restore(run, token)
        settle(rooms)
    assert rooms.control.live(ENDPOINT) == {OLD_NAME: 100.0}
    rooms.settle_run.restored(run)
    assert rooms.states() == ["ABORTED"]
    assert not rooms.alarms.made


def test_alarms_that_a_late_call_left_are_swept(rooms: Rooms, run: Run) -> None:
    rooms.guard_shift.shift(run, started(rooms, run), "t1")
    left, other = dict(rooms.alarms.made), "switchyard-digits-somebodys"
    settle(rooms)
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "ROLLED_BACK"))
    rooms.control.put_endpoint(ENDPOINT, "switchyard-digits-champion0000-full", {OLD_NAME: 100.0})
    rooms.executions.restores.clear()
    rooms.settle_run.restored(run)
    rooms.alarms.made = {**left, other: next(iter(left.values()))}
    assert any("alarms" in line for line in rooms.sweep.sweep(dry_run=True))
    assert len(rooms.alarms.made) == 3
    rooms.sweep.sweep()
    assert set(rooms.alarms.made) == {other}


def test_an_operators_way_back_takes_the_config_of_the_champion_before(rooms: Rooms, run: Run) -> None:
    """Both champions' variants have one name: there are no weights to move, so the config is changed."""
    test_a_shift_that_takes_is_promoted_under_the_old_variants_name(rooms, run)
    before = Run(
        "digits", "digits-champion0000", "0" * 64, "s3://data/digits/train/v0.csv", "digits/snapshots/0/"
    )
    rooms.ledger.create_run(before, 0.0)
    rooms.set_champion.go_back("digits", "", "complaints")
    rooms.restore_champion.restore(run, "t9")
    settle(rooms)
    assert rooms.tokens.answers[-1] == ("t9", {"done": False, "step": "UseConfig"})
    assert rooms.control.endpoints[ENDPOINT]["EndpointConfigName"] == "switchyard-digits-champion0000-full"


def test_evidence_after_guardrails_looks_at_the_variant_that_the_champion_has(rooms: Rooms, run: Run) -> None:
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "REJECTED"))
    rooms.has_pipeline()
    later = rooms.a_run(2)
    rooms.shift_traffic.start(later, judged(rooms), "t1")
    settle(rooms)
    assert rooms.control.live(ENDPOINT) == {OLD_NAME: 90.0, later.run_id: 10.0}
    [(_, rollout)] = rooms.tokens.answers
    assert (rollout["guarded"], rollout["champion_variant"]) == (False, OLD_NAME)
    record = rooms.ledger.rollout(later.run_id) or {}
    assert (record["champion_variant"], record["variant"]) == (OLD_NAME, later.run_id)
