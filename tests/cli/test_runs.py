"""What people read of the ledger."""

import io
import json
from typing import Any

from cli.commands.look.runs import table
from cli.records.ledger import Line, lines, read_lines
from cli.records.run_state import is_terminal
from switchyard.core.ledger.retirement import Retirement

SOURCE = "s3://switchyard-data/digits/train/v1"


def upload(number: int, **fields: str) -> dict[str, str]:
    at = f"2026-11-22T10:0{number}:00.000+00:00"
    return {
        "pk": "MODEL#digits",
        "sk": f"UPLOAD#{number}",
        "source": SOURCE,
        "at": at,
        "run_id": "",
        **fields,
    }


def run(run_id: str, **fields: str) -> dict[str, str]:
    moments = {"started_at": "2026-11-22T10:05:00.000+00:00", "ended_at": "2026-11-22T10:09:00.000+00:00"}
    return {"pk": "MODEL#digits", "sk": f"RUN#{run_id}", "source": "schedule", **moments, **fields}


def test_an_upload_is_one_line_with_the_end_of_its_run() -> None:
    found = lines(
        [
            upload(1, state="PROMOTED", reason="better", run_id="digits-abc"),
            run("digits-abc", state="PROMOTED"),
        ]
    )
    assert [(line.state, line.run_id, line.ended_at[:19]) for line in found] == [
        ("PROMOTED", "digits-abc", "2026-11-22T10:09:00")
    ]


def test_a_run_that_has_ended_is_over_before_its_uploads_say_so() -> None:
    """The two are written one after the other: who looks between them saw RUNNING with an end, and no reason."""
    [line] = lines(
        [
            upload(1, state="RUNNING", run_id="digits-abc"),
            run("digits-abc", state="PROMOTED", reason="better"),
        ]
    )
    assert (line.state, line.reason, line.ended_at[:19]) == ("PROMOTED", "better", "2026-11-22T10:09:00")


def test_a_batch_drop_says_when_it_ended() -> None:
    drop = {
        "pk": "MODEL#digits",
        "sk": "BATCH#digits-abc",
        "state": "SCORED",
        "ended_at": "2026-11-22T10:07:00.000+00:00",
    }
    [line] = lines(
        [upload(1, state="SCORED", source="s3://b/digits/batch/monday.csv", run_id="digits-abc"), drop]
    )
    assert (line.state, line.ended_at[:19]) == ("SCORED", "2026-11-22T10:07:00")


def test_a_model_may_be_called_batch() -> None:
    of_it = {"pk": "MODEL#batch"}
    dropped = upload(1, state="PROMOTED", source="s3://data/batch/train/v1.csv", run_id="batch-abc", **of_it)
    [line] = lines([dropped, run("batch-abc", state="PROMOTED") | of_it])
    assert not line.is_batch
    assert line.ended_at[:19] == "2026-11-22T10:09:00"


def test_a_run_that_no_upload_started_has_a_line_of_its_own() -> None:
    assert [line.source for line in lines([run("digits-abc"), upload(1, state="INVALID")])] == [
        SOURCE,
        "schedule",
    ]


def test_a_line_says_what_its_run_has_cost_or_is_expected_to() -> None:
    bill = {"usd": 0.23, "unpriced": []}
    lacking = {"usd": 0.1, "unpriced": ["ml.m4.xlarge for training"]}
    estimate = json.dumps({"expected": {"usd": 3.2, "unpriced": []}})
    found = lines(
        [
            run("a", estimate=estimate),
            run("b", estimate=estimate, cost=json.dumps(bill)),
            run("c", cost=json.dumps(lacking)),
            run("d"),
        ]
    )
    assert {line.run_id: line.cost for line in found} == {
        "a": "~ $3.20",
        "b": "$0.23",
        "c": "> $0.10",
        "d": "",
    }
    assert [(line.cost_usd, line.estimated_usd) for line in found if line.run_id == "b"] == [(0.23, 3.2)]


def test_a_retirement_is_a_line_of_its_own() -> None:
    said = Retirement("digits", "digits-abc", 1.8e9)
    item = {
        "pk": "MODEL#digits",
        "sk": "RETIRED",
        "at": "2026-11-22T10:05:00",
        "retirement": json.dumps(said.to_dict()),
    }
    [line] = lines([item])
    assert (line.state, line.source) == ("RETIRED", "pipeline.yaml")
    assert is_terminal(line.state)


def test_the_same_dataset_twice_is_two_lines_of_one_run() -> None:
    found = lines([upload(2, run_id="r"), run("r"), upload(1, run_id="r")])
    assert [line.at[:16] for line in found] == ["2026-11-22T10:01", "2026-11-22T10:02"]
    assert {line.run_id for line in found} == {"r"}


def test_other_items_of_the_table_are_not_lines() -> None:
    assert lines([{"pk": "MODEL#digits", "sk": "CHAMPION"}, {"pk": "WAIT#x", "sk": "y"}]) == []


def test_the_table_shows_reasons_as_they_are() -> None:
    from rich.console import Console

    reason = "row 3: [red]'x'[/] is not a number"
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(table([Line("digits", SOURCE, "INVALID", reason, "", "2026-11-22T10:01:00", "")]))
    text = console.export_text()
    assert reason in text
    assert "train/v1" in text
    assert "s3://" not in text


class Partition:
    """A table of which one partition may be asked for, page by page, and nothing else."""

    pages = (
        [upload(1, state="REJECTED"), {"pk": "MODEL#digits", "sk": "ACTIVE"}],
        [upload(2, state="PROMOTED")],
    )

    def client(self, service: str) -> "Partition":
        assert service == "dynamodb"
        return self

    def output(self, name: str) -> str:
        return name

    def get_paginator(self, call: str) -> "Partition":
        assert call == "query"
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        assert asked["ExpressionAttributeValues"] == {":model": {"S": "MODEL#digits"}}
        return [{"Items": [{k: {"S": v} for k, v in item.items()} for item in page]} for page in self.pages]


def test_the_lines_of_one_model_are_read_without_those_of_others() -> None:
    assert [line.state for line in read_lines(Partition(), "digits")] == ["REJECTED", "PROMOTED"]
