"""Tokens: stored before the side effect, answered once by whoever sees the thing done, however events come."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.core.errors import BusyError, StuckError
from switchyard.core.names import Names
from switchyard.core.resources.observation import Expected
from switchyard.core.run import Run
from switchyard.core.waiting import MAX_ENDPOINT_LAPS, MAX_LAPS
from tests.fakes.rooms import PREFIX, Rooms

JOB = "switchyard-digits-0123456789ab"
RESOURCE = f"training-job/{JOB}"


@pytest.fixture
def run(rooms: Rooms) -> Run:
    return rooms.a_run()


def start(rooms: Rooms, run: Run, token: str = "t1") -> str:  # noqa: S107
    """StartTraining leaves a token; answers the resource that it waits for."""
    rooms.start_training.start(run, ["train"], token)
    return f"training-job/{Names(PREFIX, run.model, run.run_id).training_job}"


def test_the_token_is_stored_before_the_job_is_created(rooms: Rooms, run: Run) -> None:
    resource = f"training-job/{Names(PREFIX, run.model, run.run_id).training_job}"
    seen = []
    ensure = rooms.control.ensure_training

    def look(*arguments: object) -> None:
        seen.append(len(rooms.ledger.waits(resource)))
        ensure(*arguments)  # type: ignore[arg-type]

    rooms.control.ensure_training = look  # type: ignore[method-assign,assignment]
    start(rooms, run)
    assert seen == [1]


def test_nobody_is_answered_while_the_job_is_under_way(rooms: Rooms, run: Run) -> None:
    assert rooms.waiting.resource_changed(start(rooms, run)) == 1
    assert rooms.tokens.answers == []


def test_the_event_answers_with_the_artifact(rooms: Rooms, run: Run) -> None:
    resource = start(rooms, run)
    rooms.control.settle()
    rooms.waiting.resource_changed(resource)
    name = resource.split("/")[1]
    artifact = f"s3://artifacts/digits/models/{name}/output/model.tar.gz"
    assert rooms.tokens.answers == [("t1", {"job": name, "artifact": artifact})]
    assert rooms.ledger.waits(resource) == []


@pytest.mark.parametrize("times", [2, 5])
def test_a_repeated_event_answers_once(rooms: Rooms, run: Run, times: int) -> None:
    resource = start(rooms, run)
    rooms.control.settle()
    for _ in range(times):
        rooms.waiting.resource_changed(resource)
    assert len(rooms.tokens.answers) == 1


def test_an_event_that_came_before_the_token_was_stored_is_made_up_for(rooms: Rooms, run: Run) -> None:
    """The job was created by an attempt that died before it could wait; it is done when the next attempt comes."""
    resource = start(rooms, run, "dead")
    rooms.ledger.end_wait(rooms.ledger.waits(resource)[0])
    rooms.control.settle()
    rooms.waiting.resource_changed(resource)
    assert rooms.tokens.answers == []
    start(rooms, run, "t2")
    assert [answer[0] for answer in rooms.tokens.answers] == ["t2"]


def test_a_stale_event_answers_nobody(rooms: Rooms, run: Run) -> None:
    assert rooms.waiting.resource_changed("endpoint/switchyard-nobody") == 0
    assert rooms.tokens.answers == []


@pytest.mark.parametrize(
    ("status", "more", "cause"),
    [
        (
            "Failed",
            {"FailureReason": "AlgorithmError: no convergence"},
            "Failed: AlgorithmError: no convergence",
        ),
        ("Stopped", {"SecondaryStatus": "MaxRuntimeExceeded"}, "Stopped: MaxRuntimeExceeded"),
        ("Stopped", {}, "Stopped: Stopped"),
    ],
)
def test_a_job_that_ends_badly_fails_the_token_with_its_reason(
    rooms: Rooms, run: Run, status: str, more: dict[str, str], cause: str
) -> None:
    resource = start(rooms, run)
    name = resource.split("/")[1]
    rooms.control.jobs[name].update(TrainingJobStatus=status, **more)
    rooms.waiting.resource_changed(resource)
    assert rooms.tokens.answers == [("t1", "JobFailedError", f"training job {name} {cause}")]


def test_a_lap_finds_what_an_earlier_one_started(rooms: Rooms, run: Run) -> None:
    start(rooms, run, "t1")
    rooms.control.settle()
    start(rooms, run, "t2")
    assert [answer[0] for answer in rooms.tokens.answers] == ["t2"]
    assert len(rooms.control.jobs) == 1


def test_after_its_laps_a_wait_is_stuck_and_a_human_is_told(rooms: Rooms, run: Run) -> None:
    for lap in range(MAX_LAPS):
        start(rooms, run, f"t{lap}")
    with pytest.raises(StuckError, match=f"waited {MAX_LAPS} laps for training-job/"):
        start(rooms, run, "last")


def test_who_tries_again_after_a_stuck_wait_starts_to_count_anew(rooms: Rooms, run: Run) -> None:
    for lap in range(MAX_LAPS):
        start(rooms, run, f"t{lap}")
    with pytest.raises(StuckError):
        start(rooms, run, "last")
    start(rooms, run, "once more")


def refuses() -> None:
    raise BusyError("Cannot update in-progress endpoint")


AGAIN = ("t", "EndpointSettledError", "endpoint/e has settled: asked again")


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating"])
def test_an_endpoint_that_is_busy_is_waited_for_and_then_asked_again(rooms: Rooms, status: str) -> None:
    """A scale-out or SageMaker's maintenance takes minutes; the machine's Retry ends after one or two."""
    rooms.control.put_endpoint("e", "old", {"a": 100.0}, status)
    rooms.waiting.for_endpoint("e", "k", "t", Expected("c"), {}, refuses)
    assert rooms.tokens.answers == []
    rooms.waiting.resource_changed("endpoint/e")
    assert rooms.tokens.answers == []
    rooms.control.put_endpoint("e", "old", {"a": 100.0})
    rooms.waiting.resource_changed("endpoint/e")
    assert rooms.tokens.answers == [AGAIN]
    assert rooms.ledger.waits("endpoint/e") == []


def test_a_refusal_by_an_endpoint_that_has_settled_already_is_left_to_the_machines_retry(
    rooms: Rooms,
) -> None:
    rooms.control.put_endpoint("e", "old", {"a": 100.0})
    for _ in range(MAX_ENDPOINT_LAPS + 5):
        with pytest.raises(BusyError):
            rooms.waiting.for_endpoint("e", "k", "t", Expected("c"), {}, refuses)
    rooms.waiting.for_endpoint("e", "k", "t", Expected("c"), {}, lambda: None)


def test_an_endpoint_that_never_settles_is_stuck_after_its_laps(rooms: Rooms) -> None:
    rooms.control.put_endpoint("e", "old", {"a": 100.0}, "SystemUpdating")
    for lap in range(MAX_ENDPOINT_LAPS):
        rooms.waiting.for_endpoint("e", "k", f"t{lap}", Expected("c"), {}, refuses)
    with pytest.raises(StuckError, match="waited 12 laps for endpoint/e"):
        rooms.waiting.for_endpoint("e", "k", "last", Expected("c"), {}, refuses)


def test_an_update_that_fell_back_in_silence_is_answered_and_never_asked_for_again(rooms: Rooms) -> None:
    """ "the endpoint returns to InService with its previous configuration, and the FailureReason may become empty"."""
    rooms.control.put_endpoint("e", "old", {"a": 100.0})
    asked = []

    def update() -> None:
        asked.append(1)
        rooms.control.endpoints["e"].update(EndpointStatus="Updating")

    rooms.waiting.for_endpoint("e", "k", "t1", Expected("new"), {}, update)
    rooms.clock.pass_(1200)
    rooms.control.put_endpoint("e", "old", {"a": 100.0})
    rooms.waiting.for_endpoint("e", "k", "t2", Expected("new"), {}, update)
    assert len(asked) == 1
    [(token, error, reason)] = rooms.tokens.answers
    assert (token, error) == ("t2", "JobFailedError")
    assert "fell back to old" in reason


def test_two_who_wait_for_one_endpoint_are_answered_each_for_what_they_wait(rooms: Rooms) -> None:
    rooms.control.put_endpoint("e", "c", {"a": 90.0, "b": 10.0})
    rooms.waiting.for_endpoint(
        "e", "k1", "weights", Expected("c", {"a": 75.0, "b": 25.0}), {"who": 1}, lambda: None
    )
    rooms.waiting.for_endpoint("e", "k2", "gone", Expected(gone=True), {"who": 2}, lambda: None)
    rooms.control.put_endpoint("e", "c", {"a": 75.0, "b": 25.0})
    rooms.waiting.resource_changed("endpoint/e")
    assert rooms.tokens.answers == [("weights", {"who": 1})]
    del rooms.control.endpoints["e"]
    rooms.waiting.resource_changed("endpoint/e")
    assert rooms.tokens.answers[1:] == [("gone", {"who": 2})]


@given(events=st.lists(st.sampled_from(["event", "settle", "lap"]), max_size=14))
@settings(deadline=None, max_examples=80)
def test_whatever_comes_in_whatever_order_the_last_token_is_answered_once(events: list[str]) -> None:
    """Events, laps and the job's own end in every order: one job, and the token of the last lap is answered."""
    rooms = Rooms()
    run = rooms.a_run()
    resource, token = start(rooms, run, "t0"), 0
    for number, event in enumerate(events, start=1):
        if event == "settle":
            rooms.control.settle()
        elif event == "event":
            rooms.waiting.resource_changed(resource)
        elif not rooms.tokens.answers and token < MAX_LAPS - 1:
            token += 1
            start(rooms, run, f"t{token}")
        assert len(rooms.control.jobs) == 1, number
    rooms.control.settle()
    rooms.waiting.resource_changed(resource)
    assert [answer[0] for answer in rooms.tokens.answers] == [f"t{token}"]
