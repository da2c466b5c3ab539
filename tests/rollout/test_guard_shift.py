"""Shifts in SageMaker's own hands: what it is told, once; what came of it; and what is left behind."""

import json
from typing import Any

import pytest

from switchyard.core.champion import Champion
from switchyard.core.errors import RunEndedError
from switchyard.core.names import Names
from switchyard.core.ports import Execution
from switchyard.core.run import Run
from tests.fakes.stations import PREFIX, Stations

ENDPOINT = "switchyard-digits"
OLD_NAME = "digits-older0000000"
GUARDED = {
    "deployment": {"instance_count": 2},
    "rollout": {"strategy": "guardrails", "guardrails": {"percent": 50, "latency_milliseconds": 80}},
}


@pytest.fixture
def run(stations: Stations) -> Run:
    """One on its way into a champion whose variant has the name of a still older one."""
    stations.champion(variant=OLD_NAME)
    stations.has_pipeline(**GUARDED)
    return stations.a_run()


def names_of(run: Run) -> Names:
    return Names(PREFIX, run.model, run.run_id)


def judged(stations: Stations) -> dict[str, str]:
    """`$.alpha`: what was judged, and against whom."""
    key = "digits/models/m.tar.gz"
    stations.artifacts.write(key, b"model")
    about = {"artifact": stations.artifacts.uri(key), "artifact_sha256": stations.artifacts.sha256(key)}
    return {**about, "champion": "digits-champion0000"}


def started(stations: Stations, run: Run) -> dict[str, Any]:
    """`$.rollout` after StartRollout."""
    stations.shift_traffic.start(run, judged(stations), "t0")
    token, rollout = stations.tokens.answers.pop()
    assert token == "t0"
    return dict(rollout)


def settle(stations: Stations) -> None:
    """SageMaker comes to an end, and its event is heard."""
    stations.control.settle()
    stations.waiting.resource_changed(f"endpoint/{ENDPOINT}")


def test_the_start_changes_nothing_and_hands_over_the_champions_variant(stations: Stations, run: Run) -> None:
    rollout = started(stations, run)
    assert (rollout["guarded"], rollout["first"], rollout["champion_variant"]) == (True, False, OLD_NAME)
    assert stations.control.live(ENDPOINT) == {OLD_NAME: 100.0}
    assert not stations.alarms.made


def test_sagemaker_is_given_both_alarms_and_a_config_with_the_old_variants_name(
    stations: Stations, run: Run
) -> None:
    stations.guard_shift.shift(run, started(stations, run), "t1")
    names = names_of(run)
    assert stations.control.configs[names.full_config] == {OLD_NAME: (names.sagemaker_model, 100.0)}
    made = stations.alarms.made
    assert set(made) == {names.errors_alarm, names.latency_alarm}
    assert {(a.endpoint, a.variant, a.config, a.period_seconds) for a in made.values()} == {
        (ENDPOINT, OLD_NAME, names.full_config, 60)
    }
    assert stations.control.endpoints[ENDPOINT]["_guard"].alarms == tuple(made)
    assert not stations.tokens.answers


def test_a_run_whose_execution_was_stopped_hands_nothing_over(stations: Stations, run: Run) -> None:
    rollout = started(stations, run)
    stations.settle_run.ended(run, Execution("ABORTED", {}, ""))
    with pytest.raises(RunEndedError, match="was stopped"):
        stations.guard_shift.shift(run, rollout, "t1")
    assert "_guard" not in stations.control.endpoints[ENDPOINT]


def test_a_shift_that_takes_is_promoted_under_the_old_variants_name(stations: Stations, run: Run) -> None:
    rollout = started(stations, run)
    stations.guard_shift.shift(run, rollout, "t1")
    settle(stations)
    [(token, action)] = stations.tokens.answers
    assert (token, action["kind"]) == ("t1", "keep")
    assert "no alarm tripped" in action["reason"]
    stations.shift_traffic.promote(run, rollout, "t2")
    assert stations.tokens.answers[-1] == ("t2", {"config": names_of(run).full_config})
    stations.artifacts.write(
        f"digits/evaluations/{run.run_id}/evaluation.json",
        json.dumps({"artifact_sha256": "ab" * 32}).encode(),
    )
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "PROMOTED", action["reason"]))
    champion = stations.ledger.champion("digits")
    assert champion is not None
    assert (champion.run_id, champion.variant) == (run.run_id, OLD_NAME)
    assert not stations.alarms.made
    record = json.loads(stations.artifacts.read(f"digits/decisions/{run.run_id}.json"))
    assert [each["weight"] for each in record["weights"]] == [100.0]
    assert record["guardrails"]["percent"] == 50
    assert [each["metric"] for each in record["guardrails"]["alarms"]] == [
        "Invocation5XXErrors",
        "ModelLatency",
    ]
    assert Champion.from_dict(record["champion"]) == champion


