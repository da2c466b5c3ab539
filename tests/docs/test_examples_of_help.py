"""The example in a command's help is one: the command takes it."""

import shlex

import pytest
import typer
from typer.testing import CliRunner

from cli.examples import EXAMPLES
from cli.main import app

GROUP = typer.main.get_command(app)
COMMANDS = GROUP.commands  # type: ignore[attr-defined]
RUNNABLE = sorted(name for name in COMMANDS if name != "image")  # a group, whose one command deploys


@pytest.mark.parametrize("name", RUNNABLE)
def test_help_shows_an_example_that_the_command_takes(name: str) -> None:
    words = shlex.split(EXAMPLES[name].removeprefix('eval "$(').removesuffix(')"'))
    assert words[:2] == ["switchyard", name]
    COMMANDS[name].make_context(name, words[2:], resilient_parsing=False)
    shown = " ".join(CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output.split())
    assert f"Example: {EXAMPLES[name]}" in shown


def test_completion_is_offered_for_the_shell() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert "--install-completion" in shown


def test_a_command_that_is_nearly_right_is_named() -> None:
    said = CliRunner().invoke(app, ["promot"])
    assert said.exit_code == 2
    assert "Did you mean 'promote'?" in said.output
