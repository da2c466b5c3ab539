"""How tests are handed to workers."""

from pathlib import Path

import pytest

from tests import memory
from tests.workers import LONGEST, WAITING_MOSTLY, mixed, rank, unit_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("nodeid", "unit"),
    [
        ("tests/e2e/demo/test_drills.py::test_a[b::c]", "tests/e2e/demo"),
        ("tests/e2e/demo/test_demo.py::test_a", "tests/e2e/demo"),
        ("tests/e2e/bare/test_try.py::test_a", "tests/e2e/bare"),
        ("tests/core/test_names.py::Test::test_a", "tests/core/test_names.py"),
    ],
)
def test_tests_of_one_stack_or_file_are_one_workers(nodeid: str, unit: str) -> None:
    assert unit_of(nodeid) == unit


def test_stacks_come_first_and_what_is_not_listed_last() -> None:
    assert rank("tests/e2e/demo/test_demo.py::test_a") == 0
    assert rank("tests/core/test_names.py::test_a") == len(LONGEST)


def test_what_mostly_waits_is_spread_over_what_computes() -> None:
    given = ["a", "b", "c", "d", "plane/1", "plane/2"]
    assert mixed(given, ("plane/",)) == ["a", "b", "plane/1", "c", "d", "plane/2"]
    assert mixed(["a", "b"], ("plane/",)) == ["a", "b"]


@pytest.mark.parametrize("place", [*LONGEST, *WAITING_MOSTLY])
def test_what_is_said_to_take_long_is_there(place: str) -> None:
    assert (ROOT / place).exists()


def test_temporary_files_go_to_memory_unless_somebody_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "ROOM", 1)
    for said in (str(tmp_path / "said"), None):
        monkeypatch.delenv("TMPDIR", raising=False)
        if said:
            monkeypatch.setenv("TMPDIR", said)
        monkeypatch.setattr("tempfile.tempdir", "")
        memory.set_up(tmp_path)
        assert memory.os.environ["TMPDIR"] == (said or str(tmp_path))


def test_a_memory_that_is_too_small_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(memory, "ROOM", 1 << 62)
    memory.set_up(tmp_path)
    assert "TMPDIR" not in memory.os.environ
