"""Tokens: stored before the side effect, answered once by whoever sees the thing done, however events come."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.core.errors import BusyError, StuckError
from switchyard.core.names import Names
from switchyard.core.resources.observation import Expected
from switchyard.core.run import Run
from switchyard.core.waiting import MAX_ENDPOINT_LAPS, MAX_LAPS
from tests.fakes.stations import PREFIX, Stations

JOB = "switchyard-digits-0123456789ab"
RESOURCE = f"training-job/{JOB}"


@pytest.fixture
def run(stations: Stations) -> Run:
    return stations.a_run()


def start(stations: Stations, run: Run, token: str = "t1") -> str:  # noqa: S107
    """StartTraining leaves a token; answers the resource that it waits for."""
    stations.start_training.start(run, ["train"], token)
    return f"training-job/{Names(PREFIX, run.model, run.run_id).training_job}"


def test_the_token_is_stored_before_the_job_is_created(stations: Stations, run: Run) -> None:
    resource = f"training-job/{Names(PREFIX, run.model, run.run_id).training_job}"
    seen = []
    ensure = stations.control.ensure_training

    def look(*arguments: object) -> None:
        seen.append(len(stations.ledger.waits(resource)))
        ensure(*arguments)  # type: ignore[arg-type]

    stations.control.ensure_training = look  # type: ignore[method-assign,assignment]
    start(stations, run)
    assert seen == [1]


def test_nobody_is_answered_while_the_job_is_under_way(stations: Stations, run: Run) -> None:
    assert stations.waiting.resource_changed(start(stations, run)) == 1
    assert stations.tokens.answers == []


def test_the_event_answers_with_the_artifact(stations: Stations, run: Run) -> None:
    resource = start(stations, run)
    stations.control.settle()
    stations.waiting.resource_changed(resource)
    name = resource.split("/")[1]
    artifact = f"s3://artifacts/digits/models/{name}/output/model.tar.gz"
    assert stations.tokens.answers == [("t1", {"job": name, "artifact": artifact})]
    assert stations.ledger.waits(resource) == []


@pytest.mark.parametrize("times", [2, 5])
def test_a_repeated_event_answers_once(stations: Stations, run: Run, times: int) -> None:
    resource = start(stations, run)
    stations.control.settle()
    for _ in range(times):
        stations.waiting.resource_changed(resource)
    assert len(stations.tokens.answers) == 1


def test_an_event_that_came_before_the_token_was_stored_is_made_up_for(stations: Stations, run: Run) -> None:
    """The job was created by an attempt that died before it could wait; it is done when the next attempt comes."""
    resource = start(stations, run, "dead")
    stations.ledger.end_wait(stations.ledger.waits(resource)[0])
    stations.control.settle()
    stations.waiting.resource_changed(resource)
    assert stations.tokens.answers == []
    start(stations, run, "t2")
    assert [answer[0] for answer in stations.tokens.answers] == ["t2"]


def test_a_stale_event_answers_nobody(stations: Stations, run: Run) -> None:
    assert stations.waiting.resource_changed("endpoint/switchyard-nobody") == 0
    assert stations.tokens.answers == []


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
    stations: Stations, run: Run, status: str, more: dict[str, str], cause: str
) -> None:
    resource = start(stations, run)
    name = resource.split("/")[1]
    stations.control.jobs[name].update(TrainingJobStatus=status, **more)
    stations.waiting.resource_changed(resource)
    assert stations.tokens.answers == [("t1", "JobFailedError", f"training job {name} {cause}")]


def test_a_lap_finds_what_an_earlier_one_started(stations: Stations, run: Run) -> None:
    start(stations, run, "t1")
    stations.control.settle()
    start(stations, run, "t2")
    assert [answer[0] for answer in stations.tokens.answers] == ["t2"]
    assert len(stations.control.jobs) == 1


def test_after_its_laps_a_wait_is_stuck_and_a_human_is_told(stations: Stations, run: Run) -> None:
    for lap in range(MAX_LAPS):
        start(stations, run, f"t{lap}")
    with pytest.raises(StuckError, match=f"waited {MAX_LAPS} laps for training-job/"):
        start(stations, run, "last")


def test_who_tries_again_after_a_stuck_wait_starts_to_count_anew(stations: Stations, run: Run) -> None:
    for lap in range(MAX_LAPS):
        start(stations, run, f"t{lap}")
    with pytest.raises(StuckError):
        start(stations, run, "last")
    start(stations, run, "once more")


def refuses() -> None:
    raise BusyError("Cannot update in-progress endpoint")


AGAIN = ("t", "EndpointSettledError", "endpoint/e has settled: asked again")


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating"])
def test_an_endpoint_that_is_busy_is_waited_for_and_then_asked_again(stations: Stations, status: str) -> None:
    """A scale-out or SageMaker's maintenance takes minutes; the machine's Retry ends after one or two."""
    stations.control.put_endpoint("e", "old", {"a": 100.0}, status)
    stations.waiting.for_endpoint("e", "k", "t", Expected("c"), {}, refuses)
    assert stations.tokens.answers == []
    stations.waiting.resource_changed("endpoint/e")
    assert stations.tokens.answers == []
    stations.control.put_endpoint("e", "old", {"a": 100.0})
    stations.waiting.resource_changed("endpoint/e")
    assert stations.tokens.answers == [AGAIN]
    assert stations.ledger.waits("endpoint/e") == []


def test_a_refusal_by_an_endpoint_that_has_settled_already_is_left_to_the_machines_retry(
    stations: Stations,
) -> None:
    stations.control.put_endpoint("e", "old", {"a": 100.0})
    for _ in range(MAX_ENDPOINT_LAPS + 5):
        with pytest.raises(BusyError):
            stations.waiting.for_endpoint("e", "k", "t", Expected("c"), {}, refuses)
    stations.waiting.for_endpoint("e", "k", "t", Expected("c"), {}, lambda: None)


def test_an_endpoint_that_never_settles_is_stuck_after_its_laps(stations: Stations) -> None:
    stations.control.put_endpoint("e", "old", {"a": 100.0}, "SystemUpdating")
    for lap in range(MAX_ENDPOINT_LAPS):
        stations.waiting.for_endpoint("e", "k", f"t{lap}", Expected("c"), {}, refuses)
    with pytest.raises(StuckError, match="waited 12 laps for endpoint/e"):
        stations.waiting.for_endpoint("e", "k", "last", Expected("c"), {}, refuses)


def test_an_update_that_fell_back_in_silence_is_answered_and_never_asked_for_again(
    stations: Stations,
) -> None:
    """ "the endpoint returns to InService with its previous configuration, and the FailureReason may become empty"."""
    stations.control.put_endpoint("e", "old", {"a": 100.0})
    asked = []

    def update() -> None:
        asked.append(1)
        stations.control.endpoints["e"].update(EndpointStatus="Updating")

    stations.waiting.for_endpoint("e", "k", "t1", Expected("new"), {}, update)
    stations.clock.pass_(1200)
    stations.control.put_endpoint("e", "old", {"a": 100.0})
    stations.waiting.for_endpoint("e", "k", "t2", Expected("new"), {}, update)
    assert len(asked) == 1
    [(token, error, reason)] = stations.tokens.answers
    assert (token, error) == ("t2", "JobFailedError")
    assert "fell back to old" in reason


def test_two_who_wait_for_one_endpoint_are_answered_each_for_what_they_wait(stations: Stations) -> None:
    stations.control.put_endpoint("e", "c", {"a": 90.0, "b": 10.0})
    stations.waiting.for_endpoint(
        "e", "k1", "weights", Expected("c", {"a": 75.0, "b": 25.0}), {"who": 1}, lambda: None
    )
    stations.waiting.for_endpoint("e", "k2", "gone", Expected(gone=True), {"who": 2}, lambda: None)
    stations.control.put_endpoint("e", "c", {"a": 75.0, "b": 25.0})
    stations.waiting.resource_changed("endpoint/e")
    assert stations.tokens.answers == [("weights", {"who": 1})]
    del stations.control.endpoints["e"]
    stations.waiting.resource_changed("endpoint/e")
    assert stations.tokens.answers[1:] == [("gone", {"who": 2})]


@given(events=st.lists(st.sampled_from(["event", "settle", "lap"]), max_size=14))
@settings(max_examples=80)
def test_whatever_comes_in_whatever_order_the_last_token_is_answered_once(events: list[str]) -> None:
    """Events, laps and the job's own end in every order: one job, and the token of the last lap is answered."""
    stations = Stations()
    run = stations.a_run()
    resource, token = start(stations, run, "t0"), 0
    for number, event in enumerate(events, start=1):
        if event == "settle":
            stations.control.settle()
        elif event == "event":
            stations.waiting.resource_changed(resource)
        elif not stations.tokens.answers and token < MAX_LAPS - 1:
            token += 1
            start(stations, run, f"t{token}")
        assert len(stations.control.jobs) == 1, number
    stations.control.settle()
    stations.waiting.resource_changed(resource)
    assert [answer[0] for answer in stations.tokens.answers] == [f"t{token}"]
