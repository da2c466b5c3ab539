"""Runs that wait in line for instances: called in turn, shown in the ledger, and nothing is held for ever."""

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from switchyard.core.errors import BusyError, NoCapacityError, ResourceLimitError
from switchyard.core.names import Names
from switchyard.core.ports import Execution
from switchyard.core.resources.observation import Expected
from switchyard.core.resources.pools import CHAMPION
from switchyard.core.run import Outcome, Run, RunState
from switchyard.core.waiting import MAX_LAPS
from switchyard.spending.capacity import DAY
from tests.fakes.stations import PREFIX, Stations

POOL = "training/ml.m5.large"
FREED = "CapacityFreedError"


@pytest.fixture(params=["limit", "quota"])
def stations(request: pytest.FixtureRequest) -> Stations:
    """One training at a time: by a limit of ours, or because SageMaker says so."""
    return one_training(request.param)


def one_training(by: str) -> Stations:
    stations = Stations(limits={POOL: 1} if by == "limit" else {})
    if by == "quota":
        stations.control.quota["training"] = 1
    return stations


def start(stations: Stations, run: Run, token: str) -> None:
    stations.start_training.start(run, ["train"], token)


def resource(run: Run) -> str:
    return f"training-job/{Names(PREFIX, run.model, run.run_id).training_job}"


def reason(stations: Stations, run: Run) -> str:
    return str((stations.ledger.run_item(run.model, run.run_id) or {})["reason"])


def runs(stations: Stations, *models: str) -> list[Run]:
    return [stations.a_run(seed, model) for seed, model in enumerate(models, start=1)]


def finish(stations: Stations, run: Run) -> None:
    """The job ends, and its event comes."""
    stations.control.settle()
    stations.waiting.resource_changed(resource(run))


def errors(stations: Stations) -> list[tuple[str, str]]:
    """Tokens that were failed, with the error's name."""
    return [(answer[0], answer[1]) for answer in stations.tokens.answers if len(answer) == 3]


def test_the_second_waits_and_says_so(stations: Stations) -> None:
    first, second, third = runs(stations, "a", "b", "c")
    start(stations, first, "t1")
    start(stations, second, "t2")
    start(stations, third, "t3")
    assert list(stations.control.jobs) == [resource(first).split("/")[1]]
    assert stations.tokens.answers == []
    text = "waits for capacity: 1 ml.m5.large for training"
    assert reason(stations, second).startswith(f"{text}, 0 runs before it")
    assert reason(stations, third).startswith(f"{text}, 1 run before it")
    assert stations.state(second) is RunState.RUNNING
    assert reason(stations, first) == ""


def test_the_end_of_one_calls_the_next(stations: Stations) -> None:
    first, second, third = runs(stations, "a", "b", "c")
    for run in (first, second, third):
        start(stations, run, run.model)
    finish(stations, first)
    assert errors(stations) == [("b", FREED)]
    start(stations, second, "b2")
    assert reason(stations, second) == ""
    assert ("c", FREED) not in errors(stations) or stations.control.quota
    start(stations, third, "c2")
    assert len(stations.control.jobs) == 2
    finish(stations, second)
    assert ("c2", FREED) in errors(stations)
    start(stations, third, "c3")
    assert len(stations.control.jobs) == 3


def test_a_newcomer_stands_behind_who_waits_already(stations: Stations) -> None:
    first, second, third = runs(stations, "a", "b", "c")
    start(stations, first, "a")
    start(stations, second, "b")
    finish(stations, first)
    start(stations, third, "c")
    assert len(stations.control.jobs) == 1
    assert "1 run before it" in reason(stations, third)


def test_laps_in_line_are_not_counted(stations: Stations) -> None:
    first, second = runs(stations, "a", "b")
    start(stations, first, "a")
    for lap in range(MAX_LAPS + 3):
        start(stations, second, f"b{lap}")
    finish(stations, first)
    start(stations, second, "last")
    finish(stations, second)
    assert stations.tokens.answers[-1][0] == "last"
    assert len(stations.tokens.answers[-1]) == 2


def test_a_wait_in_line_has_an_end(stations: Stations) -> None:
    first, second = runs(stations, "a", "b")
    start(stations, first, "a")
    start(stations, second, "b")
    stations.clock.pass_(7 * DAY + 1)
    with pytest.raises(NoCapacityError, match=r"waited 7.0 days for capacity: 1 ml.m5.large for training"):
        start(stations, second, "b2")
    assert not stations.ledger.pool(POOL)[0].waiters


