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
from tests.fakes.rooms import PREFIX, Rooms

POOL = "training/ml.m5.large"
FREED = "CapacityFreedError"


@pytest.fixture(params=["limit", "quota"])
def rooms(request: pytest.FixtureRequest) -> Rooms:
    """One training at a time: by a limit of ours, or because SageMaker says so."""
    return one_training(request.param)


def one_training(by: str) -> Rooms:
    rooms = Rooms(limits={POOL: 1} if by == "limit" else {})
    if by == "quota":
        rooms.control.quota["training"] = 1
    return rooms


def start(rooms: Rooms, run: Run, token: str) -> None:
    rooms.start_training.start(run, ["train"], token)


def resource(run: Run) -> str:
    return f"training-job/{Names(PREFIX, run.model, run.run_id).training_job}"


def reason(rooms: Rooms, run: Run) -> str:
    return str((rooms.ledger.run_item(run.model, run.run_id) or {})["reason"])


def runs(rooms: Rooms, *models: str) -> list[Run]:
    return [rooms.a_run(seed, model) for seed, model in enumerate(models, start=1)]


def finish(rooms: Rooms, run: Run) -> None:
    """The job ends, and its event comes."""
    rooms.control.settle()
    rooms.waiting.resource_changed(resource(run))


def errors(rooms: Rooms) -> list[tuple[str, str]]:
    """Tokens that were failed, with the error's name."""
    return [(answer[0], answer[1]) for answer in rooms.tokens.answers if len(answer) == 3]


def test_the_second_waits_and_says_so(rooms: Rooms) -> None:
    first, second, third = runs(rooms, "a", "b", "c")
    start(rooms, first, "t1")
    start(rooms, second, "t2")
    start(rooms, third, "t3")
    assert list(rooms.control.jobs) == [resource(first).split("/")[1]]
    assert rooms.tokens.answers == []
    text = "waits for capacity: 1 ml.m5.large for training"
    assert reason(rooms, second).startswith(f"{text}, 0 runs before it")
    assert reason(rooms, third).startswith(f"{text}, 1 run before it")
    assert rooms.state(second) is RunState.RUNNING
    assert reason(rooms, first) == ""


def test_the_end_of_one_calls_the_next(rooms: Rooms) -> None:
    first, second, third = runs(rooms, "a", "b", "c")
    for run in (first, second, third):
        start(rooms, run, run.model)
    finish(rooms, first)
    assert errors(rooms) == [("b", FREED)]
    start(rooms, second, "b2")
    assert reason(rooms, second) == ""
    assert ("c", FREED) not in errors(rooms) or rooms.control.quota
    start(rooms, third, "c2")
    assert len(rooms.control.jobs) == 2
    finish(rooms, second)
    assert ("c2", FREED) in errors(rooms)
    start(rooms, third, "c3")
    assert len(rooms.control.jobs) == 3


def test_a_newcomer_stands_behind_who_waits_already(rooms: Rooms) -> None:
    first, second, third = runs(rooms, "a", "b", "c")
    start(rooms, first, "a")
    start(rooms, second, "b")
    finish(rooms, first)
    start(rooms, third, "c")
    assert len(rooms.control.jobs) == 1
    assert "1 run before it" in reason(rooms, third)


def test_laps_in_line_are_not_counted(rooms: Rooms) -> None:
    first, second = runs(rooms, "a", "b")
    start(rooms, first, "a")
    for lap in range(MAX_LAPS + 3):
        start(rooms, second, f"b{lap}")
    finish(rooms, first)
    start(rooms, second, "last")
    finish(rooms, second)
    assert rooms.tokens.answers[-1][0] == "last"
    assert len(rooms.tokens.answers[-1]) == 2


def test_a_wait_in_line_has_an_end(rooms: Rooms) -> None:
    first, second = runs(rooms, "a", "b")
    start(rooms, first, "a")
    start(rooms, second, "b")
    rooms.clock.pass_(7 * DAY + 1)
    with pytest.raises(NoCapacityError, match=r"waited 7.0 days for capacity: 1 ml.m5.large for training"):
        start(rooms, second, "b2")
    assert not rooms.ledger.pool(POOL)[0].waiters


