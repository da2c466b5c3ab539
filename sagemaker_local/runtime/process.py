"""Containers as processes of this machine: no Docker, the same contract."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import Callable
from pathlib import Path

from sagemaker_local.runtime.backend import BackendError, Program, ProgramSpec
from sagemaker_local.runtime.ended import Ended
from sagemaker_local.runtime.free_port import free_port
from sagemaker_local.runtime.images import Image, Images
from sagemaker_local.runtime.isolation import Isolation, Place, probe
from sagemaker_local.runtime.leftovers import TOKEN, Ledger
from sagemaker_local.runtime.memory import keep_within
from sagemaker_local.runtime.own_ports import SERVING_PORT, OwnPorts, listening
from sagemaker_local.runtime.port_key import LONGEST
from sagemaker_local.wording import in_words

_LONGEST_LINE = 60_000  # characters; CloudWatch Logs takes events of 256 KiB, and a character may be 4 bytes
_LAST_WORDS_SECONDS = 1.0
_READ_BYTES = 65_536
UNSPEAKABLE = (
    "a variable of its environment or an argument has a character that no program can be given (NUL, or half of a "
    "surrogate pair)"
)


class ProcessBackend:
    """Runs each program as a process group with a clean environment and a private place.

    `data_dir` keeps the ledger of what runs; on start, whatever a plane killed before left running is killed.
    `locks`: servers' ports take a key of their own, where the host can do that.
    """

    def __init__(
        self, data_dir: Path, images: Images, *, isolation: Isolation | None = None, locks: bool = False
    ) -> None:
        self._images = images
        self._locks = locks
        self._ledger = Ledger(data_dir.resolve() / "programs")
        self._ledger.kill_leftovers()
        self._isolation = isolation or probe()
        self._running: set[ProcessProgram] = set()

    @property
    def running(self) -> int:
        """How many programs run."""
        return len(self._running)

    def check(self, image: str) -> None:
        """Raise `UnknownImageError` when nothing is registered for `image`, or it is not built."""
        self._images.ready(image)

    async def start(self, spec: ProgramSpec, *, port: int | None = None) -> Program:
        """Start the program; `serve` gets a free port when none is given. Raises `BackendError`."""
        image = self._images.ready(spec.image)
        if not image.runs_on(spec.instance_type):
            made_for = " and ".join(image.architectures)
            spec.log(
                f"exec {image.argv(spec)[0]}: exec format error ({spec.instance_type}, an image for {made_for})"
            )
            return Ended()
        return await self._start(spec, image, port)

    async def _start(self, spec: ProgramSpec, image: Image, port: int | None) -> ProcessProgram:
        if port is None and spec.command == "serve":
            port = self._another_port()
        token, work = self._ledger.open()
        ports = self._own_ports(port) if port and self._isolation.has_own_ports else None
        program = ProcessProgram(port, lambda: self._forget(token, program), ports)
        self._running.add(program)
        try:
            environment = self._environment(spec, image, work, port) | {TOKEN: token}
            await program.begin(self._command(spec, image, work, ports), environment, work, spec.log)
            self._ledger.record(token, program.pid)
            if spec.memory_mb:
                program.keep_within(spec.memory_mb, spec.log)
        except BaseException as error:
            self._forget(token, program)
            if isinstance(error, OSError):
                raise BackendError(f"could not start {spec.name}: {in_words(error)}") from error
            # Of Popen, which gives words to programs as they are or not at all.
            if isinstance(error, ValueError):
                raise BackendError(f"could not start {spec.name}: {UNSPEAKABLE}") from error
            raise
        return program

    async def close(self, grace_seconds: float = 5.0) -> None:
        """Stop everything that still runs and release the data directory."""
        await asyncio.gather(*(program.stop(grace_seconds) for program in list(self._running)))
        self._ledger.release()

    def _own_ports(self, port: int) -> OwnPorts:
        key = secrets.token_bytes(LONGEST) if self._locks and self._isolation.has_keys else b""
        return OwnPorts(port, self._another_port, key)

    def _another_port(self) -> int:
        return free_port({port for program in list(self._running) for port in program.taken})

    def _command(self, spec: ProgramSpec, image: Image, work: Path, ports: OwnPorts | None) -> list[str]:
        opt_ml = spec.opt_ml.resolve()
        argv = [self._isolation.word(word, opt_ml) for word in image.argv(spec)]
        folders = image.fresh_folders()
        place = Place(
            needed=(*image.environment.values(), *folders.values()),
            folders=folders,
            cwd=image.workdir,
            ports=ports.theirs.fileno() if ports else None,
            has_network=spec.has_network,
        )
        return self._isolation.command(opt_ml, work, argv, place)

    def _environment(self, spec: ProgramSpec, image: Image, work: Path, port: int | None) -> dict[str, str]:
        """What a container would see: nothing of the plane's own environment."""
        tmp = self._isolation.tmp_dir(work)
        (work / "tmp" / "home").mkdir(exist_ok=True)
        environment = {"PATH": image.search_path(), "HOME": f"{tmp}/home", "TMPDIR": tmp, "LANG": "C.UTF-8"}
        environment |= image.environment
        environment |= spec.environment
        opt_ml = spec.opt_ml.resolve()
        environment |= self._isolation.hosts(opt_ml)
        environment["SAGEMAKER_BASE_DIR"] = self._isolation.base_dir(opt_ml)
        if port is not None:
            own = self._isolation.has_own_ports
            environment["SAGEMAKER_BIND_TO_PORT"] = str(SERVING_PORT if own else port)
        return environment

    def _forget(self, token: str, program: ProcessProgram) -> None:
        self._ledger.close_entry(token)
        self._running.discard(program)


