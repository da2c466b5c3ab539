"""Where the local stack keeps its things: everything under one folder, which `down --purge` removes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.stack.errors import StackError
from sagemaker_local.access.keys import Keys, KeysError, read_keys, read_or_make_keys

PRIVATE = 0o700
OWN = {"state.json", "keys.json", "lock", "ministack", "plane", "sam", "logs"}
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Home:
    """The state folder: `.switchyard/` in the repository, or SWITCHYARD_HOME. Its owner alone may look inside."""

    folder: Path

    @classmethod
    def locate(cls, environment: Mapping[str, str] = os.environ) -> Home:
        chosen = environment.get("SWITCHYARD_HOME")
        return cls(Path(chosen).expanduser().resolve() if chosen else REPOSITORY / ".switchyard")

    def make(self) -> None:
        """Makes the folder, and closes it to others; StackError when it is no folder of this user's."""
        try:
            self.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            self._require_own()
            if {
                each.name for each in self.folder.iterdir()
            } <= OWN:  # else others keep things of theirs there
                self.folder.chmod(PRIVATE)
            for each in self.folders:
                each.mkdir(mode=PRIVATE, exist_ok=True)
                each.chmod(PRIVATE)
        except OSError as error:
            raise StackError(
                f"The local stack cannot keep its state in {self.folder}: {error.strerror}.",
                "Name a folder of yours that can be written to: SWITCHYARD_HOME=DIR.",
            ) from error

    def _require_own(self) -> None:
        owner = self.folder.stat().st_uid
        if owner != os.geteuid():
            raise StackError(
                f"{self.folder} belongs to user {owner}, who could read and change what the stack keeps there.",
                "Name a folder of your own: SWITCHYARD_HOME=DIR.",
            )

    @property
    def folders(self) -> tuple[Path, ...]:
        return self.ministack, self.plane, self.sam, self.folder / "logs"

    @property
    def state_file(self) -> Path:
        return self.folder / "state.json"

    @property
    def keys_file(self) -> Path:
        return self.folder / "keys.json"

    def keys(self) -> Keys:
        """The stack's own pair; StackError when there is none, or when the file is not ours to use."""
        return self._keys(read_keys)

    def make_keys(self) -> Keys:
        """The stack's own pair, made when there is none."""
        return self._keys(read_or_make_keys)

    def _keys(self, read: Callable[[Path], Keys]) -> Keys:
        try:
            return read(self.keys_file)
        except KeysError as error:
            raise StackError(str(error), "Then run `switchyard up`.") from error

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
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.state_file, self.keys_file):
            file.unlink(missing_ok=True)
        self.tidy()

    def tidy(self) -> None:
        """Removes the folders that are empty."""
        for folder in (*self.folders, self.folder):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def environment_python(name: str) -> Path:
    """The interpreter of one of the environments that `make env` builds."""
    return REPOSITORY / ".venvs" / name / "bin" / "python"