def test_a_run_that_ends_while_it_waits_leaves_the_line(rooms: Rooms) -> None:
    first, second, third = runs(rooms, "a", "b", "c")
    for run in (first, second, third):
        start(rooms, run, run.model)
    rooms.settle_run.ended(second, Execution("ABORTED", {}, "stopped"))
    assert [place.model for place in rooms.ledger.pool(POOL)[0].waiters] == ["c"]
    finish(rooms, first)
    assert ("c", FREED) in errors(rooms)


def test_a_stopped_run_gives_its_place_back_once_its_job_has_stopped(rooms: Rooms) -> None:
    first, second = runs(rooms, "a", "b")
    start(rooms, first, "a")
    start(rooms, second, "b")
    rooms.settle_run.ended(first, Execution("ABORTED", {}, "stopped"))
    start(rooms, second, "b2")
    assert len(rooms.control.jobs) == 1  # the instance is in use until the job has stopped
    finish(rooms, first)
    assert errors(rooms)[-1] == ("b2", FREED)


def test_a_lost_event_is_made_up_for_by_the_sweep(rooms: Rooms) -> None:
    first, second = runs(rooms, "a", "b")
    start(rooms, first, "a")
    start(rooms, second, "b")
    rooms.control.settle()
    rooms.ledger.end_wait(rooms.ledger.waits(resource(first))[0])
    before = rooms.ledger.pools()
    list(rooms.capacity.sweep(dry_run=True))
    assert (rooms.ledger.pools(), errors(rooms)) == (before, [])
    list(rooms.capacity.sweep())
    assert errors(rooms) == [("b", FREED)]


def test_one_whose_token_is_gone_does_not_bar_the_way(rooms: Rooms) -> None:
    first, second, third = runs(rooms, "a", "b", "c")
    for run in (first, second, third):
        start(rooms, run, run.model)
    rooms.ledger.end_wait(rooms.ledger.waits(resource(second))[0])
    finish(rooms, first)
    assert errors(rooms) == [("c", FREED)]


def test_a_crash_between_taking_and_creating_leaks_nothing() -> None:
    rooms = one_training("limit")
    first, second = runs(rooms, "a", "b")
    ensure = rooms.control.ensure_training

    def dies(*_: object) -> None:
        raise ResourceWarning("the Lambda is gone")

    rooms.control.ensure_training = dies  # type: ignore[method-assign]
    with pytest.raises(ResourceWarning):
        start(rooms, first, "a")
    rooms.control.ensure_training = ensure  # type: ignore[method-assign]
    start(rooms, second, "b")
    assert list(rooms.capacity.sweep()) == []  # its state may be about to be entered once more
    rooms.settle_run.ended(first, Execution("FAILED", {}, "Lambda.Unknown"))
    assert errors(rooms) == [("b", FREED)]
    assert rooms.ledger.pool(POOL)[0].holders == ()


def test_sagemakers_own_words_are_in_the_reason() -> None:
    rooms = one_training("quota")
    first, second = runs(rooms, "a", "b")
    start(rooms, first, "a")
    start(rooms, second, "b")
    assert (
        "SageMaker says: The account-level service limit 'ml.m5.large for training job usage' is 1"
        in reason(rooms, second)
    )


def test_nothing_is_written_where_there_is_no_limit_and_room_enough() -> None:
    rooms = Rooms()
    [run] = runs(rooms, "a")
    start(rooms, run, "t")
    finish(rooms, run)
    assert rooms.ledger.pools() == {}


def test_more_than_there_can_ever_be_is_refused_at_once() -> None:
    rooms = Rooms(limits={POOL: 1})
    rooms.has_pipeline("a", training={"instance_count": 2, "image": "own:1"})
    [run] = runs(rooms, "a")
    with pytest.raises(NoCapacityError, match=r"asks for 2 ml.m5.large for training, and the limit .* is 1"):
        start(rooms, run, "t")


def test_the_way_back_waits_for_nobody() -> None:
    rooms = Rooms()

    def full() -> None:
        raise ResourceLimitError("no room")

    with pytest.raises(BusyError, match="no room"):
        rooms.waiting.for_endpoint("e", "k", "t", Expected("c"), {}, full)


ALPHA = {"artifact": "s3://artifacts/a/models/j/model.tar.gz", "champion": ""}


