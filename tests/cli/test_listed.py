"""What stands of a command in the list is what the command says itself, and a start imports no other command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from cli.listed import Listed
from cli.main import GROUPS, app

ROOT = Path(__file__).resolve().parents[2]
LISTED = [each for every in GROUPS.values() for each in every]
SHARED = {"start.options", "steer.verb"}
# The packages of a start. Of botocore that is its exceptions, of sagemaker_local its keys.
PYDANTIC = {
    "annotated_types",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
}  # typer's
EVERY_START = {"annotated_doc", "cli", "rich", "shellingham", "typer", *PYDANTIC}
OF_A_STACK = {"botocore", "psutil", "sagemaker_local"}
STARTS = {
    "--help": {"attr", "markdown_it", "mdurl", "pygments"},  # rich's
    "env": OF_A_STACK,
    "status": OF_A_STACK,
    "runs": OF_A_STACK | {"switchyard"},
}
LATE = {"botocore.session", "sagemaker_local.wire", "cli.rows.table", "cli.local.bring_up"}
PROGRAM = """
import json, sys
before = set(sys.modules)
from cli.main import app
try:
    app(prog_name="switchyard")
finally:
    print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
"""


@pytest.mark.parametrize("listed", LISTED, ids=lambda each: each.name)
def test_a_list_says_of_a_command_what_its_help_begins_with(listed: Listed) -> None:
    command = listed.load()
    assert command.name == listed.name
    assert " ".join(command.help.split("\n\n")[0].split()) == listed.summary


def test_every_command_of_the_folder_is_listed_once() -> None:
    home = ROOT / "cli/commands"
    files = {".".join(path.relative_to(home).with_suffix("").parts) for path in home.glob("*/[!_]*.py")}
    assert {each.module for each in LISTED} == files - SHARED
    assert list(get_command(app).commands) == [each.name for each in LISTED]  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", STARTS)
def test_a_start_imports_what_its_command_needs_and_no_more(command: str, tmp_path: Path) -> None:
    """Without a stack: a client of AWS is imported by whoever makes one."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, command],
        cwd=ROOT,
        env=os.environ | {"SWITCHYARD_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    modules = set(json.loads(done.stderr.splitlines()[-1]))
    packages = {name.partition(".")[0] for name in modules if not name.startswith("_")}
    assert packages - set(sys.stdlib_module_names) - EVERY_START == STARTS[command]
    assert modules.isdisjoint(LATE)


@pytest.mark.parametrize("begun", ["", "r"])
def test_completion_names_commands_without_importing_them(begun: str) -> None:
    told = {"_SWITCHYARD_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": f"switchyard {begun}"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "cli.commands" not in json.loads(done.stderr.splitlines()[-1])
    for listed in LISTED:
        assert (f'"{listed.name}":"' in done.stdout) is listed.name.startswith(begun)
