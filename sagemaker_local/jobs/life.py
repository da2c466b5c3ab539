"""What all jobs share while they live: being told to stop, running out of time, programs that end."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sagemaker_local.links import resolved
from sagemaker_local.runtime.backend import Program

T = TypeVar("T")
_FAILURE_CHARACTERS = 1024
INTERNAL_ERROR = "InternalServerError: We encountered an internal error. Please try again."
_log = logging.getLogger(__name__)


class JobFailedError(Exception):
    """The job ends as Failed; str() is its FailureReason."""


class EndedEarlyError(Exception):
    """The job was asked to stop, or its time is over."""


@dataclass(kw_only=True)
class Life:
    """How long a job may go on: until somebody sets `stopping`, or until `deadline` (monotonic clock)."""

    stopping: asyncio.Event
    deadline: float = math.inf

    def may_go_on(self) -> bool:
        """False once the job was asked to stop or its time is over; safe to ask from any thread."""
        return not self.stopping.is_set() and time.monotonic() < self.deadline

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """The outcome of `work`; raises EndedEarlyError when the job is to stop or its time is over first.

        `work` is then cancelled, and has ended when the error is raised.
        """
        doing, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self.stopping.wait())
        left = None if self.deadline == math.inf else self.deadline - time.monotonic()
        try:
            await asyncio.wait({doing, stopping}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise EndedEarlyError
        finally:
            doing.cancel()
            stopping.cancel()
            await asyncio.wait({doing, stopping})


async def first_failure(programs: Iterable[Program]) -> int:
    """0 when every program ends well, else the exit code of the first that does not."""
    waits = [asyncio.ensure_future(program.wait()) for program in programs]
    try:
        for done in asyncio.as_completed(waits):
            code = await done
            if code != 0:
                return code
        return 0
    finally:
        for wait in waits:
            wait.cancel()


async def outcome(name: str, work: Coroutine[Any, Any, None]) -> tuple[str, str | None]:
    """The final status and FailureReason of a job whose life is `work`: exactly one, whatever happens."""
    try:
        await work
    except EndedEarlyError:
        return "Stopped", None
    except JobFailedError as failure:
        return "Failed", str(failure)
    except Exception:
        _log.exception("job %s broke the plane", name)
        return "Failed", INTERNAL_ERROR
    return "Completed", None


def algorithm_error(opt_mls: list[Path], code: int) -> str:
    """`AlgorithmError: <the first 1024 characters of /opt/ml/output/failure>, exit code: N`."""
    texts = (_failure_text(opt_ml) for opt_ml in opt_mls)
    return f"AlgorithmError: {next(filter(None, texts), '')}, exit code: {code}"


def _failure_text(opt_ml: Path) -> str:
    file = resolved(opt_ml, opt_ml / "output" / "failure")
    if file is None or not file.is_file():
        return ""
    with file.open(encoding="utf-8", errors="replace") as content:
        return content.read(_FAILURE_CHARACTERS)
