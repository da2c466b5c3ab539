"""How the environments are built: quietly, with an estimate, and with pip's last words where it fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cli.environment import COLLECTED, Bar, Environment, Pip, build, packages_of

FOLDER = Path(sys.executable).parents[1]
PIN = f"no-such-package-of-anybody==1.0 --hash=sha256:{'0' * 64}\n"


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip looks nowhere but into a folder that is not there, of which it warns."""
    for name, value in {
        "NO_INDEX": "1",
        "FIND_LINKS": "file:///nowhere/simple/",
        "CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(f"PIP_{name}", value)


@pytest.mark.usefixtures("no_index")
def test_a_failure_shows_what_pip_said_last_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text(PIN)
    with pytest.raises(SystemExit) as ended:
        build([Environment(tmp_path / "new", pins)])
    said = str(ended.value)
    assert "ERROR: No matching distribution found for no-such-package-of-anybody" in said
    assert "Next: " in said
    assert "WARNING" not in said + capsys.readouterr().out
    assert not Environment(tmp_path / "new", pins).is_built


@pytest.mark.usefixtures("no_index")
def test_nothing_but_what_is_begun_and_done_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text("# nothing\n")
    Bar(str(pins), packages_of(pins)).done()
    assert Pip(FOLDER, 0).run("list", "--find-links", "file:///nowhere/simple/") == 0
    assert capfd.readouterr().out == f"Building {pins}: 0 packages ...\nBuilt {pins} in 0 s\n"


def test_an_estimate_is_given_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    times = iter([0.0, 10.0])
    monkeypatch.setattr("cli.environment.time.monotonic", lambda: next(times))
    Bar(".venvs/dev", 80).at(0.25)
    assert "25% about 30 s left" in capsys.readouterr().out


def test_what_pip_collects_is_counted() -> None:
    pip = Pip(FOLDER, 4)
    for line in (
        "Collecting a==1",
        "  Downloading a.whl",
        "WARNING: Location 'file:///x' is ignored",
        "Collecting b==2",
    ):
        pip.hear(line)
    assert pip.done == pytest.approx(2 * COLLECTED)
    assert list(pip.last) == ["Collecting a==1", "  Downloading a.whl", "Collecting b==2"]


def test_the_pins_of_a_file_are_counted() -> None:
    assert packages_of(Path(__file__).parents[2] / "requirements" / "dev.txt") > 30


@pytest.mark.usefixtures("no_index")
def test_several_are_built_under_one_bar_and_not_again_until_their_pins_change(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pins = tmp_path / "pins.txt"
    pins.write_text("# nothing\n")
    environments = [Environment(tmp_path / name, pins) for name in ("one", "other")]
    build(environments)
    folders = f"{tmp_path / 'one'}, {tmp_path / 'other'}"
    assert capfd.readouterr().out.startswith(f"Building {folders}: 0 packages ...\nBuilt {folders} in ")
    assert all(each.is_built for each in environments)
    later = (tmp_path / "one" / ".built").stat().st_mtime + 10
    os.utime(pins, (later, later))
    assert not any(each.is_built for each in environments)
