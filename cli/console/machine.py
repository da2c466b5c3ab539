"""A state machine's definition as a graph: states, and every way from one to the next. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Definition = Mapping[str, Any]


@dataclass(frozen=True)
class Edge:
    """A way out of a state. kinds: Next, Default, Choice, Catch; several when they lead to the same state."""

    source: str
    target: str
    kinds: tuple[str, ...]

    @property
    def is_catch(self) -> bool:
        return set(self.kinds) == {"Catch"}


@dataclass(frozen=True)
class Node:
    """A state. starts: ARN of the machine that it starts and waits for, or ""; inside: of a Map or Parallel."""

    name: str
    type: str
    comment: str = ""
    starts: str = ""
    inside: tuple[Scope, ...] = ()


@dataclass(frozen=True)
class Scope:
    """One `States` block: the machine itself, or the inside of a Map, or a branch of a Parallel."""

    start: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def walk(self) -> Iterator[Node]:
        """Every state, those inside others included."""
        for node in self.nodes:
            yield node
            for scope in node.inside:
                yield from scope.walk()

    def walk_edges(self) -> Iterator[Edge]:
        yield from self.edges
        for node in self.nodes:
            for scope in node.inside:
                yield from scope.walk_edges()


def read_machine(definition: str) -> Scope:
    """The graph of a definition in the Amazon States Language. ValueError when it is none."""
    document = json.loads(definition)
    if not isinstance(document, dict) or not isinstance(document.get("States"), dict):
        raise ValueError("the definition has no States")
    return _scope(document)


def _scope(block: Definition) -> Scope:
    states: Mapping[str, Any] = block["States"]
    nodes = tuple(_node(name, state) for name, state in states.items())
    edges = tuple(edge for name, state in states.items() for edge in _edges(name, state, states))
    return Scope(str(block.get("StartAt", "")), nodes, edges)


def _node(name: str, state: Definition) -> Node:
    inside = [state.get("ItemProcessor") or state.get("Iterator"), *state.get("Branches", [])]
    scopes = tuple(_scope(block) for block in inside if block)
    starts = ""
    if ":states:startExecution" in str(state.get("Resource", "")):
        starts = str(state.get("Parameters", {}).get("StateMachineArn", ""))
    return Node(name, str(state.get("Type", "")), str(state.get("Comment", "")), starts, scopes)


def _edges(name: str, state: Definition, states: Mapping[str, Any]) -> Iterator[Edge]:
    ways: dict[str, list[str]] = {}
    for kind, target in _ways(state):
        if target in states:
            ways.setdefault(target, []).append(kind)
    for target, kinds in ways.items():
        yield Edge(name, target, tuple(dict.fromkeys(kinds)))


def _ways(state: Definition) -> Iterator[tuple[str, str]]:
    """(kind, target), the ordinary way first."""
    if "Next" in state:
        yield "Next", state["Next"]
    for rule in state.get("Choices", []):
        yield "Choice", rule.get("Next", "")
    if "Default" in state:
        yield "Default", state["Default"]
    for rule in state.get("Catch", []):
        yield "Catch", rule.get("Next", "")
