"""Where an input is played: the real handlers over fakes, with a live model, a new one, and a neighbour of both."""

import ctypes
import gc
import importlib
import resource
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from switchyard.config.snapshot import Snapshots
from tests.fakes.faults import Faults
from tests.fakes.flow import FakeNotices
from tests.fakes.installed import installed
from tests.fakes.messages import created
from tests.fakes.pipelines import text
from tests.fakes.turns import QUEUED
from tests.fakes.world import GATE, World, dataset
from tests.hostile.disk import DiskStorage

LIVE, NEW, NEIGHBOUR = "digits", "fresh", "neighbour"
LIBC = ctypes.CDLL(None)
SOUND = 99  # the seed of a dataset that nothing is wrong with


@dataclass
class Stage:
    """spent: CPU seconds of the doors. peak: bytes of memory, at most, that they took beside what was there before."""

    world: World
    notices: FakeNotices
    log: Path
    spent: float = 0.0
    peak: int = 0
    before: set[str] = field(default_factory=set)

    @property
    def data(self) -> DiskStorage:
        assert isinstance(self.world.data, DiskStorage)
        return self.world.data

    @property
    def artifacts(self) -> DiskStorage:
        assert isinstance(self.world.artifacts, DiskStorage)
        return self.world.artifacts

    @property
    def snapshots(self) -> Snapshots:
        return Snapshots(self.artifacts)

    def upload(self, key: str, body: bytes) -> None:
        self.world.clock.pass_(1)
        self.data.write(key, body)

    def announce(self, key: str) -> list[str]:
        """Hands the event of an object to whoever's rule it fits; answers the functions that gave it back."""
        return [name for name in readers(key) if self.deliver(name, created(key))]

    def deliver(self, function: str, event: Mapping[str, Any]) -> list[str]:
        """The messages that came back."""
        with self.measured():
            answer = self.world.handle(function, event)
        return [str(each["itemIdentifier"]) for each in answer["batchItemFailures"]]

    def swept(self) -> list[str]:
        """What a sweep says that it did."""
        return [str(line) for line in self.world.handle("sweep", {})["done"]]

    @contextmanager
    def measured(self) -> Iterator[None]:
        gc.collect()
        LIBC.malloc_trim(0)  # what was freed before must not hide what is taken now
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on: proc(5)
        began, held = _cpu(), _memory("VmRSS")
        try:
            yield
        finally:
            self.spent += _cpu() - began
            self.peak = max(self.peak, _memory("VmHWM") - held)

    def remember(self) -> None:
        """From here on a record is a new one."""
        self.before = set(self._records())

    def told(self) -> list[tuple[str, str]]:
        """State and reason of every new record of an upload; COUNTED is a label file that nothing is wrong with."""
        return [told for key, told in self._records().items() if key not in self.before]

    def _records(self) -> dict[str, tuple[str, str]]:
        found = {}
        for (pk, sk), item in self.world.items.rows.items():
            if pk.startswith("MODEL#") and sk.startswith("UPLOAD#"):
                found[f"{pk} {sk}"] = str(item["state"]), str(item["reason"])
            elif sk.startswith("LABELS#") and not item["reason"]:
                found[f"{pk} {sk}"] = "COUNTED", ""
        return found

    def words(self) -> str:
        """All that people read of it."""
        reasons = "\n".join(reason for _, reason in self.told())
        return f"{reasons}\n" + "\n".join(f"{subject}\n{body}" for subject, body in self.notices.told)

    def logged(self) -> str:
        sys.stdout.flush()
        return self.log.read_text(errors="replace")

    def takes_sound_data(self, model: str) -> str:
        """What becomes of a sound dataset of this model now."""
        key = f"{model}/train/v{SOUND}.csv"
        self.upload(key, dataset(SOUND).encode())
        self.announce(key)
        items = self.world.ledger.uploads(model)
        return next(
            (f"{each['state']} {each['reason']}" for each in items if key in str(each["source"])), "lost"
        )


def readers(key: str) -> list[str]:
    """The functions whose rule in template.yaml an object's event fits."""
    train, batch, labels = (fnmatchcase(key, f"*/{name}/*") for name in ("train", "batch", "labels"))
    beside = not (train or batch or labels)
    fits = {"admit_dataset": train or beside, "admit_batch": batch, "score_labels": labels}
    return [name for name, does in fits.items() if does]


def begun() -> World:
    """A world with a live model, that takes what a stranger uploads."""
    for name in QUEUED:
        importlib.import_module(f"{name}.handler")
    world = World(Faults())
    with installed(world):
        world.upload(1)
        world.play()
    assert world.states() == {1: "PROMOTED"}, world.story()
    for model in (NEW, NEIGHBOUR):
        world.artifacts.write(f"{model}/pipeline.yaml", text(model, evaluation=GATE).encode())
    return world


@contextmanager
def staged(world: World, folder: Path) -> Iterator[Stage]:
    """The world with its buckets on disk, and its functions' log in a file."""
    world.data = DiskStorage("data", world.clock, folder / "data").take(world.data)
    world.artifacts = DiskStorage("artifacts", world.clock, folder / "artifacts").take(world.artifacts)
    notices = FakeNotices()
    with installed(world, notices):
        stage = Stage(world, notices, folder / "log")
        stage.remember()
        yield stage


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory(which: str) -> int:
    """Bytes of this process; VmHWM: at most, since the peak was last cleared (proc(5))."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(which))
