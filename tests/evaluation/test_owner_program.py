"""The owner's own loss: files of answers for a processing job, one number a row back, judged as any other metric."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.errors import JobFailedError
from switchyard.core.names import Names
from switchyard.core.policy import Problem
from switchyard.evaluation.owner_program import OwnerProgram, read_losses
from switchyard.evaluation.rules.program_files import answer_files, losses_in
from switchyard.stats.moments import Moments, PairedMoments
from tests.evaluation.test_judge_holdout import Room
from tests.fakes.stations import PREFIX

OWN = {"metrics": {"program": {"margin": 0.2}}, "program": {"entry_point": "loss.py"}}
HEADER = ["age", "y"]
ROWS = [["7", "no"], ["8, nearly", "yes"]]


def test_each_model_has_a_file_of_the_holdouts_rows_with_its_answer_behind_them() -> None:
    files = answer_files(Problem.BINARY, HEADER, ROWS, [(0.0, 0.25, 0.5), (1.0, 0.75, 1.0)], ("no", "yes"))
    assert files == {
        "challenger": b'age,y,prediction\n7,no,0.5\n"8, nearly",yes,1.0\n',
        "champion": b'age,y,prediction\n7,no,0.25\n"8, nearly",yes,0.75\n',
    }


def test_of_many_classes_each_has_a_column_by_its_name_and_one_that_a_model_lacks_is_0() -> None:
    pairs: list[Any] = [(0.0, (1.0, 0.0), (0.5, 0.25, 0.25)), (1.0, (0.5, 0.5), (0.0, 1.0, 0.0))]
    files = answer_files(Problem.MULTICLASS, HEADER, ROWS, pairs, ("ant", "bee", "cat"))
    assert files["champion"].decode().splitlines()[:2] == [
        "age,y,prediction_ant,prediction_bee,prediction_cat",
        "7,no,1.0,0.0,0.0",
    ]


def test_rows_without_a_usable_answer_of_the_challenger_are_in_neither_file() -> None:
    files = answer_files(Problem.BINARY, HEADER, ROWS, [(0.0, 0.25, 7.0), (1.0, 0.75, 1.0)], ())
    assert [len(body.splitlines()) for body in files.values()] == [2, 2]


def test_a_column_that_is_called_as_an_answer_is_refused() -> None:
    with pytest.raises(JobFailedError, match=r"has a column 'prediction', .* rename the column"):
        answer_files(Problem.BINARY, ["prediction", "y"], ROWS, [(0.0, 0.25, 0.5), (1.0, 0.75, 1.0)], ())


def test_a_chunk_without_any_usable_answer_asks_nothing_of_the_script() -> None:
    room = Room(rows=400, **OWN)
    read = read_losses(room.stations.artifacts, room.run, {"chunk-0.csv": 0}, paired=True)
    assert read == PairedMoments(Moments(), Moments(), Moments())


@given(st.lists(st.floats(-1e30, 1e30), max_size=20))
def test_losses_are_read_as_they_were_written(losses: list[float]) -> None:
    assert losses_in("s3://a/x", "".join(f"{each!r}\n" for each in losses).encode(), len(losses)) == losses


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"1.0\n", "1 losses of 2 rows are in s3://a/x; for each file of its input"),
        (b"loss\n1.0\n2.0\n", "3 losses of 2 rows"),
        (b"1.0\nnan\n", "line 2 of s3://a/x is not a finite number"),
        (b"1.0\n1e300\n", "line 2 of s3://a/x is not a finite number"),
        (b"high\n1.0\n", "line 1 of s3://a/x is not a finite number"),
        (b"\xff\n1.0\n", "line 1 of s3://a/x is not a finite number"),
        (b"1.0 2.0\n", "1 losses of 2 rows"),
        (b"1_0\n2.0\n", "line 1 of s3://a/x is not a finite number"),
        ("\u0661\n2.0\n".encode(), "line 1 of s3://a/x is not a finite number"),
    ],
)
def test_anything_else_says_what_has_to_be_written(body: bytes, says: str) -> None:
    with pytest.raises(JobFailedError, match=says):
        losses_in("s3://a/x", body, 2)


def scored(**more: Any) -> Room:
    """The chunks are scored; the gate waits for the program."""
    room = Room(rows=400, **{**OWN, **more})
    with pytest.raises(JobFailedError, match="wrote no s3://artifacts/digits/evaluations/"):
        room.verdict()
    return room


def judge(room: Room, losses: dict[str, float]) -> dict[str, Any]:
    """The program runs, with the same loss for every row of a model."""
    rooms = room.stations
    use = OwnerProgram(PREFIX, rooms.artifacts, rooms.control, rooms.snapshots, rooms.waiting)

    def run(source: str, output: str) -> None:
        for item in rooms.artifacts.list(rooms.artifacts.key_of(source)):
            model, name = item.key.split("/")[-2:]
            if model not in losses:
                continue
            rows = len(rooms.artifacts.read(item.key).splitlines()) - 1
            body = "".join(f"{losses[model] + at % 2}\n" for at in range(rows))
            rooms.artifacts.write(f"{rooms.artifacts.key_of(output)}{model}/{name}", body.encode())

    rooms.control.prepared = run
    use.start(room.run, "token")
    rooms.control.settle()
    job = Names(PREFIX, room.run.model, room.run.run_id).program_job
    assert rooms.waiting.resource_changed(f"processing-job/{job}") == 1
    return room.verdict()


def test_a_model_that_is_worse_by_the_owners_own_loss_is_rejected() -> None:
    room = scored()
    verdict = judge(room, {"champion": 1.0, "challenger": 3.0})
    assert verdict["verdict"] == "fail"
    assert verdict["reason"] == "program: worse by 2 (2 to 2); up to 0.3 worse is accepted"
    [figure] = room.figures(verdict)
    assert (figure["champion"], figure["challenger"], figure["rows"]) == (1.5, 3.5, 400)
    kept = json.loads(room.stations.artifacts.read(f"digits/evaluations/{room.run.run_id}/program.json"))
    assert kept["difference"][:2] == [400, 2.0]


def test_one_that_is_no_worse_passes_and_a_floor_binds() -> None:
    room = scored(slices=["a"])
    verdict = judge(room, {"champion": 1.0, "challenger": 1.0})
    assert verdict["verdict"] == "pass"
    assert len(room.figures(verdict)) == 1
    floored = scored(metrics={"ours": {"metric": "program", "margin": 0.2, "floor": 1.2}})
    assert judge(floored, {"champion": 1.0, "challenger": 1.0})["reason"].startswith(
        "ours (program) 1.5 misses the floor 1.2"
    )


def test_losses_of_one_model_alone_name_the_file_that_is_missing() -> None:
    room = scored()
    with pytest.raises(
        JobFailedError, match=r"wrote no s3://artifacts/.*/program/losses/challenger/chunk-0.csv"
    ):
        judge(room, {"champion": 1.0})