class ProcessProgram:
    """One running program: a process group, and the pipe of its output."""

    def __init__(self, port: int | None, forget: Callable[[], None], ports: OwnPorts | None = None) -> None:
        self.port = port
        self._ports = ports
        self.pid = 0
        self._forget = forget
        self._end: asyncio.Task[int] | None = None
        self._bound: asyncio.Task[None] | None = None

    async def begin(
        self, argv: list[str], environment: dict[str, str], folder: Path, log: Callable[[str], None]
    ) -> None:
        """Start it. Its output has a pipe of our own: a child that keeps it open must not delay wait()."""
        reading, writing = os.pipe()
        passed = [self._ports.theirs.fileno()] if self._ports else []
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                env=environment,
                cwd=folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
                pass_fds=passed,
            )
        except BaseException:
            os.close(reading)
            if self._ports:
                self._ports.abandon()
            raise
        finally:
            os.close(writing)
        self.pid = process.pid
        if self._ports:
            self._ports.start()
        lines = _Lines(reading, log)
        self._end = asyncio.create_task(self._see_out(process, lines), name=f"program {process.pid}")

    def keep_within(self, limit_mb: int, log: Callable[[str], None]) -> None:
        """Kill it when it has more memory than that."""
        self._bound = asyncio.create_task(keep_within(self.pid, limit_mb, log), name=f"memory {self.pid}")

    @property
    def key(self) -> bytes:
        """What connections to its ports are signed with; empty where they need no key."""
        return self._ports.key if self._ports else b""

    @property
    def taken(self) -> list[int]:
        """The ports of this machine that it may listen on."""
        return list(self._ports.real.values()) if self._ports else [self.port] if self.port else []

    def has_bound(self) -> bool:
        """Its port was free when it was chosen; until it is bound, anybody may take it."""
        return self._ports is None or SERVING_PORT in self._ports.bound

    def listening(self) -> str:
        """Which port it is asked on, and which it listens on, where that is another: why a health check failed."""
        asked = SERVING_PORT if self._ports else self.port
        found = sorted(self._ports.bound) if self._ports else listening(self.pid)
        if asked in found:
            return ""
        seen = ", ".join(map(str, found)) or "no port"
        told = (
            "" if self._ports else " (this host allows no ports of its own: listen on SAGEMAKER_BIND_TO_PORT)"
        )
        return f"It was asked on port {asked}{told}, and listens on {seen}."

    @property
    def has_ended(self) -> bool:
        return self._end is None or self._end.done()

    async def wait(self) -> int:
        """The exit code, 128 + n when signal n ended it."""
        assert self._end is not None  # noqa: S101 - begin() came first
        return await asyncio.shield(self._end)

    async def stop(self, grace_seconds: float) -> None:
        """SIGTERM to the whole group, SIGKILL to what is left after the grace."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self.wait()
        self._signal(signal.SIGKILL)
        await self.wait()

    async def _see_out(self, process: asyncio.subprocess.Process, lines: _Lines) -> int:
        code = await process.wait()
        if self._bound is not None:
            self._bound.cancel()
        # As in a container, nothing survives the first process.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        self._forget()
        if self._ports:
            self._ports.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await lines.ended.wait()
        lines.close()
        return code if code >= 0 else 128 - code

    def _signal(self, number: signal.Signals) -> None:
        if not self.has_ended:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


class _Lines:
    """Reads a pipe and cuts it into lines; over-long ones are broken. Owns the descriptor and closes it once.

    Not connect_read_pipe: uvloop's closes the descriptor twice, and between the two another thread may have been
    given the same number, for a file of its own.
    """

    def __init__(self, descriptor: int, log: Callable[[str], None]) -> None:
        self.ended = asyncio.Event()
        self._log = log
        self._rest = b""
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._read)

    def close(self) -> None:
        """Read no more; what came without a newline is a line too."""
        if self.ended.is_set():
            return
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)
        if self._rest:
            self._emit(self._rest)
        self.ended.set()

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return
        if not data:
            self.close()
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._emit(line)
        if len(self._rest) > _LONGEST_LINE:
            self._emit(self._rest)
            self._rest = b""

    def _emit(self, line: bytes) -> None:
        text = line.rstrip(b"\r").decode("utf-8", errors="replace")
        for start in range(0, len(text) or 1, _LONGEST_LINE):
            self._log(text[start : start + _LONGEST_LINE])
