"""InvokeEndpointWithResponseStream over boto3: parts as they come, errors before and in the middle."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import EventStreamError
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.hosting.invoking import event_stream
from tests.plane.hosting.asynchronous.builders import config
from tests.plane.support.harness import IMAGE, Harness, pack_model, serve, settings_in
from tests.plane.support.serving import ServingBackend, ServingProgram


class ChunkedProgram(ServingProgram):
    """Answers in chunks: `go_on` holds all but the first; with `breaks` the last never comes."""

    go_on = threading.Event()
    breaks = False
    heads: ClassVar[list[str]] = []  # of what was asked

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        if head.startswith("get"):
            writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n")
            return
        self.heads.append(head)
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        body = await reader.readexactly(length)
        if body == b"bad":
            writer.write(b"HTTP/1.1 400 X\r\nContent-Length: 3\r\n\r\nno!")
            return
        writer.write(b"HTTP/1.1 200 X\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"5\r\nfirst\r\n")
        await writer.drain()
        while not self.go_on.is_set():
            await asyncio.sleep(0.01)
        if self.breaks:
            raise ConnectionResetError
        writer.write(b"6\r\nsecond\r\n0\r\n\r\n")
        await writer.drain()


class ChunkedBackend(ServingBackend):
    async def start(self, spec: Any, *, port: int | None = None) -> ServingProgram:
        program = ChunkedProgram(spec, self.handlers[spec.image])
        await program.listen()
        return program


@pytest.fixture
def plane(tmp_path: Path, aws_url: str, s3: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    monkeypatch.setattr(ChunkedProgram, "go_on", threading.Event())
    pack_model(tmp_path, s3)
    backend = ChunkedBackend()
    backend.handlers[IMAGE] = lambda _: b""
    with serve(settings_in(tmp_path / "plane", aws_url), backend) as harness:
        harness.create_model("one")
        harness.create_config("live", {"one": 1})
        harness.sm.create_endpoint(EndpointName="live", EndpointConfigName="live")
        harness.endpoint("live")
        yield harness


def test_parts_arrive_while_the_container_still_works(plane: Harness) -> None:
    answer = plane.runtime.invoke_endpoint_with_response_stream(EndpointName="live", Body=b"x")
    assert answer["InvokedProductionVariant"] == "one"
    assert answer["ContentType"] == "text/plain"
    parts = iter(answer["Body"])
    assert next(parts) == {"PayloadPart": {"Bytes": b"first"}}
    ChunkedProgram.go_on.set()
    assert b"".join(part["PayloadPart"]["Bytes"] for part in parts) == b"second"


def test_a_stream_that_breaks_off_says_so(plane: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChunkedProgram, "breaks", True)
    answer = plane.runtime.invoke_endpoint_with_response_stream(EndpointName="live", Body=b"x")
    parts = iter(answer["Body"])
    next(parts)
    ChunkedProgram.go_on.set()
    with pytest.raises(EventStreamError, match="ModelStreamError"):
        next(parts)
    answer["Body"].close()


def test_an_error_of_the_container_is_a_model_error(plane: Harness) -> None:
    with pytest.raises(plane.runtime.exceptions.ModelError) as error:
        plane.runtime.invoke_endpoint_with_response_stream(EndpointName="live", Body=b"bad")
    assert error.value.response["OriginalStatusCode"] == 400
    assert error.value.response["OriginalMessage"] == "no!"


def test_endpoints_that_do_not_stream_refuse(plane: Harness) -> None:
    plane.create_config("queue", {"one": 1}, AsyncInferenceConfig=config())
    plane.sm.create_endpoint(EndpointName="queue", EndpointConfigName="queue")
    plane.endpoint("queue")
    invalid = plane.runtime.exceptions.ValidationError
    for name, words in (("queue", "only receive asynchronous"), ("nobody", "not found")):
        with pytest.raises(invalid, match=words):
            plane.runtime.invoke_endpoint_with_response_stream(EndpointName=name, Body=b"x")


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5))
def test_botocore_reads_every_part(parts: list[bytes]) -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(b"".join(map(event_stream.payload_part, parts)))
    found = list(buffer)
    assert [each.payload for each in found] == parts
    assert {each.headers[":event-type"] for each in found} == {"PayloadPart"}


def test_the_container_is_told_no_more_than_by_the_plain_call(plane: Harness) -> None:
    """A client of ours has a name and likings of its own; they are not the caller's."""
    ChunkedProgram.go_on.set()
    answer = plane.runtime.invoke_endpoint_with_response_stream(
        EndpointName="live", Body=b"x", ContentType="text/csv"
    )
    list(answer["Body"])
    names = {line.split(":")[0] for line in ChunkedProgram.heads[-1].split("\r\n")[1:] if line}
    assert names == {"host", "content-type", "content-length"}
