"""One file of records in, one file of inferences out: in order, and whole or not at all."""

from __future__ import annotations

import asyncio
import gzip
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sagemaker_local.store import Document
from sagemaker_local.transform.data_processing import DataProcessing, data_processing
from sagemaker_local.transform.parameters import TransformParameters
from sagemaker_local.transform.records import payloads

Ask = Callable[[bytes], Awaitable[bytes]]


@dataclass(frozen=True)
class TransformPlan:
    """How the files of a job are taken apart and put together."""

    parameters: TransformParameters
    split_type: str
    is_gzip: bool
    is_assembled_with_line: bool
    processing: DataProcessing | None

    @classmethod
    def of(cls, job: Document, parameters: TransformParameters) -> TransformPlan:
        given, wanted = job["TransformInput"], job["TransformOutput"]
        return cls(
            parameters=parameters,
            split_type=given.get("SplitType", "None"),
            is_gzip=given.get("CompressionType") == "Gzip",
            is_assembled_with_line=wanted.get("AssembleWith") == "Line",
            processing=data_processing(job),
        )

    def payloads(self, source: Path) -> Iterator[tuple[list[bytes], bytes]]:
        """The records of each request, and its body."""
        with gzip.open(source) if self.is_gzip else source.open("rb") as content:
            for records in payloads(
                cast(BinaryIO, content),
                self.split_type,
                is_multi_record=self.parameters.is_multi_record,
                limit=self.parameters.max_payload_bytes,
            ):
                yield records, self.processing.requested(records) if self.processing else b"".join(records)

    def assemble(self, out: BinaryIO, records: list[bytes], body: bytes) -> None:
        """Append the answer to `records`."""
        for result in self.processing.results(records, body) if self.processing else [body]:
            out.write(result.rstrip(b"\r\n") + b"\n" if self.is_assembled_with_line else result)


async def transform_file(source: Path, target: Path, plan: TransformPlan, ask: Ask) -> None:
    """Ask for every payload of `source`, up to max_concurrent at once, and write the answers in order.

    Raises what `ask` raises, RecordError or DataProcessingError; no request is under way then.
    """
    payloads = plan.payloads(source)
    waiting: deque[tuple[list[bytes], asyncio.Task[bytes]]] = deque()
    with target.open("wb") as out:
        try:
            while True:
                while len(waiting) < plan.parameters.max_concurrent:
                    payload = await asyncio.to_thread(next, payloads, None)
                    if payload is None:
                        break
                    waiting.append((payload[0], asyncio.create_task(_awaited(ask, payload[1]))))
                if not waiting:
                    return
                records, asking = waiting.popleft()
                await asyncio.to_thread(plan.assemble, out, records, await asking)
        finally:
            for _, asking in waiting:
                asking.cancel()
            await asyncio.gather(*(asking for _, asking in waiting), return_exceptions=True)


async def _awaited(ask: Ask, body: bytes) -> bytes:
    return await ask(body)
