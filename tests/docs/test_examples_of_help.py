"""The example in a command's help is one: the command takes it."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.examples import EXAMPLES
from cli.main import GROUPS, app


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Names as they are typed, those within groups included."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_shows_an_example_that_the_command_takes(name: str) -> None:
    words, own = shlex.split(EXAMPLES[name].removeprefix('eval "$(').removesuffix(')"')), name.split()
    assert words[: 1 + len(own)] == ["switchyard", *own]
    COMMANDS[name].make_context(name, words[1 + len(own) :], resilient_parsing=False)
    shown = " ".join(CliRunner().invoke(app, [*own, "--help"], env={"COLUMNS": "200"}).output.split())
    assert shown.count("Example: ") == 1
    assert f"Example: {EXAMPLES[name]}" in shown
    assert "without one the newest. [required]" not in shown


def test_commands_are_listed_by_what_people_want() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"}).output
    places = [shown.index(f"─ {group} ─") for group in GROUPS]
    assert places == sorted(places)
    assert "─ Commands ─" not in shown


def test_completion_is_offered_for_the_shell() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert "--install-completion" in shown


def test_a_command_that_is_nearly_right_is_named() -> None:
    said = CliRunner().invoke(app, ["promot"])
    assert said.exit_code == 2
    assert "Did you mean 'promote'?" in said.output
