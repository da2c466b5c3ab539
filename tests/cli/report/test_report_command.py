"""`switchyard report`: which run, and to where."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.commands.look.report
from cli.main import app
from switchyard.core.run import RunState
from tests.cli.pages import titles
from tests.cli.settled_runs import RUN_ID, SOURCE, Desk, blocks


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["report", *(str(argument) for argument in arguments)])


def test_the_newest_run_that_is_over_is_written_under_its_own_name(deployed: Desk, tmp_path: Path) -> None:
    frozen = deployed.snapshot()
    deployed.roll_out(RunState.PROMOTED, blocks(4), frozen)
    deployed.upload(RunState.WAITING, run_id="digits-eeeeeeeeeeee", source="s3://data/digits/train/v3.csv")
    answer = call()
    assert answer.exit_code == 0, answer.output
    assert "PROMOTED" in answer.output
    page = (tmp_path / f"{RUN_ID}.html").read_text()
    assert "Live rollout" in titles(page)


@pytest.mark.parametrize("wanted", [RUN_ID, SOURCE, "train/v2.csv"])
def test_a_run_is_found_by_its_id_and_by_its_dataset(deployed: Desk, tmp_path: Path, wanted: str) -> None:
    deployed.decide(RunState.REJECTED)
    answer = call(wanted, "--output", tmp_path / "why.html")
    assert answer.exit_code == 0, answer.output
    assert "Rejected" in (tmp_path / "why.html").read_text()


def test_a_run_that_the_ledger_lost_is_found_in_the_bucket(deployed: Desk, tmp_path: Path) -> None:
    deployed.decide(RunState.REJECTED)
    for item in deployed.items.query("MODEL#digits"):
        deployed.items.delete("MODEL#digits", str(item["sk"]))
    assert call(RUN_ID).exit_code == 0
    assert "Rejected" in (tmp_path / f"{RUN_ID}.html").read_text()


def test_a_refused_upload_is_written_under_the_name_of_its_dataset(deployed: Desk, tmp_path: Path) -> None:
    deployed.upload(RunState.INVALID, "row 3", run_id="", source="s3://data/digits/train/../v 2;.csv")
    answer = call()
    assert answer.exit_code == 0, answer.output
    assert [path.name for path in tmp_path.glob("*.html")] == ["data-digits-train-..-v-2-.csv.html"]


def test_what_is_not_there_is_said(deployed: Desk) -> None:
    nothing = call()
    assert nothing.exit_code == 1
    assert "Nothing was uploaded yet." in nothing.stderr
    unknown = call("digits-000000000000")
    assert unknown.exit_code == 2
    assert "`switchyard runs` lists what there is." in unknown.stderr


def test_a_place_that_cannot_be_written_to_is_said(deployed: Desk, tmp_path: Path) -> None:
    deployed.decide(RunState.REJECTED)
    answer = call(RUN_ID, "--output", tmp_path / "nowhere" / "why.html")
    assert answer.exit_code == 1
    assert "Name another place with --output." in answer.stderr


def test_the_report_is_opened_when_asked(
    deployed: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(cli.commands.look.report.webbrowser, "open", opened.append)
    deployed.decide(RunState.REJECTED)
    assert call(RUN_ID, "--output", tmp_path, "--open").exit_code == 0
    assert opened == [(tmp_path / f"{RUN_ID}.html").as_uri()]
