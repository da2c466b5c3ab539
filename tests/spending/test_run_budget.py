"""What runs cost, told before and after; and a run that its model cannot afford ends before it starts."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from switchyard.core.ledger.costs import Entry, spent
from switchyard.core.run import Run, RunState
from tests.fakes.rooms import Rooms, csv_of

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
HOUR = {
    "training": {"max_runtime_seconds": 3600}
}  # with the alpha endpoint: $0.14375 expected of a first run
HOURLY = 0.115


@pytest.fixture
def rooms() -> Rooms:
    rooms = Rooms()
    rooms.clock.now = DECEMBER - 3600
    return rooms


def declare(rooms: Rooms, monthly: float | None = None, run: float | None = None, **parts: Any) -> None:
    limits = {"monthly_usd": monthly, "run_usd": run}
    rooms.has_pipeline(budget={k: v for k, v in limits.items() if v is not None}, **{**HOUR, **parts})


def entries(rooms: Rooms, month: str = "2026-11") -> list[Entry]:
    return rooms.ledger.costs.entries("digits", month)


def item(rooms: Rooms, run: Run) -> dict[str, Any]:
    return dict(rooms.ledger.run_item(run.model, run.run_id) or {})


def trained(rooms: Rooms, run: Run, seconds: int) -> None:
    """Its training job has run so long."""
    rooms.start_training.start(run, ["train"], "token")
    rooms.control.billable = seconds
    rooms.control.settle()


def decision(rooms: Rooms, run: Run) -> dict[str, Any]:
    return dict(json.loads(rooms.artifacts.read(f"digits/decisions/{run.run_id}.json")))


def settled(rooms: Rooms, run: Run, state: str = "REJECTED") -> None:
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, state))


def test_what_is_expected_is_reserved_when_a_run_starts(rooms: Rooms) -> None:
    declare(rooms, monthly=50)
    run = rooms.a_run()
    assert entries(rooms) == [Entry(run.run_id, 0.14375, "reserved")]
    assert json.loads(item(rooms, run)["estimate"])["expected"]["usd"] == 0.14375


def test_what_was_billed_takes_the_place_of_what_was_reserved_and_stands_everywhere(rooms: Rooms) -> None:
    run = rooms.a_run()
    trained(rooms, run, 7200)
    settled(rooms, run)
    assert entries(rooms) == [Entry(run.run_id, pytest.approx(2 * HOURLY), "settled")]
    assert json.loads(item(rooms, run)["cost"])["usd"] == decision(rooms, run)["cost"]["usd"] == 2 * HOURLY
    assert decision(rooms, run)["month"] == "2026-11"
    assert "Cost: $0.23\n" in rooms.notices.told[0][1]


def test_settling_again_counts_once(rooms: Rooms) -> None:
    run = rooms.a_run()
    trained(rooms, run, 7200)
    execution = rooms.executions.succeeds(run.run_id, "REJECTED")
    real, rooms.ledger.set_state = rooms.ledger.set_state, lambda *_: None  # type: ignore[method-assign,assignment]
    rooms.settle_run.ended(run, execution)  # broke off before its state was written
    rooms.ledger.set_state = real  # type: ignore[method-assign]
    for _ in range(3):
        rooms.settle_run.ended(run, execution)
    assert spent(entries(rooms)) == pytest.approx(2 * HOURLY)


@pytest.mark.parametrize("is_live", [True, False])
def test_every_part_that_was_used_is_billed_and_no_wait_in_line(rooms: Rooms, is_live: bool) -> None:
    rooms.champion()
    run = rooms.a_run()
    trained(rooms, run, 600)
    rooms.ledger.note_alpha(run, 2)
    rooms.clock.pass_(100)
    rooms.ledger.note_alpha_end(run)
    state = {"champion": "digits-champion0000", "started_at": str(rooms.clock()), "trail": "[]"}
    rooms.ledger.save_rollout(run.run_id, {**state, "stage": 0, "model": "digits"})
    rooms.clock.pass_(172_800)  # in line
    if is_live:
        rooms.ledger.save_rollout(run.run_id, {"live_since": str(rooms.clock())})
    rooms.clock.pass_(50)
    settled(rooms, run)
    parts = {p["what"]: (p["instances"], p["seconds"]) for p in decision(rooms, run)["cost"]["parts"]}
    served = {"rollout": (1, 50)} if is_live else {}
    assert parts == {"training": (1, 600), "alpha endpoint": (2, 100), **served}


def test_tuning_is_billed_by_its_jobs(rooms: Rooms) -> None:
    rooms.has_pipeline(tuning={"parameters": {"max_depth": {"min": 2, "max": 6}}})
    run = rooms.a_run()
    rooms.start_training.start_tuning(run, ["train"], "t")
    rooms.control.settle()
    [job] = rooms.control.jobs.values()
    job["TrainingStartTime"], job["TrainingEndTime"] = (datetime.fromtimestamp(at, UTC) for at in (0, 360))
    settled(rooms, run)
    [part] = decision(rooms, run)["cost"]["parts"]
    assert (part["what"], part["seconds"]) == ("tuning", 360)


def test_the_next_run_is_expected_to_take_as_long_as_the_last(rooms: Rooms) -> None:
    declare(rooms)
    first = rooms.a_run(1)
    trained(rooms, first, 36)
    settled(rooms, first)
    second = rooms.a_run(2)
    part = json.loads(item(rooms, second)["estimate"])["expected"]["parts"][0]
    assert (part["seconds"], part["basis"]) == (36, "last run")


def test_a_run_that_broke_says_nothing_about_durations(rooms: Rooms) -> None:
    declare(rooms)
    first = rooms.a_run(1)
    trained(rooms, first, 36)
    rooms.settle_run.ended(first, rooms.executions.breaks(first.run_id))
    assert json.loads(item(rooms, rooms.a_run(2))["estimate"])["expected"]["parts"][0]["basis"] == "declared"


def used_up(rooms: Rooms, **parts: Any) -> Run:
    """The second drop of a model whose first run has cost nearly all there was."""
    declare(rooms, monthly=0.3, **parts)
    first = rooms.a_run(1)
    trained(rooms, first, 7200)
    settled(rooms, first)
    return rooms.a_run(2)


def test_what_the_month_cannot_pay_ends_aborted_with_the_numbers(rooms: Rooms) -> None:
    run = used_up(rooms)
    assert rooms.state(run) is RunState.ABORTED
    reason = str(item(rooms, run)["reason"])
    assert "$0.23 of $0.30 spent in 2026-11; raise budget.monthly_usd" in reason
    assert reason.endswith("or wait for December")
    assert rooms.states() == ["ABORTED", "REJECTED"]
    assert (decision(rooms, run)["state"], decision(rooms, run)["reason"]) == ("ABORTED", reason)
    assert rooms.notices.told[-1][0] == "digits: ABORTED"
    assert reason in rooms.notices.told[-1][1]


def test_a_refused_run_starts_nothing_costs_nothing_and_holds_no_place(rooms: Rooms) -> None:
    run = used_up(rooms)
    assert rooms.executions.running == []
    assert rooms.ledger.active("digits") is None
    assert run.run_id not in {entry.run_id for entry in entries(rooms)}


def test_dropped_again_after_the_budget_was_raised_it_runs(rooms: Rooms) -> None:
    refused = used_up(rooms)
    declare(rooms, monthly=5)
    rooms.drop("digits/train/again.csv", csv_of(2))
    assert rooms.executions.running == [f"{refused.run_id}-r2"]


def test_dropped_again_in_the_next_month_it_runs(rooms: Rooms) -> None:
    refused = used_up(rooms)
    rooms.clock.now = DECEMBER + 60
    rooms.drop("digits/train/again.csv", csv_of(2))
    assert rooms.executions.running == [f"{refused.run_id}-r2"]
    assert [e.run_id for e in entries(rooms, "2026-12")] == [f"{refused.run_id}-r2"]


def test_a_run_counts_in_the_month_in_which_it_started(rooms: Rooms) -> None:
    run = rooms.a_run()
    trained(rooms, run, 7200)
    rooms.clock.now = DECEMBER + 60
    settled(rooms, run)
    assert (spent(entries(rooms)), entries(rooms, "2026-12")) == (pytest.approx(2 * HOURLY), [])


def test_what_waits_is_asked_when_its_turn_comes(rooms: Rooms) -> None:
    declare(rooms, monthly=0.3)
    first = rooms.a_run(1)
    second = rooms.a_run(2)
    assert rooms.state(second) is RunState.WAITING
    trained(rooms, first, 7200)
    settled(rooms, first)
    assert rooms.state(second) is RunState.ABORTED
    assert (rooms.ledger.waiting("digits"), rooms.ledger.active("digits")) == (None, None)


def test_one_run_alone_can_be_too_much(rooms: Rooms) -> None:
    declare(rooms, run=0.1)
    run = rooms.a_run()
    assert "$0.10 is the limit of one run" in str(item(rooms, run)["reason"])


def test_runs_by_hand_schedule_and_drift_are_held_to_the_budget(rooms: Rooms) -> None:
    from switchyard.triggers.rules.request import Cause, Request

    used_up(rooms)
    answer = rooms.retraining.retrain(Request("digits", Cause.SCHEDULE, "1", always=True))
    assert rooms.ledger.state("digits", answer.run_id) is RunState.ABORTED
    declare(rooms, monthly=5)
    answer = rooms.retraining.retrain(Request("digits", Cause.SCHEDULE, "2"))
    assert rooms.ledger.state("digits", answer.run_id) is RunState.RUNNING


def test_another_budget_is_no_reason_to_train_again_on_the_same_data(rooms: Rooms) -> None:
    from switchyard.triggers.rules.request import Cause, Request

    declare(rooms, monthly=5)
    settled(rooms, rooms.a_run())
    declare(rooms, monthly=6)
    assert rooms.retraining.retrain(Request("digits", Cause.SCHEDULE, "1")).run_id == ""


def test_without_a_price_a_budget_stops_the_run_and_the_owner_s_price_lets_it_go(rooms: Rooms) -> None:
    declare(rooms, monthly=50, training={"instance_type": "ml.m4.xlarge", "max_runtime_seconds": 60})
    run = rooms.a_run()
    assert "there is no price of ml.m4.xlarge for training" in str(item(rooms, run)["reason"])
    own = {"region": "us-east-1", "date": "2026-11", "source": "ours"}
    prices = {**own, "hourly": {"training": {"ml.m4.xlarge": 0.5}}}
    rooms.artifacts.write("prices.json", json.dumps(prices).encode())
    rooms.drop("digits/train/again.csv", csv_of(1))
    assert rooms.executions.running == [f"{run.run_id}-r2"]


def test_without_a_budget_no_price_is_no_obstacle_and_the_cost_says_what_it_lacks(rooms: Rooms) -> None:
    rooms.has_pipeline(training={"instance_type": "ml.m4.xlarge"})
    run = rooms.a_run()
    trained(rooms, run, 60)
    settled(rooms, run)
    assert decision(rooms, run)["cost"]["unpriced"] == ["ml.m4.xlarge for training"]
    assert "at least $0.00 (no price of ml.m4.xlarge for training)" in rooms.notices.told[0][1]


def test_prices_that_cannot_be_read_stop_only_what_has_a_budget_and_keep_no_run_from_ending(
    rooms: Rooms,
) -> None:
    rooms.artifacts.write("prices.json", b"{")
    first = rooms.a_run(1)
    settled(rooms, first)
    assert rooms.state(first) is RunState.REJECTED
    declare(rooms, monthly=50)
    assert "prices.json" in str(item(rooms, rooms.a_run(2))["reason"])


def test_a_start_that_broke_off_reserves_once(rooms: Rooms) -> None:
    real, rooms.executions.start_retrain = rooms.executions.start_retrain, _dies  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        rooms.a_run()
    rooms.executions.start_retrain = real  # type: ignore[method-assign]
    rooms.sweep.sweep()
    assert len(entries(rooms)) == len(rooms.executions.running) == 1


def _dies(*_: object) -> None:
    raise RuntimeError


def test_what_was_spent_comes_back_with_the_decision_records(rooms: Rooms) -> None:
    run = rooms.a_run()
    trained(rooms, run, 7200)
    settled(rooms, run)
    rooms.items.rows.clear()
    rooms.sweep.sweep(ledger_lost=True)
    assert spent(entries(rooms)) == pytest.approx(2 * HOURLY)
