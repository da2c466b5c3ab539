"""One input in a process of its own, with bounds: what it uses, and what it breaks."""

import json
import os
import resource
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.fakes.world import World
from tests.hostile.case import Trial
from tests.hostile.stage import Stage, staged

CPU_SECONDS, BYTES = 5.0, 300 * 1024**2
KILLED_AFTER = 40  # CPU seconds
MOST_MEMORY = 4 * 1024**3


@dataclass(frozen=True)
class Verdict:
    """cpu: seconds, and peak: bytes, of the doors. broken: every promise that was."""

    name: str
    cpu: float
    peak: int
    broken: tuple[str, ...]


def tried(name: str, make: Callable[[], Trial], world: World) -> Verdict:
    """Plays it in a fork of this process, so that the world here stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        pid = os.fork()
        if not pid:
            _child(name, make, world, Path(folder))
        _, status = os.waitpid(pid, 0)
        told = Path(folder, "verdict")
        if told.exists():
            found = json.loads(told.read_text())
            return Verdict(**{**found, "broken": tuple(found["broken"])})
        return Verdict(name, 0.0, 0, (f"the process died: {_how(status)}",))


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def _child(name: str, make: Callable[[], Trial], world: World, folder: Path) -> None:
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (KILLED_AFTER, KILLED_AFTER))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        _redirect(folder / "log")
        verdict = _played(name, make, world, folder)
        Path(folder, "new").write_text(json.dumps(asdict(verdict)))
        Path(folder, "new").rename(folder / "verdict")
        code = 0
    finally:
        os._exit(code)


def _redirect(log: Path) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)


def _played(name: str, make: Callable[[], Trial], world: World, folder: Path) -> Verdict:
    trial = make()
    with staged(world, folder) as stage:
        try:
            broken = list(trial.play(stage))
        except Exception:
            broken = [f"the harness met {traceback.format_exc()[-1500:]}"]
        return Verdict(name, stage.spent, stage.peak, (*broken, *_beyond(stage)))


def _beyond(stage: Stage) -> Iterator[str]:
    if stage.spent > CPU_SECONDS:
        yield f"took {stage.spent:.1f} CPU seconds, {CPU_SECONDS:.0f} are allowed"
    if stage.peak > BYTES:
        yield f"took {stage.peak >> 20} MiB, {BYTES >> 20} are allowed"
