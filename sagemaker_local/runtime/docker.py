"""Containers of an engine: Docker, or what has its command line. `--backend docker`.

Nothing but the command line is used, by argv. Training and processing run in the host's network, because the local
AWS listens on loopback; what serves has its port 8080 published on loopback.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

from sagemaker_local.runtime.backend import BackendError, ProgramSpec, UnknownImageError
from sagemaker_local.runtime.free_port import free_port
from sagemaker_local.runtime.hosts import host_addresses
from sagemaker_local.runtime.leftovers import Ledger
from sagemaker_local.runtime.process import UNSPEAKABLE, ProcessProgram
from sagemaker_local.wording import in_words

_SERVING_PORT = 8080
_SECONDS = 60
_CLIENT_SECONDS = 5.0  # for the client to show that its container has ended


class EngineError(OSError):
    """The engine cannot be used; the text says what was tried."""


class DockerBackend:
    """Runs each program as a container. Containers that a plane killed before left behind are removed at the start.

    engine: the executable, `docker` or one that takes the same words.
    """

    def __init__(self, data_dir: Path, engine: str = "docker") -> None:
        self._engine = engine
        self._folder = data_dir.resolve()
        self._label = f"sagemaker-local={hashlib.sha256(str(self._folder).encode()).hexdigest()[:16]}"
        self._ledger = Ledger(self._folder / "programs")  # one plane a folder, whatever its backend
        self._ledger.kill_leftovers()
        self._running: set[DockerProgram] = set()
        self._removing: set[asyncio.Task[None]] = set()
        try:
            self._remove_leftovers()
        except EngineError:
            self._ledger.release()
            raise

    @property
    def running(self) -> int:
        """How many programs run."""
        return len(self._running)

    def check(self, image: str) -> None:
        """Raise `UnknownImageError` when the engine does not have `image`; it is never pulled unasked."""
        found = self._call("image", "inspect", "--format", "{{.Id}}", image)
        if found.returncode != 0:
            raise UnknownImageError(
                f"{self._engine} has no image {image!r} ({found.stderr.strip()}). Next: {self._engine} pull {image}, "
                f"or {self._engine} build --tag {image} FOLDER"
            )

    async def start(self, spec: ProgramSpec, *, port: int | None = None) -> DockerProgram:
        """Start the program; `serve` gets a free port when none is given. Raises `BackendError`."""
        await asyncio.to_thread(self.check, spec.image)
        if port is None and spec.command == "serve":
            port = free_port(taken={program.port for program in self._running})
        name = f"sagemaker-local-{uuid.uuid4().hex}"
        created = await asyncio.to_thread(
            self._call, "create", *self._options(spec, name, port), *_words(spec)
        )
        if created.returncode != 0:
            raise BackendError(f"could not create {spec.name}: {created.stderr.strip()}")
        program = DockerProgram(self, name, port)
        self._running.add(program)
        try:
            await program.begin(
                [self._engine, "start", "--attach", name], dict(os.environ), self._folder, spec.log
            )
        except BaseException as error:
            self.forget(program)
            if isinstance(error, OSError):
                raise BackendError(f"could not start {spec.name}: {in_words(error)}") from error
            raise
        return program

    async def stop(self, name: str, grace_seconds: float) -> None:
        """SIGTERM to the container's first process, SIGKILL to all of it after the grace (whole seconds)."""
        await asyncio.to_thread(
            self._call, "stop", "-t", str(math.ceil(grace_seconds)), name, seconds=grace_seconds + _SECONDS
        )

    async def kill(self, name: str) -> None:
        """End and remove a container at once."""
        await asyncio.to_thread(self._remove, name)

    def forget(self, program: DockerProgram) -> None:
        """Remove a container that has ended, in the background."""
        self._running.discard(program)
        removing = asyncio.ensure_future(asyncio.to_thread(self._remove, program.name))
        self._removing.add(removing)
        removing.add_done_callback(self._removing.discard)

    async def close(self, grace_seconds: float = 5.0) -> None:
        """Stop everything that still runs and release the data directory."""
        await asyncio.gather(*(program.stop(grace_seconds) for program in list(self._running)))
        await asyncio.gather(*self._removing, return_exceptions=True)
        self._ledger.release()

    def _options(self, spec: ProgramSpec, name: str, port: int | None) -> Iterator[str]:
        yield from ("--name", name, "--label", self._label)
        yield from ("--volume", f"{spec.opt_ml.resolve()}:/opt/ml")
        if port is not None:
            yield from ("--publish", f"127.0.0.1:{port}:{_SERVING_PORT}")
        else:
            yield from ("--network", "host" if spec.has_network else "none")
        if spec.memory_mb:
            yield from ("--memory", f"{spec.memory_mb}m")
        for host, address in host_addresses(spec.opt_ml).items():
            yield from ("--add-host", f"{host}:{address}")
        for variable, value in _environment(spec, port).items():
            yield from ("--env", f"{variable}={value}")
        if spec.entrypoint:
            yield from ("--entrypoint", spec.entrypoint[0])

    def _remove_leftovers(self) -> None:
        try:
            found = self._call("ps", "--all", "--quiet", "--filter", f"label={self._label}")
        except BackendError as error:
            raise EngineError(f"{error}. Install it, or leave out --backend docker.") from error
        if found.returncode != 0:
            raise EngineError(
                f"`{self._engine} ps` failed: {found.stderr.strip()}. Start the engine, or leave out --backend docker."
            )
        for name in found.stdout.split():
            self._remove(name)

    def _remove(self, name: str) -> None:
        self._call("rm", "--force", "--volumes", name)

    def _call(self, *words: str, seconds: float = _SECONDS) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [self._engine, *words], capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise BackendError(f"`{self._engine} {words[0]}` gave no answer in {seconds:.0f} s") from error
        except OSError as error:
            raise BackendError(f"{self._engine} cannot be run: {error}") from error
        except ValueError as error:
            raise BackendError(f"{self._engine} cannot be run: {UNSPEAKABLE}") from error


class DockerProgram(ProcessProgram):
    """One running container; its process here is the engine's client that shows its output and exit code."""

    def __init__(self, backend: DockerBackend, name: str, port: int | None) -> None:
        super().__init__(port, lambda: backend.forget(self))
        self.name = name
        self._backend = backend

    def listening(self) -> str:
        """The engine publishes the port, whether or not anything listens there."""
        return f"It was asked on port {_SERVING_PORT}."

    async def stop(self, grace_seconds: float) -> None:
        """SIGTERM, and SIGKILL to what is left after the grace."""
        if self.has_ended:
            return
        await self._backend.stop(self.name, grace_seconds)
        try:
            async with asyncio.timeout(_CLIENT_SECONDS):
                await self.wait()
        except TimeoutError:  # it was not running yet when it was stopped, and may run now
            await self._backend.kill(self.name)
            await super().stop(_CLIENT_SECONDS)


def _words(spec: ProgramSpec) -> list[str]:
    """`IMAGE train`, or `--entrypoint E` before it and the rest of the entrypoint and the arguments behind it.

    A processing job without an entrypoint runs the image's own.
    """
    own = [] if spec.command == "process" else [spec.command]
    return [spec.image, *(spec.entrypoint[1:] if spec.entrypoint else own), *spec.arguments]


def _environment(spec: ProgramSpec, port: int | None) -> dict[str, str]:
    serving = {} if port is None else {"SAGEMAKER_BIND_TO_PORT": str(_SERVING_PORT)}
    return {**spec.environment, "SAGEMAKER_BASE_DIR": "/opt/ml", **serving}
