"""A state machine's file as the checks see it: its text, its document, and every state with the scope it lives in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


@cache
def _parsed(text: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(text)
    return document


@dataclass(frozen=True)
class Scope:
    """One `States` block: the machine itself, or the inside of a Map or Parallel."""

    owner: str  # the state that holds it, or ""
    start_at: str
    states: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Machine:
    """One *.asl.yaml file."""

    name: str
    text: str

    @classmethod
    def read(cls, path: Path) -> "Machine":
        return cls(path.name, path.read_text())

    @property
    def document(self) -> dict[str, Any]:
        return _parsed(self.text)

    @property
    def substitutions(self) -> set[str]:
        return set(SUBSTITUTION.findall(self.text))

    def scopes(self) -> Iterator[Scope]:
        yield from _scopes("", self.document)

    def states(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for scope in self.scopes():
            yield from scope.states.items()


def _scopes(owner: str, block: Mapping[str, Any]) -> Iterator[Scope]:
    scope = Scope(owner, block["StartAt"], block["States"])
    yield scope
    for name, state in scope.states.items():
        inside = [state.get("ItemProcessor"), state.get("Iterator"), *state.get("Branches", [])]
        for each in inside:
            if each is not None:
                yield from _scopes(name, each)


def targets(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(where it is said, which state comes next), for every way out of a state."""
    for word in ("Next", "Default"):
        if word in state:
            yield word, state[word]
    for place in ("Choices", "Catch"):
        for index, rule in enumerate(state.get(place, [])):
            if "Next" in rule:
                yield f"{place}[{index}]", rule["Next"]


def walk(value: object, path: str = "") -> Iterator[tuple[str, str, object]]:
    """(path, key, value) of every entry of every mapping, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield path, str(key), inner
            yield from walk(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, f"{path}[{index}]")
