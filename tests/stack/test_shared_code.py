"""A code package is unpacked once, whatever number of processes runs it, and looked through once."""

import os
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.stack.ministack.patches import share_code
from cli.stack.ministack.pin import PatchError


class Worker:
    """The lines of MiniStack's that the patch is about."""

    def _spawn(self) -> None:
        """zf.extractall(code_dir)"""


Spawn = Callable[[], Path]


@pytest.fixture
def spawn(tmp_path: Path) -> Spawn:
    """Puts a package into a new process's folder as MiniStack does, and says where it lies."""
    runtime: Any = types.SimpleNamespace(Worker=Worker, zipfile=zipfile)
    share_code(runtime, tmp_path / "shared")
    processes = iter(range(100))

    def spawned() -> Path:
        own = tmp_path / str(next(processes))
        code = own / "layer_0"
        code.mkdir(parents=True)
        with zipfile.ZipFile(own / "layer_0.zip", "w") as made:
            made.writestr(zipfile.ZipInfo("python/a.py"), "x = 1\n")
        with runtime.zipfile.ZipFile(str(own / "layer_0.zip")) as package:
            for name in package.namelist():
                assert os.path.realpath(code / name).startswith(f"{os.path.realpath(code)}/")
            package.extractall(str(code))
        return code

    return spawned


def test_processes_share_what_the_first_unpacked(spawn: Spawn, tmp_path: Path) -> None:
    codes = [spawn() for _ in range(3)]
    assert {(code / "python/a.py").read_text() for code in codes} == {"x = 1\n"}
    assert len({os.path.realpath(code) for code in codes}) == len(list((tmp_path / "shared").iterdir())) == 1
    assert not list(tmp_path.glob("*/*.zip"))


def test_names_are_looked_at_before_they_are_unpacked_and_not_again(
    spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    real = os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path: looked.append(str(path)) or real(path))
    spawn()
    assert any(path.endswith("python/a.py") for path in looked)
    looked.clear()
    spawn()
    assert looked == []


def test_another_ministack_is_refused(tmp_path: Path) -> None:
    class Changed:
        def _spawn(self) -> None: ...

    with pytest.raises(PatchError, match="_spawn"):
        share_code(types.SimpleNamespace(Worker=Changed, zipfile=zipfile, __name__="runtime"), tmp_path)