def test_a_run_that_ends_while_it_waits_leaves_the_line(stations: Stations) -> None:
    first, second, third = runs(stations, "a", "b", "c")
    for run in (first, second, third):
        start(stations, run, run.model)
    stations.settle_run.ended(second, Execution("ABORTED", {}, "stopped"))
    assert [place.model for place in stations.ledger.pool(POOL)[0].waiters] == ["c"]
    finish(stations, first)
    assert ("c", FREED) in errors(stations)


def test_a_stopped_run_gives_its_place_back_once_its_job_has_stopped(stations: Stations) -> None:
    first, second = runs(stations, "a", "b")
    start(stations, first, "a")
    start(stations, second, "b")
    stations.settle_run.ended(first, Execution("ABORTED", {}, "stopped"))
    start(stations, second, "b2")
    assert len(stations.control.jobs) == 1  # the instance is in use until the job has stopped
    finish(stations, first)
    assert errors(stations)[-1] == ("b2", FREED)


def test_a_lost_event_is_made_up_for_by_the_sweep(stations: Stations) -> None:
    first, second = runs(stations, "a", "b")
    start(stations, first, "a")
    start(stations, second, "b")
    stations.control.settle()
    stations.ledger.end_wait(stations.ledger.waits(resource(first))[0])
    before = stations.ledger.pools()
    list(stations.capacity.sweep(dry_run=True))
    assert (stations.ledger.pools(), errors(stations)) == (before, [])
    list(stations.capacity.sweep())
    assert errors(stations) == [("b", FREED)]


def test_one_whose_token_is_gone_does_not_bar_the_way(stations: Stations) -> None:
    first, second, third = runs(stations, "a", "b", "c")
    for run in (first, second, third):
        start(stations, run, run.model)
    stations.ledger.end_wait(stations.ledger.waits(resource(second))[0])
    finish(stations, first)
    assert errors(stations) == [("c", FREED)]


def test_a_crash_between_taking_and_creating_leaks_nothing() -> None:
    stations = one_training("limit")
    first, second = runs(stations, "a", "b")
    ensure = stations.control.ensure_training

    def dies(*_: object) -> None:
        raise ResourceWarning("the Lambda is gone")

    stations.control.ensure_training = dies  # type: ignore[method-assign]
    with pytest.raises(ResourceWarning):
        start(stations, first, "a")
    stations.control.ensure_training = ensure  # type: ignore[method-assign]
    start(stations, second, "b")
    assert list(stations.capacity.sweep()) == []  # its state may be about to be entered once more
    stations.settle_run.ended(first, Execution("FAILED", {}, "Lambda.Unknown"))
    assert errors(stations) == [("b", FREED)]
    assert stations.ledger.pool(POOL)[0].holders == ()


def test_sagemakers_own_words_are_in_the_reason() -> None:
    stations = one_training("quota")
    first, second = runs(stations, "a", "b")
    start(stations, first, "a")
    start(stations, second, "b")
    assert (
        "SageMaker says: The account-level service limit 'ml.m5.large for training job usage' is 1"
        in reason(stations, second)
    )


def test_nothing_is_written_where_there_is_no_limit_and_room_enough() -> None:
    stations = Stations()
    [run] = runs(stations, "a")
    start(stations, run, "t")
    finish(stations, run)
    assert stations.ledger.pools() == {}


def test_more_than_there_can_ever_be_is_refused_at_once() -> None:
    stations = Stations(limits={POOL: 1})
    stations.has_pipeline("a", training={"instance_count": 2, "image": "own:1"})
    [run] = runs(stations, "a")
    with pytest.raises(NoCapacityError, match=r"asks for 2 ml.m5.large for training, and the limit .* is 1"):
        start(stations, run, "t")


def test_the_way_back_waits_for_nobody() -> None:
    stations = Stations()

    def full() -> None:
        raise ResourceLimitError("no room")

    with pytest.raises(BusyError, match="no room"):
        stations.waiting.for_endpoint("e", "k", "t", Expected("c"), {}, full)


ALPHA = {"artifact": "s3://artifacts/a/models/j/model.tar.gz", "champion": ""}


