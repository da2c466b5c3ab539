"""What runs cost, told before and after; and a run that its model cannot afford ends before it starts."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from switchyard.core.ledger.costs import Entry, spent
from switchyard.core.run import Run, RunState
from tests.fakes.stations import Stations, csv_of

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
HOUR = {
    "training": {"max_runtime_seconds": 3600}
}  # with the alpha endpoint: $0.14375 expected of a first run
HOURLY = 0.115


@pytest.fixture
def stations() -> Stations:
    stations = Stations()
    stations.clock.now = DECEMBER - 3600
    return stations


def declare(stations: Stations, monthly: float | None = None, run: float | None = None, **parts: Any) -> None:
    limits = {"monthly_usd": monthly, "run_usd": run}
    stations.has_pipeline(budget={k: v for k, v in limits.items() if v is not None}, **{**HOUR, **parts})


def entries(stations: Stations, month: str = "2026-11") -> list[Entry]:
    return stations.ledger.costs.entries("digits", month)


def item(stations: Stations, run: Run) -> dict[str, Any]:
    return dict(stations.ledger.run_item(run.model, run.run_id) or {})


def trained(stations: Stations, run: Run, seconds: int) -> None:
    """Its training job has run so long."""
    stations.start_training.start(run, ["train"], "token")
    stations.control.billable = seconds
    stations.control.settle()


def decision(stations: Stations, run: Run) -> dict[str, Any]:
    return dict(json.loads(stations.artifacts.read(f"digits/decisions/{run.run_id}.json")))


def settled(stations: Stations, run: Run, state: str = "REJECTED") -> None:
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, state))


def test_what_is_expected_is_reserved_when_a_run_starts(stations: Stations) -> None:
    declare(stations, monthly=50)
    run = stations.a_run()
    assert entries(stations) == [Entry(run.run_id, 0.14375, "reserved")]
    assert json.loads(item(stations, run)["estimate"])["expected"]["usd"] == 0.14375


def test_what_was_billed_takes_the_place_of_what_was_reserved_and_stands_everywhere(
    stations: Stations,
) -> None:
    run = stations.a_run()
    trained(stations, run, 7200)
    settled(stations, run)
    assert entries(stations) == [Entry(run.run_id, pytest.approx(2 * HOURLY), "settled")]
    assert (
        json.loads(item(stations, run)["cost"])["usd"] == decision(stations, run)["cost"]["usd"] == 2 * HOURLY
    )
    assert decision(stations, run)["month"] == "2026-11"
    assert "Cost: $0.23\n" in stations.notices.told[0][1]


def test_a_run_is_billed_for_the_instance_type_that_its_job_got(stations: Stations) -> None:
    declare(stations, training={"max_runtime_seconds": 3600, "fallback_instance_types": ["ml.m5.xlarge"]})
    run = stations.a_run()
    trained(stations, run, 3600)
    [job] = stations.control.jobs.values()
    job["ResourceConfig"] = {"SelectedInstanceType": "ml.m5.xlarge"}
    settled(stations, run)
    [part] = decision(stations, run)["cost"]["parts"]
    assert part["instance_type"] == "ml.m5.xlarge"
    assert decision(stations, run)["cost"]["usd"] == 2 * HOURLY


def test_settling_again_counts_once(stations: Stations) -> None:
    run = stations.a_run()
    trained(stations, run, 7200)
    execution = stations.executions.succeeds(run.run_id, "REJECTED")
    real, stations.ledger.set_state = stations.ledger.set_state, lambda *_: None  # type: ignore[method-assign,assignment]
    stations.settle_run.ended(run, execution)  # broke off before its state was written
    stations.ledger.set_state = real  # type: ignore[method-assign]
    for _ in range(3):
        stations.settle_run.ended(run, execution)
    assert spent(entries(stations)) == pytest.approx(2 * HOURLY)


@pytest.mark.parametrize("is_live", [True, False])
def test_every_part_that_was_used_is_billed_and_no_wait_in_line(stations: Stations, is_live: bool) -> None:
    stations.champion()
    run = stations.a_run()
    trained(stations, run, 600)
    stations.ledger.note_alpha(run, 2)
    stations.clock.pass_(100)
    stations.ledger.note_alpha_end(run)
    state = {"champion": "digits-champion0000", "started_at": str(stations.clock()), "trail": "[]"}
    stations.ledger.save_rollout(run.run_id, {**state, "stage": 0, "model": "digits"})
    stations.clock.pass_(172_800)  # in line
    if is_live:
        stations.ledger.save_rollout(run.run_id, {"live_since": str(stations.clock())})
    stations.clock.pass_(50)
    settled(stations, run)
    parts = {p["what"]: (p["instances"], p["seconds"]) for p in decision(stations, run)["cost"]["parts"]}
    served = {"rollout": (1, 50)} if is_live else {}
    assert parts == {"training": (1, 600), "alpha endpoint": (2, 100), **served}


def test_tuning_is_billed_by_its_jobs(stations: Stations) -> None:
    stations.has_pipeline(tuning={"parameters": {"max_depth": {"min": 2, "max": 6}}})
    run = stations.a_run()
    stations.start_training.start_tuning(run, ["train"], "t")
    stations.control.settle()
    [job] = stations.control.jobs.values()
    job["TrainingStartTime"], job["TrainingEndTime"] = (datetime.fromtimestamp(at, UTC) for at in (0, 360))
    settled(stations, run)
    [part] = decision(stations, run)["cost"]["parts"]
    assert (part["what"], part["seconds"]) == ("tuning", 360)


def test_the_next_run_is_expected_to_take_as_long_as_the_last(stations: Stations) -> None:
    declare(stations)
    first = stations.a_run(1)
    trained(stations, first, 36)
    settled(stations, first)
    second = stations.a_run(2)
    part = json.loads(item(stations, second)["estimate"])["expected"]["parts"][0]
    assert (part["seconds"], part["basis"]) == (36, "last run")


def test_a_run_that_broke_says_nothing_about_durations(stations: Stations) -> None:
    declare(stations)
    first = stations.a_run(1)
    trained(stations, first, 36)
    stations.settle_run.ended(first, stations.executions.breaks(first.run_id))
    assert (
        json.loads(item(stations, stations.a_run(2))["estimate"])["expected"]["parts"][0]["basis"]
        == "declared"
    )


def used_up(stations: Stations, **parts: Any) -> Run:
    """The second drop of a model whose first run has cost nearly all there was."""
    declare(stations, monthly=0.3, **parts)
    first = stations.a_run(1)
    trained(stations, first, 7200)
    settled(stations, first)
    return stations.a_run(2)


def test_what_the_month_cannot_pay_ends_aborted_with_the_numbers(stations: Stations) -> None:
    run = used_up(stations)
    assert stations.state(run) is RunState.ABORTED
    reason = str(item(stations, run)["reason"])
    assert "$0.23 of $0.30 spent in 2026-11; raise budget.monthly_usd" in reason
    assert reason.endswith("or wait for December")
    assert stations.states() == ["ABORTED", "REJECTED"]
    assert (decision(stations, run)["state"], decision(stations, run)["reason"]) == ("ABORTED", reason)
    assert stations.notices.told[-1][0] == "digits: ABORTED"
    assert reason in stations.notices.told[-1][1]


def test_a_refused_run_starts_nothing_costs_nothing_and_holds_no_place(stations: Stations) -> None:
    run = used_up(stations)
    assert stations.executions.running == []
    assert stations.ledger.active("digits") is None
    assert run.run_id not in {entry.run_id for entry in entries(stations)}


def test_dropped_again_after_the_budget_was_raised_it_runs(stations: Stations) -> None:
    refused = used_up(stations)
    declare(stations, monthly=5)
    stations.drop("digits/train/again.csv", csv_of(2))
    assert stations.executions.running == [f"{refused.run_id}-r2"]


def test_dropped_again_in_the_next_month_it_runs(stations: Stations) -> None:
    refused = used_up(stations)
    stations.clock.now = DECEMBER + 60
    stations.drop("digits/train/again.csv", csv_of(2))
    assert stations.executions.running == [f"{refused.run_id}-r2"]
    assert [e.run_id for e in entries(stations, "2026-12")] == [f"{refused.run_id}-r2"]


def test_a_run_counts_in_the_month_in_which_it_started(stations: Stations) -> None:
    run = stations.a_run()
    trained(stations, run, 7200)
    stations.clock.now = DECEMBER + 60
    settled(stations, run)
    assert (spent(entries(stations)), entries(stations, "2026-12")) == (pytest.approx(2 * HOURLY), [])


def test_what_waits_is_asked_when_its_turn_comes(stations: Stations) -> None:
    declare(stations, monthly=0.3)
    first = stations.a_run(1)
    second = stations.a_run(2)
    assert stations.state(second) is RunState.WAITING
    trained(stations, first, 7200)
    settled(stations, first)
    assert stations.state(second) is RunState.ABORTED
    assert (stations.ledger.waiting("digits"), stations.ledger.active("digits")) == (None, None)


def test_one_run_alone_can_be_too_much(stations: Stations) -> None:
    declare(stations, run=0.1)
    run = stations.a_run()
    assert "$0.10 is the limit of one run" in str(item(stations, run)["reason"])


def test_runs_by_hand_schedule_and_drift_are_held_to_the_budget(stations: Stations) -> None:
    from switchyard.triggers.rules.request import Cause, Request

    used_up(stations)
    answer = stations.retraining.retrain(Request("digits", Cause.SCHEDULE, "1", always=True))
    assert stations.ledger.state("digits", answer.run_id) is RunState.ABORTED
    declare(stations, monthly=5)
    answer = stations.retraining.retrain(Request("digits", Cause.SCHEDULE, "2"))
    assert stations.ledger.state("digits", answer.run_id) is RunState.RUNNING


def test_another_budget_is_no_reason_to_train_again_on_the_same_data(stations: Stations) -> None:
    from switchyard.triggers.rules.request import Cause, Request

    declare(stations, monthly=5)
    settled(stations, stations.a_run())
    declare(stations, monthly=6)
    assert stations.retraining.retrain(Request("digits", Cause.SCHEDULE, "1")).run_id == ""


def test_without_a_price_a_budget_stops_the_run_and_the_owner_s_price_lets_it_go(stations: Stations) -> None:
    declare(stations, monthly=50, training={"instance_type": "ml.m4.xlarge", "max_runtime_seconds": 60})
    run = stations.a_run()
    assert "there is no price of ml.m4.xlarge for training" in str(item(stations, run)["reason"])
    own = {"region": "us-east-1", "date": "2026-11", "source": "ours"}
    prices = {**own, "hourly": {"training": {"ml.m4.xlarge": 0.5}}}
    stations.artifacts.write("prices.json", json.dumps(prices).encode())
    stations.drop("digits/train/again.csv", csv_of(1))
    assert stations.executions.running == [f"{run.run_id}-r2"]


def test_without_a_budget_no_price_is_no_obstacle_and_the_cost_says_what_it_lacks(stations: Stations) -> None:
    stations.has_pipeline(training={"instance_type": "ml.m4.xlarge"})
    run = stations.a_run()
    trained(stations, run, 60)
    settled(stations, run)
    assert decision(stations, run)["cost"]["unpriced"] == ["ml.m4.xlarge for training"]
    assert "at least $0.00 (no price of ml.m4.xlarge for training)" in stations.notices.told[0][1]


def test_prices_that_cannot_be_read_stop_only_what_has_a_budget_and_keep_no_run_from_ending(
    stations: Stations,
) -> None:
    stations.artifacts.write("prices.json", b"{")
    first = stations.a_run(1)
    settled(stations, first)
    assert stations.state(first) is RunState.REJECTED
    declare(stations, monthly=50)
    assert "prices.json" in str(item(stations, stations.a_run(2))["reason"])


def test_a_start_that_broke_off_reserves_once(stations: Stations) -> None:
    real, stations.executions.start_retrain = stations.executions.start_retrain, _dies  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        stations.a_run()
    stations.executions.start_retrain = real  # type: ignore[method-assign]
    stations.sweep.sweep()
    assert len(entries(stations)) == len(stations.executions.running) == 1


def _dies(*_: object) -> None:
    raise RuntimeError


def test_what_was_spent_comes_back_with_the_decision_records(stations: Stations) -> None:
    run = stations.a_run()
    trained(stations, run, 7200)
    settled(stations, run)
    stations.items.rows.clear()
    stations.sweep.sweep(ledger_lost=True)
    assert spent(entries(stations)) == pytest.approx(2 * HOURLY)
