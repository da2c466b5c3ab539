"""Handler functions of framework images, and the server around them, without any framework."""

from __future__ import annotations

import io
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest

from sagemaker_local.images.framework.code import CodeError
from sagemaker_local.images.framework.handlers import load_handlers
from sagemaker_local.images.framework.serve import FRAMEWORKS, invoke
from sagemaker_local.images.server import Answer, App, Request

pytestmark = pytest.mark.anyio


def module(**functions: Any) -> ModuleType:
    made = ModuleType("inference")
    vars(made).update(functions)
    return made


def ask(body: bytes, content_type: str = "text/csv", accept: str = "text/csv", **functions: Any) -> Answer:
    model = SimpleNamespace(predict=lambda rows: rows.sum(axis=1))
    made = module(**{"model_fn": lambda _: model} | functions)
    handlers = load_handlers(made, Path("/model"), FRAMEWORKS["sklearn"].predict)
    return invoke(handlers, Request(body, content_type, accept))


def test_defaults_read_and_write_csv_json_and_npy() -> None:
    assert ask(b"1,2\n3,4\n") == Answer(200, b"3.0\n7.0\n", "text/csv")
    assert ask(b"1,2") == Answer(200, b"3.0\n", "text/csv")
    assert ask(b"[[1, 2]]", "application/json", "application/json").body == b"[3]"
    rows = io.BytesIO()
    np.save(rows, np.array([[1.0, 2.0]]))
    answer = ask(rows.getvalue(), "application/x-npy", "application/x-npy")
    assert np.load(io.BytesIO(answer.body)).tolist() == [3.0]


def test_arrays_of_pickled_objects_are_not_read() -> None:
    rows = io.BytesIO()
    np.save(rows, np.array([{"an": "object"}], dtype=object), allow_pickle=True)
    assert ask(rows.getvalue(), "application/x-npy").status == 500


def test_text_comes_to_handlers_as_str_and_the_rest_as_bytes() -> None:
    seen: list[Any] = []

    def input_fn(data: Any, content_type: str) -> Any:
        seen.append((data, content_type))
        return np.zeros((1, 1))

    ask(b"1", "text/csv", input_fn=input_fn)
    ask(b"1", "application/octet-stream", input_fn=input_fn)
    assert seen == [("1", "text/csv"), (b"1", "application/octet-stream")]


def test_handlers_may_take_a_context_and_name_their_media_type() -> None:
    answer = ask(
        b"1,2",
        model_fn=lambda folder, context: (folder, context),
        predict_fn=lambda _, model, context: [*model, context],
        output_fn=lambda prediction, _, __: (f"{prediction}", "text/plain"),
    )
    assert answer == Answer(200, b"['/model', None, None]", "text/plain")


@pytest.mark.parametrize(("status_code", "status"), [(None, 500), (400, 400), (200, 500), ("400", 500)])
def test_an_exception_is_500_or_what_it_says(status_code: object, status: int) -> None:
    class FaultError(Exception):
        pass

    def predict_fn(data: Any, model: Any) -> Any:
        error = FaultError("row 2")
        error.status_code = status_code  # type: ignore[attr-defined]
        raise error

    assert ask(b"1,2", predict_fn=predict_fn) == Answer(status, b"FaultError: row 2")


def test_media_types_that_the_defaults_do_not_know() -> None:
    assert ask(b"1", "text/html").status == 415
    assert ask(b"1", accept="text/html").status == 406


@pytest.mark.parametrize(
    ("functions", "text"),
    [
        ({"model_fn": None}, "no model_fn"),
        (
            {"transform_fn": lambda *_: "", "input_fn": lambda *_: "", "predict_fn": lambda *_: ""},
            "input_fn, predict_fn",
        ),
    ],
)
def test_a_script_that_cannot_serve_is_refused(functions: dict[str, Any], text: str) -> None:
    given = {"model_fn": lambda _: None} | functions
    with pytest.raises(CodeError, match=text):
        load_handlers(
            module(**{k: v for k, v in given.items() if v}), Path("/model"), FRAMEWORKS["sklearn"].predict
        )


async def test_the_server_answers_what_sagemaker_asks() -> None:
    def invocation(request: Request) -> Answer:
        return Answer(200, b"|".join([request.body, request.content_type.encode(), request.accept.encode()]))

    app = App(invocation, max_payload_mb=1)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://container") as client:
        assert (await client.get("/ping")).status_code == 200
        headers = {"Content-Type": "text/csv; charset=utf-8", "Accept": "text/csv, */*"}
        assert (
            await client.post("/invocations", content=b"1", headers=headers)
        ).text == "1|text/csv|text/csv"
        assert (await client.post("/invocations", content=b"1" * (1 << 20) + b"1")).status_code == 413
        assert (await client.get("/invocations")).status_code == 405
        assert (await client.get("/other")).status_code == 404
        assert (await client.get("/execution-parameters")).json() == {
            "MaxConcurrentTransforms": 1,
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": 1,
        }
