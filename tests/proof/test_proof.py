"""The table of `make proof`: it has every line, documents say where, and a missed one is told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.checks import Check
from tests.proof import __main__ as proof
from tests.proof.line import QUICK, Line, Size
from tests.proof.lines import LINES

ROOT = Path(__file__).resolve().parents[2]
SECONDS_EACH = ("ledger-work", "undone-endpoint", "hostile-names", "lost-ledger", "bad-challengers")


@pytest.mark.parametrize("name", SECONDS_EACH)
def test_a_line_that_takes_seconds_holds(name: str) -> None:
    [line] = proof.chosen([name])
    assert [str(check) for check in line.measure(QUICK) if not check.passed] == []


def test_a_small_storm_leaves_a_record_for_every_upload() -> None:
    [line] = proof.chosen(["storm"])
    small = replace(QUICK, events=100)
    assert [str(check) for check in line.measure(small) if not check.passed and check.at_most == 0] == []


def test_without_a_name_all_lines_are_measured() -> None:
    assert proof.chosen([]) == list(LINES)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_every_line_is_in_the_documents_with_its_command(line: Line) -> None:
    assert f"`{line.command}`" in (ROOT / "docs/security.md").read_text()


def planted(value: float) -> Line:
    def measure(_: Size) -> Iterator[Check]:
        yield Check("uploads without a record", value, at_most=0)

    return Line("planted", measure)


@pytest.mark.parametrize(("value", "status"), [(0.0, 0), (1.0, 1)])
def test_a_missed_line_is_named_and_ends_with_one(
    value: float, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "LINES", (planted(value),))
    ended = CliRunner().invoke(proof.app, ["--quick"])
    told = json.loads(ended.stdout.splitlines()[-1])
    assert ended.exit_code == status
    assert told["missed"] == ["uploads without a record"] * status
    assert told["lines"][0]["command"] == "python -m tests.proof planted"


def test_a_name_that_is_no_line_is_refused_with_the_names_that_are() -> None:
    ended = CliRunner().invoke(proof.app, ["no-such-line"])
    assert ended.exit_code == 2
    assert "lost-ledger" in ended.output


@pytest.mark.parametrize(
    ("target", "command"), [("proof", "-m tests.proof"), ("scan", "-m tests.proof --quick")]
)
def test_make_ends_as_the_table_does(target: str, command: str) -> None:
    recipe = (ROOT / "Makefile").read_text().split(f"\n{target}: ")[1].split("\n\n")[0].splitlines()
    assert recipe[-1].endswith(command)  # nothing after it, so its status is make's