def test_a_live_endpoint_keeps_its_instances_from_one_run_to_the_next() -> None:
    stations = Stations(limits={"endpoint/ml.m5.large": 3})
    [run] = runs(stations, "a")
    stations.artifacts.write("a/models/j/model.tar.gz", b"m")
    names = Names(PREFIX, "a", run.run_id)
    stations.control.models[names.sagemaker_model] = ALPHA["artifact"]
    alpha = {**ALPHA, "artifact_sha256": stations.artifacts.sha256("a/models/j/model.tar.gz")}
    stations.shift_traffic.start(run, alpha, "t")
    pool, _ = stations.ledger.pool("endpoint/ml.m5.large")
    assert [(p.record, p.instances) for p in pool.holders] == [(run.record, 1)]
    stations.control.settle()
    stations.artifacts.write(f"a/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "ab"}')
    outcome = {"outcome": {"state": "PROMOTED", "reason": "first"}}
    stations.settle_run.ended(run, Execution("SUCCEEDED", outcome, ""))
    pool, _ = stations.ledger.pool("endpoint/ml.m5.large")
    assert [(p.record, p.instances) for p in pool.holders] == [(CHAMPION, 1)]
    stations.settle_run.keep_live("a")
    assert stations.ledger.pool("endpoint/ml.m5.large")[0] == pool


@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["enter", "end", "event", "sweep"]), st.integers(0, 3)), max_size=30
    ),
    by=st.sampled_from(["limit", "quota"]),
)
@settings(max_examples=30, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_whatever_comes_in_whatever_order_one_trains_at_a_time_and_all_do(
    acts: list[tuple[str, int]], by: str
) -> None:
    """States are entered (at first, after a call, after a lap) until their token is answered."""
    stations = one_training(by)
    everyone = runs(stations, "a", "b", "c", "d")
    to_the_end = [(act, who) for _ in range(8) for act in ("end", "sweep", "enter") for who in range(4)]
    for number, (act, who) in enumerate([*acts, *to_the_end]):
        run = everyone[who]
        if act == "enter" and not any(each[0].startswith(run.model) for each in answered(stations)):
            start(stations, run, f"{run.model}{number}")
        elif act == "end":
            stations.control.settle()
        elif act == "event":
            stations.waiting.resource_changed(resource(run))
        elif act == "sweep":
            list(stations.capacity.sweep())
        busy = [job for job in stations.control.jobs.values() if job["TrainingJobStatus"] == "InProgress"]
        assert len(busy) <= 1
        assert stations.ledger.pool(POOL)[0].used <= 1 or by == "quota"
    assert sorted(each[0][0] for each in answered(stations)) == ["a", "b", "c", "d"]
    assert not stations.ledger.pool(POOL)[0].waiters


def answered(stations: Stations) -> list[tuple[Any, ...]]:
    """Tokens that were answered with success."""
    return [answer for answer in stations.tokens.answers if len(answer) == 2]


def test_a_batch_drop_that_has_ended_holds_nothing() -> None:
    stations = Stations()
    stations.settle_run.close(stations.a_run(), Outcome(RunState.ABORTED, "stopped"))
    stations.capacity.ended("digits", "BATCH#nobody")
    assert stations.ledger.pools() == {}


def test_a_quota_that_can_never_be_met_ends_at_once_with_what_to_do() -> None:
    """New accounts have 0 of most instance types: waiting a week for that helps nobody."""
    stations = Stations()
    [run] = runs(stations, "a")
    stations.control.quota["training"] = 0
    with pytest.raises(NoCapacityError, match=r"'ml.m5.large for training job usage' is 0.*Service Quotas"):
        start(stations, run, "t")
    assert stations.ledger.pool(POOL)[0].waiters == ()


def test_people_are_told_once_when_a_run_begins_to_wait_for_sagemaker() -> None:
    stations = one_training("quota")
    first, second = runs(stations, "a", "b")
    start(stations, first, "t1")
    stations.notices.told.clear()
    for lap in range(4):
        start(stations, second, f"t2-{lap}")
        stations.clock.pass_(900)
    [(subject, text)] = stations.notices.told
    assert subject == "b: waiting for instances"
    assert "1 ml.m5.large for training" in text
    assert "gives up after 7 days" in text
