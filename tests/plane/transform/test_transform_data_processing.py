"""DataProcessing of transform jobs: filters, and predictions joined with their input."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.harness import IMAGE, eventually
from tests.plane.support.serving import Asked, ServingBackend
from tests.plane.transform.builders import LINES, TOGETHER, Transforms
from tests.plane.transform.logs import logged


class TestDataProcessing:
    def test_joins_csv_and_keeps_the_columns_that_are_asked_for(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        transforms.put(a_csv='"id, 1",1,2\nid2,3,4\n')
        processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
        job = transforms.run("joined", LINES, TOGETHER, DataProcessing=processing)
        assert job["TransformJobStatus"] == "Completed", job
        assert job["DataProcessing"] == processing
        assert transforms.outputs() == {"a.csv.out": '"id, 1",6\nid2,14\n'}

    def test_joins_json_lines(self, transforms: Transforms, backend: ServingBackend) -> None:
        def predict(asked: Asked) -> Any:
            if asked.path != "/invocations":
                return 404, b""
            rows = [json.loads(line) for line in asked.body.splitlines()]
            return b"".join(json.dumps({"sum": sum(row)}).encode() + b"\n" for row in rows)

        backend.handlers[IMAGE] = predict
        transforms.put(a_jsonl='{"id": 7, "features": [1, 2]}\n{"id": 8, "features": [3]}\n')
        kind = {"ContentType": "application/jsonlines"}
        processing = {
            "InputFilter": "$.features",
            "JoinSource": "Input",
            "OutputFilter": "$['id','SageMakerOutput']",
        }
        job = transforms.run(
            "lines",
            LINES | kind,
            TOGETHER | {"Accept": "application/jsonlines"},
            DataProcessing=processing,
        )
        assert job["TransformJobStatus"] == "Completed", job
        lines = transforms.outputs()["a.jsonl.out"].splitlines()
        assert [json.loads(line) for line in lines] == [
            {"id": 7, "SageMakerOutput": {"sum": 3}},
            {"id": 8, "SageMakerOutput": {"sum": 3}},
        ]

    def test_wraps_json_that_is_no_object(self, transforms: Transforms, backend: ServingBackend) -> None:
        backend.handlers[IMAGE] = lambda asked: b"[0.5]" if asked.path == "/invocations" else (404, b"")
        transforms.put(a_json="[1, 2]")
        kind = "application/json"
        transforms.run(
            "wrapped", {"ContentType": kind}, {"Accept": kind}, DataProcessing={"JoinSource": "Input"}
        )
        written = json.loads(transforms.outputs()["a.json.out"])
        assert written == {"SageMakerInput": [1, 2], "SageMakerOutput": [0.5]}

    @pytest.mark.parametrize("path", ["[0]", "$..a", "$[?@.a > 1]", "$["])
    def test_refuses_paths_that_sagemaker_does_not_have(self, transforms: Transforms, path: str) -> None:
        with pytest.raises(ClientError, match="DataProcessing"):
            transforms.create("bad", LINES, TOGETHER, DataProcessing={"InputFilter": path})

    @pytest.mark.parametrize(
        ("kind", "path", "words"),
        [
            (
                "application/jsonlines",
                "$['account_id','SageMakerOutput']",
                """Invalid InputFilter: "$['account_id','SageMakerOutput']". Unexpected "_" in JsonPath. """
                """Supported operators for "application/jsonlines" are """
                """['$', '[', ']', '*', '.', ' ', ',', ':', '-'""",
            ),
            ("application/json", '$["id"]', 'Unexpected """ in JsonPath'),
            ("text/csv", "$.features", 'Unexpected "f" in JsonPath. Supported operators for "text/csv"'),
            ("text/csv", "$['0']", 'Unexpected "\'" in JsonPath'),
            ("application/json", "$.a.['b','c.d']", "nesting of children within brackets is not supported"),
            ("text/csv", "$[0:5:2]", "no step"),
        ],
        ids=["underscore", "double quotes", "csv by name", "csv by name in brackets", "nested", "step"],
    )
    def test_refuses_what_is_not_among_its_operators(
        self, transforms: Transforms, kind: str, path: str, words: str
    ) -> None:
        """ "SageMaker supports only a subset of the defined JSONPath operators" (Supported JSONPath Operators)."""
        given, wanted = LINES | {"ContentType": kind}, TOGETHER | {"Accept": kind}
        with pytest.raises(ClientError, match=rf"\(ValidationException\).*{re.escape(words)}"):
            transforms.create("bad", given, wanted, DataProcessing={"InputFilter": path})

    def test_refuses_formats_that_do_not_agree(self, transforms: Transforms) -> None:
        processing = {"JoinSource": "Input"}
        with pytest.raises(ClientError, match="SplitType and AssembleWith to be Line"):
            transforms.create("bad", LINES, DataProcessing=processing)
        with pytest.raises(ClientError, match="to be the same one of"):
            transforms.create(
                "bad", LINES, TOGETHER | {"Accept": "application/json"}, DataProcessing=processing
            )

    def test_fails_when_a_column_is_not_there(self, transforms: Transforms, aws_url: str) -> None:
        transforms.put(a_csv="1,2\n", b_csv="1,2,3\n")
        job = transforms.run("short", LINES, TOGETHER, DataProcessing={"InputFilter": "$[2]"})
        assert (job["TransformJobStatus"], job["FailureReason"]) == (
            "Failed",
            "ClientError: See job logs for more information",
        )
        assert transforms.outputs() == {"b.csv.out": "6\n"}
        eventually(lambda: [line for line in logged(aws_url, "short", "/data-log") if "$[2]" in line])

    def test_fails_when_records_and_answers_cannot_be_associated(
        self, transforms: Transforms, backend: ServingBackend
    ) -> None:
        backend.handlers[IMAGE] = lambda asked: b"1\n" if asked.path == "/invocations" else (404, b"")
        transforms.put(a_csv="1\n2\n")
        job = transforms.run("odd", LINES, TOGETHER, DataProcessing={"JoinSource": "Input"})
        assert job["TransformJobStatus"] == "Failed"
        assert transforms.outputs() == {}
