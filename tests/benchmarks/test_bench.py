"""`make bench` measures every part, misses what breaks off, and writes each line beside its goal."""

import json
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.bench.__main__ import document, run
from benchmarks.bench.outcome import ENDED, outcome
from benchmarks.bench.results import number, written
from benchmarks.bench.schedule import PARTS, Part, chosen, played
from benchmarks.checks import Check
from tests import patience

PART = Part("sums", "adding", "benchmarks.sums", alone=True)
HELD = Check("CPU over the peer's", 0.25, at_most=0.3, spread=(0.21, 0.27))
MISSED = Check("requests/s over the peer's", 7.5, at_least=8)


def printed(*checks: Check) -> str:
    rows = [{"way": "ours", "cpu_s": 1.5}, {"way": "peer", "cpu_s": 6.0}]
    return "\n".join(json.dumps(each) for each in (*rows, *(check.to_dict() for check in checks)))


def test_a_part_s_rows_and_lines_are_read() -> None:
    found = outcome(PART, printed(HELD, MISSED), "round 1\nnote: wrk is not installed\n", 1, 3.0)
    assert [row["way"] for row in found.rows] == ["ours", "peer"]
    assert [(line.name, line.value, line.limit, line.passed) for line in found.lines] == [
        (HELD.name, 0.25, "<= 0.3", True),
        (MISSED.name, 7.5, ">= 8", False),
        (ENDED, 1.0, ">= 1", True),
    ]
    assert found.lines[0].spread == (0.21, 0.27)
    assert found.notes == ("wrk is not installed",)


BROKEN = {
    "silent": ("", 0),
    "broken": ("", 1),
    "a wrong option": (printed(HELD), 2),
    "broken after a line": (printed(HELD), 1),
    "a miss that says it is none": (printed(MISSED), 0),
    "no lines": (printed(), 0),
    "killed": (printed(HELD), -9),
}


@pytest.mark.parametrize(("text", "exit_code"), BROKEN.values(), ids=BROKEN)
def test_a_part_that_did_not_end_well_is_a_line_that_is_missed(text: str, exit_code: int) -> None:
    assert ENDED in [line.name for line in outcome(PART, text, "", exit_code, 1.0).missed]


def test_the_results_name_every_line_its_goal_its_spread_and_what_is_missed() -> None:
    found = [outcome(PART, printed(HELD, MISSED), "note: a note\n", 1, 3.0)]
    text = written({"date": "2026-11-29", "peers": {"pandas": "3.1.1"}}, found, ["labels"])
    assert "- Not measured: labels\n" in text
    assert "| CPU over the peer's | 0.25 | 0.21 to 0.27 | <= 0.3 | holds |" in text
    assert "| requests/s over the peer's | 7.5 |  | >= 8 | **missed** |" in text
    assert "**2 of 3 lines hold.** Missed:\n- sums: requests/s over the peer's: 7.5, must be >= 8" in text
    assert "| peers | pandas 3.1.1 |" in text
    assert "- a note" in text
    assert "| ours | 1.5 |" in text


def test_the_object_that_is_printed_is_json_and_has_all_of_it() -> None:
    told = json.loads(json.dumps(document({"date": "d"}, [outcome(PART, printed(HELD, MISSED), "", 1, 3.0)])))
    assert [each["name"] for each in told["missed"]] == [MISSED.name]
    assert told["parts"]["sums"]["rows"][1]["cpu_s"] == 6.0
    assert len(told["lines"]) == 3


def test_every_part_is_a_module_that_prints_json() -> None:
    assert all(find_spec(part.module) for part in PARTS)
    assert all(part.arguments(is_quick=quick)[-1] == "--json" for part in PARTS for quick in (True, False))


def test_parts_that_need_all_cores_have_them() -> None:
    """Whatever of the others meet, meet one another."""
    lock, running, met = threading.Lock(), [], []
    both = threading.Barrier(2, timeout=patience.SECONDS)

    def play(part: Part) -> str:
        with lock:
            running.append(part)
            met.append(list(running))
        if not part.alone:
            both.wait()
        with lock:
            running.remove(part)
        return part.name

    parts = [
        Part("a", "", "m"),
        Part("b", "", "m", alone=True),
        Part("c", "", "m"),
        Part("d", "", "m", alone=True),
    ]
    assert sorted(played(parts, play)) == ["a", "b", "c", "d"]
    assert all(len(each) == 1 for each in met if any(part.alone for part in each))
    assert max(map(len, met)) == 2


def test_a_part_of_a_name_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    assert chosen([]) == list(PARTS)
    with pytest.raises(ValueError, match="no part lambda; there are serving,"):
        chosen(["lambda"])


def test_a_part_that_breaks_off_leaves_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.bench.__main__.LOGS", tmp_path)
    found = run(Part("gone", "nothing", "benchmarks.nothing_of_this_name"))
    assert [line.name for line in found.missed] == [ENDED]
    assert "No module named benchmarks.nothing_of_this_name" in (tmp_path / "gone.log").read_text()
    assert found.cpu_s > 0
    assert sys.executable in (tmp_path / "gone.log").read_text()


def test_numbers_are_short() -> None:
    assert [number(each) for each in (0.123456, 12345.678, 10_000_000, 3.0, "a|b", True)] == [
        "0.123", "12,346", "10,000,000", "3", "a\\|b", "True",
    ]  # fmt: skip
