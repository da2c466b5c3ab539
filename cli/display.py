"""How commands speak: progress on a terminal, plain lines elsewhere (and with NO_COLOR), errors with the next step.

With --json standard output is for one JSON object alone; everything else goes to standard error.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.control import Control
from rich.markup import escape
from rich.measure import Measurement

from cli.stack.errors import StackError

P = ParamSpec("P")
R = TypeVar("R")

KEPT = "\t\n\xa0\u202f"  # tabs, ends of lines, blanks that hold two words together
WIDTH_OF_FILES = 200  # where there is no terminal to fit into, nothing is cut off


class Harmless(RenderHook):
    """Control characters in a text reach no terminal; those of the console itself do."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [each if isinstance(each, Control) else _Harmless(each) for each in renderables]


@dataclass(frozen=True)
class _Harmless:
    shown: ConsoleRenderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.shown, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self.shown)


def _console(*, stderr: bool = False) -> Console:
    """Texts are no markup unless a call says so, and do nothing to a terminal: most are a stranger's."""
    width = None if (sys.stderr if stderr else sys.stdout).isatty() else WIDTH_OF_FILES
    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)
    made.push_render_hook(Harmless())
    return made


console = _console()
errors = _console(stderr=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """One step of a command: a spinner while it lasts on a terminal, one line with its seconds when it is done."""
    began = time.monotonic()
    try:
        with console.status(f"{escape(title)} ..."):
            yield
    except BaseException:
        console.print(f"[red]✗[/] {escape(title)}", markup=True)
        raise
    console.print(f"[green]✓[/] {escape(title)} [dim]{time.monotonic() - began:.1f} s[/]", markup=True)


def say(text: str) -> None:
    """A sentence for people; its text is not markup."""
    console.print(text, soft_wrap=True)


def print_json(document: Mapping[str, Any]) -> None:
    """The answer of a command with --json: one object on a line, and nothing else on standard output."""
    print(json.dumps(json_safe(document), allow_nan=False), flush=True)


def json_safe(value: Any) -> Any:
    """The same without NaN and infinities, which are no JSON: null stands for them."""
    if isinstance(value, Mapping):
        return {str(name): json_safe(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_safe(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def _spoken_on_stderr() -> Iterator[None]:
    """Whatever is said while the block runs."""
    width = console.width
    console.stderr, console.width = True, errors.width
    try:
        yield
    finally:
        console.stderr, console.width = False, width


def printable(text: str) -> str:
    """What a stranger's text may do to a terminal is to be read: control characters become U+FFFD."""
    return "".join(
        sign if sign.isprintable() or sign in KEPT else "\N{REPLACEMENT CHARACTER}" for sign in text
    )


def fail(problem: str, next_step: str, exit_code: int = 1) -> typer.Exit:
    """Prints what went wrong and what to do next; raise what it returns."""
    errors.print(f"[red]Error:[/] {escape(problem)}", soft_wrap=True, markup=True)
    errors.print(f"[bold]Next:[/] {escape(next_step)}", soft_wrap=True, markup=True)
    return typer.Exit(exit_code)


def _advice(stack: str) -> str:
    """What to do when a service of the named stack refused, or of the local one, or did not answer."""
    if stack:
        return f"Look at credentials (--profile), region (--region), and whether a stack {stack} is deployed there."
    return "Look at `switchyard status`; `switchyard up` starts what does not run."


def reporting(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose foreseen errors end as two lines and an exit code, never as a traceback.

    With `as_json` it leaves standard output to `print_json`.
    """

    @wraps(command)
    def reported(*args: Any, **kwargs: Any) -> Any:
        try:
            with _spoken_on_stderr() if kwargs.get("as_json") else nullcontext():
                return command(*args, **kwargs)
        except StackError as error:
            raise fail(error.problem, error.next_step, error.exit_code) from error
        except (BotoCoreError, ClientError) as error:
            raise fail(str(error), _advice(str(kwargs.get("stack") or ""))) from error
        except KeyboardInterrupt:
            raise fail("Interrupted.", "Nothing is lost: run the same command again.", 130) from None

    return reported
