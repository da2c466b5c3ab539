"""The same dataset is one run; while one runs only the newest waits; every upload has a record of what became of it."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.core.run import RunState
from tests.fakes.stations import PREFIX, SOUND, Stations, csv_of

RUNNING_AND_NEWEST = ["RUNNING", "WAITING"]


def test_a_single_file_is_snapshotted_and_started(stations: Stations) -> None:
    run = stations.a_run()
    assert stations.executions.running == [run.run_id]
    assert stations.executions.inputs[run.run_id] == {
        "run": run.to_dict(),
        "route": {
            "preparation": "none",
            "tuning": False,
            "training": "container",
            "scoring": "alpha",
            "approval": "automatic",
            "deployment": "realtime",
            "program": False,
        },
    }
    assert stations.states() == ["RUNNING"]
    assert stations.artifacts.read(f"{run.snapshot}data/v1.csv") == csv_of(1).encode()
    assert (PREFIX, run.run_id) == ("switchyard", f"digits-{run.digest[:12]}")


def test_a_folder_in_every_order_is_one_run_once_it_is_closed() -> None:
    for order in permutations(["a.csv", "b.csv", "_SUCCESS"]):
        stations = Stations()
        stations.has_pipeline()
        for name in order:
            stations.drop(f"digits/train/v1/{name}", csv_of(ord(name[0])) if name.endswith(".csv") else "")
        assert ("INCOMPLETE" in stations.states()) == (order[-1] != "_SUCCESS"), order
        stations.drop("digits/train/v1/_SUCCESS", "")
        assert "INCOMPLETE" not in stations.states(), order
        assert "RUNNING" in stations.states(), order


def test_an_event_five_times_is_one_run_and_one_upload(stations: Stations) -> None:
    stations.has_pipeline()
    key = stations.upload("digits/train/v1.csv")
    for _ in range(5):
        stations.admission.admit(key)
    assert (len(stations.executions.inputs), stations.states()) == (1, ["RUNNING"])


@pytest.mark.parametrize(
    "again",
    ["digits/train/v1.csv", "digits/train/v2.csv", "digits/train/copy/v1.csv", "digits/train/copy/other.csv"],
)
def test_the_same_dataset_twice_is_one_run_wherever_it_lies(stations: Stations, again: str) -> None:
    stations.has_pipeline()
    stations.drop("digits/train/v1.csv")
    stations.drop(again)
    stations.drop("digits/train/copy/_SUCCESS", "")
    assert len(stations.executions.inputs) == 1
    assert len(stations.ledger.runs("digits")) == 1


def test_the_same_dataset_for_two_models_is_two_runs(stations: Stations) -> None:
    for model in ("digits", "cancer"):
        stations.has_pipeline(model)
        stations.drop(f"{model}/train/v1.csv")
    assert len(stations.executions.running) == 2


def test_the_same_dataset_as_a_run_that_ended_says_so(stations: Stations) -> None:
    run = stations.a_run()
    stations.ledger.set_state("digits", run.run_id, RunState.REJECTED, "worse")
    stations.ledger.release("digits", run.run_id)
    assert (
        stations.drop("digits/train/again.csv", csv_of(1))
        == f"REJECTED: the same dataset as run {run.run_id}"
    )
    assert stations.states() == ["REJECTED", "REJECTED"]
    assert stations.ledger.active("digits") is None


def test_a_second_dataset_waits_and_a_third_supersedes_it(stations: Stations) -> None:
    stations.has_pipeline()
    for seed in (1, 2, 3):
        stations.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    assert stations.states() == ["RUNNING", "SUPERSEDED", "WAITING"]
    [superseded] = [u for u in stations.uploads() if u["state"] == "SUPERSEDED"]
    assert superseded["source"] == "s3://data/digits/train/v2.csv"
    assert "a newer dataset waits: digits-" in str(superseded["reason"])


def test_fifty_uploads_while_one_runs_are_two_runs(stations: Stations) -> None:
    stations.has_pipeline()
    for seed in range(51):
        stations.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    assert stations.states() == ["RUNNING"] + ["SUPERSEDED"] * 49 + ["WAITING"]
    first = stations.executions.running[0]
    settle(stations, first)
    assert stations.states() == ["REJECTED", "RUNNING"] + ["SUPERSEDED"] * 49
    assert len(stations.executions.inputs) == 2
    newest = [u for u in stations.uploads() if u["state"] == "RUNNING"]
    assert newest[0]["source"] == "s3://data/digits/train/v50.csv"


def settle(stations: Stations, run_id: str, state: str = "REJECTED") -> None:
    run = stations.ledger.run("digits", run_id)
    stations.settle_run.ended(run, stations.executions.succeeds(run_id, state))


@given(order=st.permutations([1, 2, 3, 4]), repeats=st.lists(st.integers(0, 3), max_size=4))
@settings(max_examples=60)
def test_events_in_every_order_and_repeated_end_alike(order: list[int], repeats: list[int]) -> None:
    """Four uploads, their events in any order, some twice: one runs, the newest waits, if it is not that one."""
    stations = Stations()
    stations.has_pipeline()
    keys = {seed: stations.upload(f"digits/train/v{seed}.csv", csv_of(seed)) for seed in (1, 2, 3, 4)}
    for seed in [*order, *(order[i] for i in repeats)]:
        stations.admission.admit(keys[seed])
    by_source = {str(u["source"])[-5]: u["state"] for u in stations.uploads()}
    assert by_source[str(order[0])] == "RUNNING"
    waits = order[0] != max(order)
    assert by_source[str(max(order))] == ("WAITING" if waits else "RUNNING")
    assert sorted(by_source.values()) == ["RUNNING"] + ["SUPERSEDED"] * (3 - waits) + ["WAITING"] * waits
    while stations.executions.running:
        settle(stations, stations.executions.running[0])
    assert stations.states() == ["REJECTED"] * (1 + waits) + ["SUPERSEDED"] * (3 - waits)
    assert (stations.ledger.active("digits"), stations.ledger.waiting("digits")) == (None, None)


# which dataset is the newest is told by when it arrived, not by when anybody came to it


def test_a_dataset_that_comes_back_is_the_newest_although_the_queue_lags(stations: Stations) -> None:
    """1 runs; 2 and 3 arrive, then the rows of 2 once more; all three are handled half a minute later."""
    running = stations.a_run(1)
    arrivals = {2: csv_of(2), 3: csv_of(3), 9: csv_of(2)}
    keys = [stations.upload(f"digits/train/v{name}.csv", body) for name, body in arrivals.items()]
    stations.clock.pass_(30)
    for key in keys:
        stations.admission.admit(key)
    by_source = {str(u["source"])[-6:-4]: u["state"] for u in stations.uploads()}
    assert by_source == {"v1": "RUNNING", "v2": "SUPERSEDED", "v3": "SUPERSEDED", "v9": "WAITING"}
    settle(stations, running.run_id)
    [last] = stations.executions.running
    assert last.endswith("-r2")


def test_a_dataset_that_comes_back_while_it_waits_stays_before_what_came_between(stations: Stations) -> None:
    stations.a_run(1)
    arrivals = {2: csv_of(2), 3: csv_of(3), 9: csv_of(2)}
    keys = [stations.upload(f"digits/train/v{name}.csv", body) for name, body in arrivals.items()]
    for at in (0, 2, 1):
        stations.admission.admit(keys[at])
    by_source = {str(u["source"])[-6:-4]: u["state"] for u in stations.uploads()}
    assert by_source == {"v1": "RUNNING", "v2": "WAITING", "v3": "SUPERSEDED", "v9": "WAITING"}


def test_a_dataset_that_comes_back_while_it_runs_supersedes_what_waits(stations: Stations) -> None:
    stations.a_run(1)
    stations.drop("digits/train/v2.csv", csv_of(2))
    stations.drop("digits/train/v9.csv", csv_of(1))
    by_source = {str(u["source"])[-6:-4]: u["state"] for u in stations.uploads()}
    assert by_source == {"v1": "RUNNING", "v2": "SUPERSEDED", "v9": "RUNNING"}
    assert stations.ledger.waiting("digits") is None


def test_what_arrived_before_the_dataset_that_ran_is_not_trained_on_after_it(stations: Stations) -> None:
    older = stations.has_pipeline() or stations.upload("digits/train/v1.csv", csv_of(1))
    newer = stations.a_run(2)
    settle(stations, newer.run_id)
    assert "SUPERSEDED; a newer dataset has run" in stations.admission.admit(older)
    assert stations.executions.running == []


def test_an_upload_in_parts_is_as_new_as_its_event(stations: Stations) -> None:
    """S3 lists it with the time at which its upload began."""
    slow = stations.has_pipeline() or stations.upload("digits/train/v1.csv", csv_of(1))
    quick = stations.a_run(2)
    settle(stations, quick.run_id)
    stations.clock.pass_(5)
    assert stations.admission.admit(slow, stations.clock()).startswith("started")


# what was dropped once more


@pytest.mark.parametrize("how", ["FAILED", "ABORTED"])
def test_a_dataset_whose_run_broke_is_tried_again_when_it_is_dropped_again(
    stations: Stations, how: str
) -> None:
    run = stations.a_run()
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id, how))
    stations.clock.pass_(1)
    stations.drop("digits/train/v1.csv", csv_of(1))
    assert stations.executions.running == [f"{run.run_id}-r2"]


def test_a_late_event_of_the_first_drop_is_no_second_try(stations: Stations) -> None:
    run = stations.a_run()
    stations.clock.pass_(60)
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id))
    assert stations.admission.admit("digits/train/v1.csv").startswith("FAILED")
    assert stations.executions.running == []


def test_a_superseded_dataset_runs_when_it_is_dropped_again(stations: Stations) -> None:
    stations.has_pipeline()
    for seed in (1, 2, 3):
        stations.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    stations.clock.pass_(1)
    stations.drop("digits/train/v2.csv", csv_of(2))
    waiting = stations.ledger.waiting("digits")
    assert waiting is not None
    assert str(waiting["run_id"]).endswith("-r2")


@pytest.mark.parametrize("how", ["PROMOTED", "REJECTED", "ROLLED_BACK", "INCONCLUSIVE"])
def test_a_dataset_that_was_judged_is_not_tried_again(stations: Stations, how: str) -> None:
    run = stations.a_run()
    stations.ledger.set_state("digits", run.run_id, RunState(how), "because")
    stations.ledger.release("digits", run.run_id)
    stations.clock.pass_(60)
    stations.drop("digits/train/v1.csv", csv_of(1))
    assert len(stations.executions.inputs) == 1


def test_a_second_try_takes_the_pipeline_of_its_day(stations: Stations) -> None:
    run = stations.a_run()
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id))
    stations.clock.pass_(1)
    stations.has_pipeline(training={"max_runtime_seconds": 77})
    stations.drop("digits/train/v1.csv", csv_of(1))
    again = stations.ledger.run("digits", f"{run.run_id}-r2")
    assert stations.snapshots.pipeline(again).training.max_runtime_seconds == 77
    assert stations.snapshots.pipeline(run).training.max_runtime_seconds == 86400


def test_a_file_that_is_replaced_while_it_is_read_is_taken_in_its_newer_form(stations: Stations) -> None:
    stations.has_pipeline()
    stations.upload("digits/train/v1.csv")
    listed = stations.data.list("digits/train/v1.csv")
    stations.upload("digits/train/v1.csv", csv_of(9))
    stations.data.list = lambda _prefix: listed  # type: ignore[method-assign]  # the first event listed it before
    assert "changed while it was read" in stations.admission.admit("digits/train/v1.csv")
    del stations.data.list
    assert stations.admission.admit("digits/train/v1.csv").startswith("started")
    assert stations.states() == ["INVALID", "RUNNING"]


# races: what one writer does between two looks of another


def test_a_run_that_ends_while_its_duplicate_is_admitted_does_not_keep_the_place(stations: Stations) -> None:
    run = stations.a_run()
    inner, ended = stations.ledger.record_upload, []

    def ends_meanwhile(*arguments: object) -> None:
        inner(*arguments)  # type: ignore[arg-type]
        if not ended:
            ended.append(True)
            settle(stations, run.run_id)

    stations.ledger.record_upload = ends_meanwhile  # type: ignore[method-assign,assignment]
    stations.drop("digits/train/again.csv", csv_of(1))
    assert stations.states() == ["REJECTED", "REJECTED"]
    assert stations.ledger.active("digits") is None


def test_a_run_that_ended_gives_the_place_back_at_once(stations: Stations) -> None:
    """A duplicate saw the run under way, and takes the place after the run has given it back."""
    run = stations.a_run()
    settle(stations, run.run_id)
    assert stations.run_queue.start_or_wait(run, 1.0) == f"{run.run_id}: REJECTED"
    assert stations.ledger.active("digits") is None


def test_what_has_started_is_not_superseded(stations: Stations) -> None:
    run = stations.a_run()
    assert stations.ledger.set_state("digits", run.run_id, RunState.SUPERSEDED) is RunState.RUNNING


def test_what_is_about_to_start_and_is_superseded_leaves_the_place_to_the_newer(stations: Stations) -> None:
    stations.has_pipeline()
    for seed in (1, 2):
        stations.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    waiting = str((stations.ledger.waiting("digits") or {})["run_id"])
    acquire = stations.ledger.acquire

    def newer_meanwhile(model: str, run_id: str) -> bool:
        taken = acquire(model, run_id)
        if run_id == waiting:
            stations.ledger.acquire = acquire  # type: ignore[method-assign]
            stations.drop("digits/train/v3.csv", csv_of(3))
        return taken

    stations.ledger.acquire = newer_meanwhile  # type: ignore[method-assign]
    settle(stations, stations.executions.running[0])
    assert stations.states() == ["REJECTED", "RUNNING", "SUPERSEDED"]
    assert stations.ledger.active("digits") == stations.executions.running[0] != waiting


def test_a_duplicate_of_what_waits_starts_it_and_leaves_the_waiting_place_free(stations: Stations) -> None:
    stations.has_pipeline()
    for seed in (1, 2):
        stations.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    first = stations.executions.running[0]
    stations.ledger.set_state("digits", first, RunState.REJECTED)
    stations.ledger.release("digits", first)
    stations.admission.admit("digits/train/v2.csv")
    stations.drop("digits/train/v3.csv", csv_of(3))
    assert stations.states() == ["REJECTED", "RUNNING", "WAITING"]


def test_a_waiting_run_that_has_been_started_does_not_go_back_to_waiting(stations: Stations) -> None:
    run = stations.a_run()
    assert stations.ledger.set_state("digits", run.run_id, RunState.WAITING) is RunState.RUNNING


def test_an_upload_is_brought_to_where_its_run_is_by_whoever_comes_next(stations: Stations) -> None:
    """Whoever closed the run died before it came to the uploads."""
    run = stations.a_run()
    stations.items.update("MODEL#digits", f"RUN#{run.run_id}", {"state": "REJECTED", "reason": "worse"})
    assert stations.states() == ["RUNNING"]
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, "REJECTED"))
    assert [(u["state"], u["reason"]) for u in stations.uploads()] == [("REJECTED", "worse")]


def test_a_dataset_of_one_model_is_never_in_the_place_of_another(stations: Stations) -> None:
    for model in ("digits", "cancer"):
        stations.has_pipeline(model)
        for seed in (1, 2):
            stations.drop(f"{model}/train/v{seed}.csv", csv_of(seed))
    assert stations.states("digits") == stations.states("cancer") == RUNNING_AND_NEWEST
    assert SOUND