def test_a_live_endpoint_keeps_its_instances_from_one_run_to_the_next() -> None:
    rooms = Rooms(limits={"endpoint/ml.m5.large": 3})
    [run] = runs(rooms, "a")
    rooms.artifacts.write("a/models/j/model.tar.gz", b"m")
    names = Names(PREFIX, "a", run.run_id)
    rooms.control.models[names.sagemaker_model] = ALPHA["artifact"]
    alpha = {**ALPHA, "artifact_sha256": rooms.artifacts.sha256("a/models/j/model.tar.gz")}
    rooms.shift_traffic.start(run, alpha, "t")
    pool, _ = rooms.ledger.pool("endpoint/ml.m5.large")
    assert [(p.record, p.instances) for p in pool.holders] == [(run.record, 1)]
    rooms.control.settle()
    rooms.artifacts.write(f"a/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "ab"}')
    outcome = {"outcome": {"state": "PROMOTED", "reason": "first"}}
    rooms.settle_run.ended(run, Execution("SUCCEEDED", outcome, ""))
    pool, _ = rooms.ledger.pool("endpoint/ml.m5.large")
    assert [(p.record, p.instances) for p in pool.holders] == [(CHAMPION, 1)]
    rooms.settle_run.keep_live("a")
    assert rooms.ledger.pool("endpoint/ml.m5.large")[0] == pool


@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["enter", "end", "event", "sweep"]), st.integers(0, 3)), max_size=30
    ),
    by=st.sampled_from(["limit", "quota"]),
)
@settings(deadline=None, max_examples=30, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_whatever_comes_in_whatever_order_one_trains_at_a_time_and_all_do(
    acts: list[tuple[str, int]], by: str
) -> None:
    """States are entered (at first, after a call, after a lap) until their token is answered."""
    rooms = one_training(by)
    everyone = runs(rooms, "a", "b", "c", "d")
    to_the_end = [(act, who) for _ in range(8) for act in ("end", "sweep", "enter") for who in range(4)]
    for number, (act, who) in enumerate([*acts, *to_the_end]):
        run = everyone[who]
        if act == "enter" and not any(each[0].startswith(run.model) for each in answered(rooms)):
            start(rooms, run, f"{run.model}{number}")
        elif act == "end":
            rooms.control.settle()
        elif act == "event":
            rooms.waiting.resource_changed(resource(run))
        elif act == "sweep":
            list(rooms.capacity.sweep())
        busy = [job for job in rooms.control.jobs.values() if job["TrainingJobStatus"] == "InProgress"]
        assert len(busy) <= 1
        assert rooms.ledger.pool(POOL)[0].used <= 1 or by == "quota"
    assert sorted(each[0][0] for each in answered(rooms)) == ["a", "b", "c", "d"]
    assert not rooms.ledger.pool(POOL)[0].waiters


def answered(rooms: Rooms) -> list[tuple[Any, ...]]:
    """Tokens that were answered with success."""
    return [answer for answer in rooms.tokens.answers if len(answer) == 2]


def test_a_batch_drop_that_has_ended_holds_nothing() -> None:
    rooms = Rooms()
    rooms.settle_run.close(rooms.a_run(), Outcome(RunState.ABORTED, "stopped"))
    rooms.capacity.ended("digits", "BATCH#nobody")
    assert rooms.ledger.pools() == {}


def test_a_quota_that_can_never_be_met_ends_at_once_with_what_to_do() -> None:
    """New accounts have 0 of most instance types: waiting a week for that helps nobody."""
    rooms = Rooms()
    [run] = runs(rooms, "a")
    rooms.control.quota["training"] = 0
    with pytest.raises(NoCapacityError, match=r"'ml.m5.large for training job usage' is 0.*Service Quotas"):
        start(rooms, run, "t")
    assert rooms.ledger.pool(POOL)[0].waiters == ()


def test_people_are_told_once_when_a_run_begins_to_wait_for_sagemaker() -> None:
    rooms = one_training("quota")
    first, second = runs(rooms, "a", "b")
    start(rooms, first, "t1")
    rooms.notices.told.clear()
    for lap in range(4):
        start(rooms, second, f"t2-{lap}")
        rooms.clock.pass_(900)
    [(subject, text)] = rooms.notices.told
    assert subject == "b waits for capacity"
    assert "1 ml.m5.large for training" in text
    assert "gives up after 7 days" in text
