"""Commands that are imported when they are asked for; help and completion list them by what stands here of each.

Whoever asks for one would otherwise wait for the modules of all, a second of CPU time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from cli.examples import example


@dataclass(frozen=True)
class Listed:
    """module: its place in cli.commands. summary: the first paragraph of its help. function: its name there, where it
    is not the command's.
    """

    name: str
    module: str
    summary: str
    function: str = ""

    def load(self) -> Any:
        """The command, or the group of commands."""
        module = import_module(f"cli.commands.{self.module}")
        found = getattr(module, self.function or self.name.replace("-", "_"))
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(self.name, epilog=example(self.name))(found)
            found = alone
        return typer.main.get_command(found)


class OnDemand(Mapping[str, Any]):
    """Commands by name."""

    def __init__(self, listed: Mapping[str, Listed]) -> None:
        self._listed, self._load = listed, cache(Listed.load)

    def __getitem__(self, name: str) -> Any:
        return self._load(self._listed[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)


def group_of(groups: Mapping[str, tuple[Listed, ...]]) -> type[TyperGroup]:
    """The class of an app with these commands; a list shows each in its group."""
    listed = {each.name: each for every in groups.values() for each in every}
    stubs: Mapping[str, Any] = {
        each.name: TyperCommand(each.name, help=each.summary, rich_help_panel=group)
        for group, every in groups.items()
        for each in every
    }

    class Group(TyperGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.commands: Any = OnDemand(listed)

        def list_commands(self, _: Any) -> list[str]:
            return list(self.commands)

        def format_help(self, ctx: Any, formatter: Any) -> None:
            TyperGroup.format_help(self._as_listed(), ctx, formatter)

        def shell_complete(self, ctx: Any, incomplete: str) -> Any:
            about = copy(ctx)
            about.command = self._as_listed()
            return TyperGroup.shell_complete(about.command, about, incomplete)

        def _as_listed(self) -> Group:
            found = copy(self)
            found.commands = stubs
            return found

    return Group
