"""The same dataset is one run; while one runs only the newest waits; every upload has a record of what became of it."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.core.run import RunState
from tests.fakes.rooms import PREFIX, SOUND, Rooms, csv_of

RUNNING_AND_NEWEST = ["RUNNING", "WAITING"]


def test_a_single_file_is_snapshotted_and_started(rooms: Rooms) -> None:
    run = rooms.a_run()
    assert rooms.executions.running == [run.run_id]
    assert rooms.executions.inputs[run.run_id] == {
        "run": run.to_dict(),
        "route": {
            "preparation": "none",
            "tuning": False,
            "training": "container",
            "scoring": "alpha",
            "approval": "automatic",
            "deployment": "realtime",
        },
    }
    assert rooms.states() == ["RUNNING"]
    assert rooms.artifacts.read(f"{run.snapshot}data/v1.csv") == csv_of(1).encode()
    assert (PREFIX, run.run_id) == ("switchyard", f"digits-{run.digest[:12]}")


def test_a_folder_in_every_order_is_one_run_once_it_is_closed() -> None:
    for order in permutations(["a.csv", "b.csv", "_SUCCESS"]):
        rooms = Rooms()
        rooms.has_pipeline()
        for name in order:
            rooms.drop(f"digits/train/v1/{name}", csv_of(ord(name[0])) if name.endswith(".csv") else "")
        assert ("INCOMPLETE" in rooms.states()) == (order[-1] != "_SUCCESS"), order
        rooms.drop("digits/train/v1/_SUCCESS", "")
        assert "INCOMPLETE" not in rooms.states(), order
        assert "RUNNING" in rooms.states(), order


def test_an_event_five_times_is_one_run_and_one_upload(rooms: Rooms) -> None:
    rooms.has_pipeline()
    key = rooms.upload("digits/train/v1.csv")
    for _ in range(5):
        rooms.admission.admit(key)
    assert (len(rooms.executions.inputs), rooms.states()) == (1, ["RUNNING"])


@pytest.mark.parametrize(
    "again",
    ["digits/train/v1.csv", "digits/train/v2.csv", "digits/train/copy/v1.csv", "digits/train/copy/other.csv"],
)
def test_the_same_dataset_twice_is_one_run_wherever_it_lies(rooms: Rooms, again: str) -> None:
    rooms.has_pipeline()
    rooms.drop("digits/train/v1.csv")
    rooms.drop(again)
    rooms.drop("digits/train/copy/_SUCCESS", "")
    assert len(rooms.executions.inputs) == 1
    assert len(rooms.ledger.runs("digits")) == 1


def test_the_same_dataset_for_two_models_is_two_runs(rooms: Rooms) -> None:
    for model in ("digits", "cancer"):
        rooms.has_pipeline(model)
        rooms.drop(f"{model}/train/v1.csv")
    assert len(rooms.executions.running) == 2


def test_the_same_dataset_as_a_run_that_ended_says_so(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.ledger.set_state("digits", run.run_id, RunState.REJECTED, "worse")
    rooms.ledger.release("digits", run.run_id)
    assert (
        rooms.drop("digits/train/again.csv", csv_of(1)) == f"REJECTED: the same dataset as run {run.run_id}"
    )
    assert rooms.states() == ["REJECTED", "REJECTED"]
    assert rooms.ledger.active("digits") is None


def test_a_second_dataset_waits_and_a_third_supersedes_it(rooms: Rooms) -> None:
    rooms.has_pipeline()
    for seed in (1, 2, 3):
        rooms.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    assert rooms.states() == ["RUNNING", "SUPERSEDED", "WAITING"]
    [superseded] = [u for u in rooms.uploads() if u["state"] == "SUPERSEDED"]
    assert superseded["source"] == "s3://data/digits/train/v2.csv"
    assert "a newer dataset waits: digits-" in str(superseded["reason"])


def test_fifty_uploads_while_one_runs_are_two_runs(rooms: Rooms) -> None:
    rooms.has_pipeline()
    for seed in range(51):
        rooms.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    assert rooms.states() == ["RUNNING"] + ["SUPERSEDED"] * 49 + ["WAITING"]
    first = rooms.executions.running[0]
    settle(rooms, first)
    assert rooms.states() == ["REJECTED", "RUNNING"] + ["SUPERSEDED"] * 49
    assert len(rooms.executions.inputs) == 2
    newest = [u for u in rooms.uploads() if u["state"] == "RUNNING"]
    assert newest[0]["source"] == "s3://data/digits/train/v50.csv"


def settle(rooms: Rooms, run_id: str, state: str = "REJECTED") -> None:
    run = rooms.ledger.run("digits", run_id)
    rooms.settle_run.ended(run, rooms.executions.succeeds(run_id, state))


@given(order=st.permutations([1, 2, 3, 4]), repeats=st.lists(st.integers(0, 3), max_size=4))
@settings(deadline=None, max_examples=60)
def test_events_in_every_order_and_repeated_end_alike(order: list[int], repeats: list[int]) -> None:
    """Four uploads, their events in any order, some twice: one runs, the newest waits, if it is not that one."""
    rooms = Rooms()
    rooms.has_pipeline()
    keys = {seed: rooms.upload(f"digits/train/v{seed}.csv", csv_of(seed)) for seed in (1, 2, 3, 4)}
    for seed in [*order, *(order[i] for i in repeats)]:
        rooms.admission.admit(keys[seed])
    by_source = {str(u["source"])[-5]: u["state"] for u in rooms.uploads()}
    assert by_source[str(order[0])] == "RUNNING"
    waits = order[0] != max(order)
    assert by_source[str(max(order))] == ("WAITING" if waits else "RUNNING")
    assert sorted(by_source.values()) == ["RUNNING"] + ["SUPERSEDED"] * (3 - waits) + ["WAITING"] * waits
    while rooms.executions.running:
        settle(rooms, rooms.executions.running[0])
    assert rooms.states() == ["REJECTED"] * (1 + waits) + ["SUPERSEDED"] * (3 - waits)
    assert (rooms.ledger.active("digits"), rooms.ledger.waiting("digits")) == (None, None)


# which dataset is the newest is told by when it arrived, not by when anybody came to it


def test_a_dataset_that_comes_back_is_the_newest_although_the_queue_lags(rooms: Rooms) -> None:
    """1 runs; 2 and 3 arrive, then the rows of 2 once more; all three are handled half a minute later."""
    running = rooms.a_run(1)
    arrivals = {2: csv_of(2), 3: csv_of(3), 9: csv_of(2)}
    keys = [rooms.upload(f"digits/train/v{name}.csv", body) for name, body in arrivals.items()]
    rooms.clock.pass_(30)
    for key in keys:
        rooms.admission.admit(key)
    by_source = {str(u["source"])[-6:-4]: u["state"] for u in rooms.uploads()}
    assert by_source == {"v1": "RUNNING", "v2": "SUPERSEDED", "v3": "SUPERSEDED", "v9": "WAITING"}
    settle(rooms, running.run_id)
    [last] = rooms.executions.running
    assert last.endswith("-r2")


def test_a_dataset_that_comes_back_while_it_waits_stays_before_what_came_between(rooms: Rooms) -> None:
    rooms.a_run(1)
    arrivals = {2: csv_of(2), 3: csv_of(3), 9: csv_of(2)}
    keys = [rooms.upload(f"digits/train/v{name}.csv", body) for name, body in arrivals.items()]
    for at in (0, 2, 1):
        rooms.admission.admit(keys[at])
    by_source = {str(u["source"])[-6:-4]: u["state"] for u in rooms.uploads()}
    assert by_source == {"v1": "RUNNING", "v2": "WAITING", "v3": "SUPERSEDED", "v9": "WAITING"}


def test_a_dataset_that_comes_back_while_it_runs_supersedes_what_waits(rooms: Rooms) -> None:
    rooms.a_run(1)
    rooms.drop("digits/train/v2.csv", csv_of(2))
    rooms.drop("digits/train/v9.csv", csv_of(1))
    by_source = {str(u["source"])[-6:-4]: u["state"] for u in rooms.uploads()}
    assert by_source == {"v1": "RUNNING", "v2": "SUPERSEDED", "v9": "RUNNING"}
    assert rooms.ledger.waiting("digits") is None


def test_what_arrived_before_the_dataset_that_ran_is_not_trained_on_after_it(rooms: Rooms) -> None:
    older = rooms.has_pipeline() or rooms.upload("digits/train/v1.csv", csv_of(1))
    newer = rooms.a_run(2)
    settle(rooms, newer.run_id)
    assert "SUPERSEDED; a newer dataset has run" in rooms.admission.admit(older)
    assert rooms.executions.running == []


def test_an_upload_in_parts_is_as_new_as_its_event(rooms: Rooms) -> None:
    """S3 lists it with the time at which its upload began."""
    slow = rooms.has_pipeline() or rooms.upload("digits/train/v1.csv", csv_of(1))
    quick = rooms.a_run(2)
    settle(rooms, quick.run_id)
    rooms.clock.pass_(5)
    assert rooms.admission.admit(slow, rooms.clock()).startswith("started")


# what was dropped once more


@pytest.mark.parametrize("how", ["FAILED", "ABORTED"])
def test_a_dataset_whose_run_broke_is_tried_again_when_it_is_dropped_again(rooms: Rooms, how: str) -> None:
    run = rooms.a_run()
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id, how))
    rooms.clock.pass_(1)
    rooms.drop("digits/train/v1.csv", csv_of(1))
    assert rooms.executions.running == [f"{run.run_id}-r2"]


def test_a_late_event_of_the_first_drop_is_no_second_try(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.clock.pass_(60)
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id))
    assert rooms.admission.admit("digits/train/v1.csv").startswith("FAILED")
    assert rooms.executions.running == []


def test_a_superseded_dataset_runs_when_it_is_dropped_again(rooms: Rooms) -> None:
    rooms.has_pipeline()
    for seed in (1, 2, 3):
        rooms.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    rooms.clock.pass_(1)
    rooms.drop("digits/train/v2.csv", csv_of(2))
    waiting = rooms.ledger.waiting("digits")
    assert waiting is not None
    assert str(waiting["run_id"]).endswith("-r2")


@pytest.mark.parametrize("how", ["PROMOTED", "REJECTED", "ROLLED_BACK", "INCONCLUSIVE"])
def test_a_dataset_that_was_judged_is_not_tried_again(rooms: Rooms, how: str) -> None:
    run = rooms.a_run()
    rooms.ledger.set_state("digits", run.run_id, RunState(how), "because")
    rooms.ledger.release("digits", run.run_id)
    rooms.clock.pass_(60)
    rooms.drop("digits/train/v1.csv", csv_of(1))
    assert len(rooms.executions.inputs) == 1


def test_a_second_try_takes_the_pipeline_of_its_day(rooms: Rooms) -> None:
    run = rooms.a_run()
    rooms.settle_run.ended(run, rooms.executions.breaks(run.run_id))
    rooms.clock.pass_(1)
    rooms.has_pipeline(training={"max_runtime_seconds": 77})
    rooms.drop("digits/train/v1.csv", csv_of(1))
    again = rooms.ledger.run("digits", f"{run.run_id}-r2")
    assert rooms.snapshots.pipeline(again).training.max_runtime_seconds == 77
    assert rooms.snapshots.pipeline(run).training.max_runtime_seconds == 86400


def test_a_file_that_is_replaced_while_it_is_read_is_taken_in_its_newer_form(rooms: Rooms) -> None:
    rooms.has_pipeline()
    rooms.upload("digits/train/v1.csv")
    listed = rooms.data.list("digits/train/v1.csv")
    rooms.upload("digits/train/v1.csv", csv_of(9))
    rooms.data.list = lambda _prefix: listed  # type: ignore[method-assign]  # the first event listed it before
    assert "changed while it was read" in rooms.admission.admit("digits/train/v1.csv")
    del rooms.data.list
    assert rooms.admission.admit("digits/train/v1.csv").startswith("started")
    assert rooms.states() == ["INVALID", "RUNNING"]


# races: what one writer does between two looks of another


def test_a_run_that_ends_while_its_duplicate_is_admitted_does_not_keep_the_place(rooms: Rooms) -> None:
    run = rooms.a_run()
    inner, ended = rooms.ledger.record_upload, []

    def ends_meanwhile(*arguments: object) -> None:
        inner(*arguments)  # type: ignore[arg-type]
        if not ended:
            ended.append(True)
            settle(rooms, run.run_id)

    rooms.ledger.record_upload = ends_meanwhile  # type: ignore[method-assign,assignment]
    rooms.drop("digits/train/again.csv", csv_of(1))
    assert rooms.states() == ["REJECTED", "REJECTED"]
    assert rooms.ledger.active("digits") is None


def test_a_run_that_ended_gives_the_place_back_at_once(rooms: Rooms) -> None:
    """A duplicate saw the run under way, and takes the place after the run has given it back."""
    run = rooms.a_run()
    settle(rooms, run.run_id)
    assert rooms.run_queue.start_or_wait(run, 1.0) == f"{run.run_id}: REJECTED"
    assert rooms.ledger.active("digits") is None


def test_what_has_started_is_not_superseded(rooms: Rooms) -> None:
    run = rooms.a_run()
    assert rooms.ledger.set_state("digits", run.run_id, RunState.SUPERSEDED) is RunState.RUNNING


def test_what_is_about_to_start_and_is_superseded_leaves_the_place_to_the_newer(rooms: Rooms) -> None:
    rooms.has_pipeline()
    for seed in (1, 2):
        rooms.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    waiting = str((rooms.ledger.waiting("digits") or {})["run_id"])
    acquire = rooms.ledger.acquire

    def newer_meanwhile(model: str, run_id: str) -> bool:
        taken = acquire(model, run_id)
        if run_id == waiting:
            rooms.ledger.acquire = acquire  # type: ignore[method-assign]
            rooms.drop("digits/train/v3.csv", csv_of(3))
        return taken

    rooms.ledger.acquire = newer_meanwhile  # type: ignore[method-assign]
    settle(rooms, rooms.executions.running[0])
    assert rooms.states() == ["REJECTED", "RUNNING", "SUPERSEDED"]
    assert rooms.ledger.active("digits") == rooms.executions.running[0] != waiting


def test_a_duplicate_of_what_waits_starts_it_and_leaves_the_waiting_place_free(rooms: Rooms) -> None:
    rooms.has_pipeline()
    for seed in (1, 2):
        rooms.drop(f"digits/train/v{seed}.csv", csv_of(seed))
    first = rooms.executions.running[0]
    rooms.ledger.set_state("digits", first, RunState.REJECTED)
    rooms.ledger.release("digits", first)
    rooms.admission.admit("digits/train/v2.csv")
    rooms.drop("digits/train/v3.csv", csv_of(3))
    assert rooms.states() == ["REJECTED", "RUNNING", "WAITING"]


def test_a_waiting_run_that_has_been_started_does_not_go_back_to_waiting(rooms: Rooms) -> None:
    run = rooms.a_run()
    assert rooms.ledger.set_state("digits", run.run_id, RunState.WAITING) is RunState.RUNNING


def test_an_upload_is_brought_to_where_its_run_is_by_whoever_comes_next(rooms: Rooms) -> None:
    """Whoever closed the run died before it came to the uploads."""
    run = rooms.a_run()
    rooms.items.update("MODEL#digits", f"RUN#{run.run_id}", {"state": "REJECTED", "reason": "worse"})
    assert rooms.states() == ["RUNNING"]
    rooms.settle_run.ended(run, rooms.executions.succeeds(run.run_id, "REJECTED"))
    assert [(u["state"], u["reason"]) for u in rooms.uploads()] == [("REJECTED", "worse")]


def test_a_dataset_of_one_model_is_never_in_the_place_of_another(rooms: Rooms) -> None:
    for model in ("digits", "cancer"):
        rooms.has_pipeline(model)
        for seed in (1, 2):
            rooms.drop(f"{model}/train/v{seed}.csv", csv_of(seed))
    assert rooms.states("digits") == rooms.states("cancer") == RUNNING_AND_NEWEST
    assert SOUND
