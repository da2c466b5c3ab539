"""Where the local stack keeps its things: everything under one folder, which `down --purge` removes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Home:
    """The state folder: `.switchyard/` in the repository, or SWITCHYARD_HOME."""

    folder: Path

    @classmethod
    def locate(cls, environment: Mapping[str, str] = os.environ) -> Home:
        chosen = environment.get("SWITCHYARD_HOME")
        return cls(Path(chosen).expanduser().resolve() if chosen else REPOSITORY / ".switchyard")

    @property
    def state_file(self) -> Path:
        return self.folder / "state.json"

    @property
    def ministack(self) -> Path:
        return self.folder / "ministack"

    @property
    def plane(self) -> Path:
        return self.folder / "plane"

    @property
    def sam(self) -> Path:
        return self.folder / "sam"

    def log(self, name: str) -> Path:
        """The log file of a service or a tool; its folder exists."""
        logs = self.folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        return logs / f"{name}.log"

    def purge(self) -> None:
        """Removes what the stack put there; the folder itself only when nothing else is in it."""
        for folder in (self.ministack, self.plane, self.sam, self.folder / "logs"):
            shutil.rmtree(folder, ignore_errors=True)
        self.state_file.unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()


def environment_python(name: str) -> Path:
    """The interpreter of one of the environments that `make env` builds."""
    return REPOSITORY / ".venvs" / name / "bin" / "python"
