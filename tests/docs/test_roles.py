"""A page for each role: reached at once, short, leading to the rest, with commands as they are."""

import shlex
from pathlib import Path

import pytest
import typer

from cli.main import app
from tests.docs.test_docs import FENCE, ROOT, links

ROLES = ("learn.md", "data-scientist.md", "platform-engineer.md", "at-night.md")
SHORT = [ROOT / "docs" / name for name in ROLES[1:]]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def typed(page: Path) -> list[list[str]]:
    """The commands in a page's blocks."""
    lines = [
        line.removeprefix("$ ") for block in FENCE.findall(page.read_text()) for line in block.splitlines()
    ]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("switchyard ")]


@pytest.mark.parametrize("name", ROLES)
def test_a_roles_page_is_one_click_from_the_readme_and_from_the_index(name: str) -> None:
    assert f"docs/{name}" in links(ROOT / "README.md")
    assert name in links(ROOT / "docs/index.md")


@pytest.mark.parametrize("page", SHORT, ids=lambda page: page.name)
def test_it_is_read_in_minutes_and_leads_to_the_rest(page: Path) -> None:
    assert len(page.read_text().split()) < 700
    assert len(set(links(page))) >= 8


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_commands_in_blocks_have_the_options_that_they_are_typed_with(page: Path) -> None:
    for name, *words in typed(page):
        command = COMMANDS[name]
        command = getattr(command, "commands", {}).get(words[0], command) if words else command
        known = {option for each in command.params for option in each.opts}
        asked = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert asked <= known, f"{page.name}: switchyard {name}"
