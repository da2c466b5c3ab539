"""What a file does not say is asked for; where nobody can answer, the option that answers is named."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import typer

from cli.display import say
from cli.stack.errors import RefusedError
from cli.start.file_look import Column
from cli.start.needs import ALIKE, DIFFER
from switchyard.config.model_contract import IGNORED
from switchyard.core.data.contract import Kind
from switchyard.core.data.normalized_text import absent
from switchyard.core.names import LONGEST_MODEL_NAME, is_model_name
from switchyard.intake.rules.header import shown, where_the_header_is

USUAL = ("target", "label", "class", "y", "outcome", "species", "diagnosis", "churn", "churned", "survived")


def can_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def model_name(given: str, path: Path | None, most: int = LONGEST_MODEL_NAME) -> str:
    """The given name, or one after the file; RefusedError for what no model can be called."""
    if not given and path is not None:
        given = re.sub(r"[^a-z0-9]+", "-", path.name.partition(".")[0].lower())[:most].strip("-")
    if not is_model_name(given):
        raise RefusedError(
            f"{given!r} is no name for a model: lower-case letters, digits and single hyphens, at most "
            f"{LONGEST_MODEL_NAME} characters.",
            "Name it with --model, as in `--model churn`.",
        )
    return given


def target_of(given: str, columns: Sequence[Column], below: Iterable[Sequence[str]] = ()) -> str:
    """The column to predict: as given, by its usual name if just one has it, or as answered. below: the rows that
    follow the header.
    """
    names = [column.name for column in columns]
    if given:
        return _checked(given, names, below)
    usual = [name for name in names if name.lower() in USUAL]
    if len(usual) == 1:
        say(f"The target is {usual[0]!r}, by its name; another: --target NAME.")
        return usual[0]
    if not can_ask():
        raise RefusedError(
            "Which column is to be predicted cannot be told from the file.",
            f"Name it: --target {names[-1]!r}, say. Columns: {_listed(names)}.",
        )
    for column in columns:
        say(f"  {column.name}: {column.says}")
    answer: str = typer.prompt(
        "Which column is to be predicted?",
        default=(usual or names)[-1],
        value_proc=lambda typed: _one_of(names, typed, below),
        err=True,
    )
    return answer


def kinds_of(given: Sequence[str], columns: Sequence[Column]) -> Mapping[str, str]:
    """What was said of columns, each as NAME=KIND."""
    known, names, found = [*Kind, IGNORED], [column.name for column in columns], {}
    for said in given:
        name, _, kind = said.rpartition("=")
        if kind not in known:
            raise RefusedError(
                f"--column {said!r} says no kind.", f"Write NAME=KIND, one of {', '.join(known)}."
            )
        if name in found:
            raise RefusedError(f"--column says two kinds of {name!r}.", "Say one.")
        found[_checked(name, names)] = kind
    return found


def mistakes_of(given: str) -> str:
    """Do all mistakes cost alike? Asked only where somebody is there; alike otherwise."""
    if given:
        if given not in (ALIKE, DIFFER):
            raise RefusedError(f"--mistakes {given!r} is not known.", f"Say {ALIKE} or {DIFFER}.")
        return given
    if not can_ask():
        return ALIKE
    alike = typer.confirm(
        "Does every mistake cost about the same, whatever its kind?", default=True, err=True
    )
    return ALIKE if alike else DIFFER


def _one_of(names: Sequence[str], typed: str, below: Iterable[Sequence[str]]) -> str:
    """The column that was typed; BadParameter, after which the question is asked again, where there is none."""
    try:
        return _checked(typed.strip(), names, below)
    except RefusedError as refused:
        raise typer.BadParameter(f"{refused.problem} {refused.next_step}") from None


def _checked(target: str, names: Sequence[str], below: Iterable[Sequence[str]] = ()) -> str:
    if target in names:
        return target
    close = absent(names, target)
    instead = where_the_header_is(names, target, below)
    meant = f"{instead[:1].upper()}{instead[1:]}. " if instead else ""
    if close:
        meant = f"{close[:1].upper()}{close[1:]} "
    raise RefusedError(f"There is no column {target!r}.", f"{meant}Columns: {_listed(names)}.")


def _listed(names: Sequence[str]) -> str:
    return shown(", ".join(names[:12])[:300]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
