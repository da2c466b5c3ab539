"""One instance of a variant: a server process, watched and, when it crashes, started again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from sagemaker_local.hosting.serving.connection import ContainerClient, ContainerError
from sagemaker_local.hosting.serving.spec import VariantFailedError
from sagemaker_local.runtime.backend import Backend, BackendError, Program, ProgramSpec

log = logging.getLogger(__name__)

PING_TIMEOUT_SECONDS = 2.0  # "requires that the container respond to GET /ping within 2 seconds"
STOP_GRACE_SECONDS = 30.0  # SIGTERM, 30 s, SIGKILL
_PING_EVERY_SECONDS = 0.1
# A server that ends this often before its first good /ping is not worth the rest of the time limit.
_STARTS = 3
_BACKOFF_SECONDS = (0.2, 1.0, 5.0, 15.0, 30.0)


class Instance:
    """A server process behind a port. The router reads `is_ready`, `outstanding` and `client`."""

    def __init__(self, backend: Backend, spec: ProgramSpec, hostname: str = "primary") -> None:
        self.spec = spec
        self.hostname = hostname
        self.parts = (self,)
        self.is_ready = False
        self.outstanding = 0
        self.client = ContainerClient(0)
        self._backend = backend
        self._program: Program | None = None
        self._watch: asyncio.Task[None] | None = None
        self._limit_seconds = 0.0

    async def start(self, limit_seconds: float) -> None:
        """Start the server, wait for its first good /ping. Raises `VariantFailedError` or `BackendError`."""
        self._limit_seconds = limit_seconds
        deadline, seen = time.monotonic() + limit_seconds, ""
        for pause in (0.0, *_BACKOFF_SECONDS[: _STARTS - 1]):
            if time.monotonic() + pause > deadline:
                break
            await asyncio.sleep(pause)
            program = await self._begin()
            if await self._answers_ping(program, deadline):
                self._watch = asyncio.create_task(self._keep_running(program), name=f"watch {self.spec.name}")
                return
            seen = program.listening()
            await program.stop(STOP_GRACE_SECONDS)
        raise VariantFailedError(
            f"The {self.hostname} container for production variant {self.spec.name.partition('/')[2]} did not pass "
            f"the ping health check. Please check CloudWatch logs for this endpoint. {seen}".rstrip()
        )

    async def stop(self, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        """Stop the server: SIGTERM, the grace, SIGKILL."""
        self.is_ready = False
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        if self._program is not None:
            await self._program.stop(grace_seconds)
        self.client.close()

    async def kill(self) -> None:
        """End the server as a crash does: it is started again."""
        self.is_ready = False
        if self._program is not None:
            await self._program.stop(0.0)

    async def _begin(self) -> Program:
        self._program = await self._backend.start(self.spec)
        self.client.close()
        self.client = ContainerClient(self._program.port or 0, key=self._program.key)
        return self._program

    async def _answers_ping(self, program: Program, deadline: float) -> bool:
        """Ping until the answer is 200; False when the program ends or the time is over."""
        end = asyncio.create_task(program.wait())
        try:
            while not end.done() and (left := deadline - time.monotonic()) > 0:
                if program.has_bound() and await self._ping(min(left, PING_TIMEOUT_SECONDS)):
                    self.is_ready = True
                    return True
                await asyncio.wait([end], timeout=_PING_EVERY_SECONDS)
        finally:
            end.cancel()
        return False

    async def _ping(self, limit_seconds: float) -> bool:
        with contextlib.suppress(ContainerError, TimeoutError):
            async with asyncio.timeout(limit_seconds):
                return (await self.client.request(b"GET", b"/ping")).status == 200
        return False

    async def _keep_running(self, program: Program) -> None:
        """Start the server again whenever it ends, ever slower while it keeps ending."""
        crashes = 0
        while True:
            started = time.monotonic()
            code = await program.wait()
            self.is_ready = False
            crashes = 0 if time.monotonic() - started > max(_BACKOFF_SECONDS) else crashes + 1
            pause = _BACKOFF_SECONDS[min(crashes, len(_BACKOFF_SECONDS)) - 1] if crashes else 0.0
            log.warning(
                "%s ended with exit code %s; starting it again in %.1f s", self.spec.name, code, pause
            )
            await asyncio.sleep(pause)
            try:
                program = await self._begin()
            except BackendError as error:
                log.warning("%s could not be started again: %s", self.spec.name, error)
                continue
            if not await self._answers_ping(program, time.monotonic() + self._limit_seconds):
                await program.stop(STOP_GRACE_SECONDS)