def test_a_shift_that_falls_back_is_answered_with_sagemakers_reason_and_leaves_nothing(
    stations: Stations, run: Run
) -> None:
    stations.control.trips = lambda config: config == names_of(run).full_config
    stations.guard_shift.shift(run, started(stations, run), "t1")
    settle(stations)
    [(_, action)] = stations.tokens.answers
    assert (action["kind"], action["state"]) == ("restore", "ROLLED_BACK")
    assert f"{names_of(run).errors_alarm}" in action["reason"]
    stations.restore_champion.restore(run, "t2")
    assert stations.tokens.answers[-1][1]["done"]
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "ROLLED_BACK", action["reason"]))
    assert stations.states() == ["ROLLED_BACK"]
    assert not stations.alarms.made
    assert stations.control.live(ENDPOINT) == {OLD_NAME: 100.0}


def test_a_lap_after_the_fall_finds_it_and_does_not_begin_again(stations: Stations, run: Run) -> None:
    """The event was lost: what the endpoint shows is answered, and the alarms keep their state."""
    stations.control.trips = lambda _config: True
    rollout = started(stations, run)
    stations.guard_shift.shift(run, rollout, "t1")
    stations.control.settle()
    stations.alarms.made.clear()
    stations.guard_shift.shift(run, rollout, "t2")
    [(token, action)] = stations.tokens.answers
    assert (token, action["kind"]) == ("t2", "restore")
    assert stations.control.endpoints[ENDPOINT]["EndpointStatus"] == "InService"
    assert not stations.alarms.made


def test_a_lap_while_sagemaker_shifts_waits_on(stations: Stations, run: Run) -> None:
    rollout = started(stations, run)
    for token in ("t1", "t2"):
        stations.guard_shift.shift(run, rollout, token)
        assert not stations.tokens.answers
    settle(stations)
    assert stations.tokens.answers[0][0] == "t2"


def test_the_next_shift_is_not_judged_by_the_last_ones_end(stations: Stations, run: Run) -> None:
    stations.control.trips = lambda config: config == names_of(run).full_config
    stations.guard_shift.shift(run, started(stations, run), "t1")
    settle(stations)
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "ROLLED_BACK"))
    stations.tokens.answers.clear()
    later = stations.a_run(2)
    stations.guard_shift.shift(later, started(stations, later), "t2")
    assert not stations.tokens.answers
    settle(stations)
    assert stations.tokens.answers[0][1]["kind"] == "keep"


def test_alarms_stay_while_the_endpoint_is_on_its_way_back(stations: Stations, run: Run) -> None:
    """A shift that was stopped goes on in SageMaker: until it has settled, somebody has to watch it."""
    stations.guard_shift.shift(run, started(stations, run), "t1")
    stopped = stations.executions.breaks(run.run_id, "ABORTED")
    assert stations.settle_run.ended(run, stopped) is None
    assert stations.alarms.made
    stations.control.settle()
    for token in ("t2", "t3"):
        stations.restore_champion.restore(run, token)
        settle(stations)
    assert stations.control.live(ENDPOINT) == {OLD_NAME: 100.0}
    stations.settle_run.restored(run)
    assert stations.states() == ["ABORTED"]
    assert not stations.alarms.made


def test_alarms_that_a_late_call_left_are_swept(stations: Stations, run: Run) -> None:
    stations.guard_shift.shift(run, started(stations, run), "t1")
    left, other = dict(stations.alarms.made), "switchyard-digits-somebodys"
    settle(stations)
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "ROLLED_BACK"))
    stations.control.put_endpoint(ENDPOINT, "switchyard-digits-champion0000-full", {OLD_NAME: 100.0})
    stations.executions.restores.clear()
    stations.settle_run.restored(run)
    stations.alarms.made = {**left, other: next(iter(left.values()))}
    assert any("alarms" in line for line in stations.sweep.sweep(dry_run=True))
    assert len(stations.alarms.made) == 3
    stations.sweep.sweep()
    assert set(stations.alarms.made) == {other}


def test_an_operators_way_back_takes_the_config_of_the_champion_before(stations: Stations, run: Run) -> None:
    """Both champions' variants have one name: there are no weights to move, so the config is changed."""
    test_a_shift_that_takes_is_promoted_under_the_old_variants_name(stations, run)
    before = Run(
        "digits", "digits-champion0000", "0" * 64, "s3://data/digits/train/v0.csv", "digits/snapshots/0/"
    )
    stations.ledger.create_run(before, 0.0)
    stations.set_champion.go_back("digits", "", "complaints")
    stations.restore_champion.restore(run, "t9")
    settle(stations)
    assert stations.tokens.answers[-1] == ("t9", {"done": False, "step": "UseConfig"})
    assert stations.control.endpoints[ENDPOINT]["EndpointConfigName"] == "switchyard-digits-champion0000-full"


def test_evidence_after_guardrails_looks_at_the_variant_that_the_champion_has(
    stations: Stations, run: Run
) -> None:
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    stations.has_pipeline()
    later = stations.a_run(2)
    stations.shift_traffic.start(later, judged(stations), "t1")
    settle(stations)
    assert stations.control.live(ENDPOINT) == {OLD_NAME: 90.0, later.run_id: 10.0}
    [(_, rollout)] = stations.tokens.answers
    assert (rollout["guarded"], rollout["champion_variant"]) == (False, OLD_NAME)
    record = stations.ledger.rollout(later.run_id) or {}
    assert (record["champion_variant"], record["variant"]) == (OLD_NAME, later.run_id)
