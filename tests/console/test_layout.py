"""The graph: every state is drawn once, no two boxes overlap, and every way of the definition is there."""

import json
from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cli.console.layout import Box, Drawing, lay_out
from cli.console.machine import Scope, read_machine
from tests.asl.machine import Machine, targets
from tests.contract.cloudformation import ROOT

FILES = sorted((ROOT / "statemachine").glob("*.asl.yaml"))


@st.composite
def blocks(draw: st.DrawFn, depth: int = 1, prefix: str = "") -> dict[str, Any]:
    """Any `States` block: loops, states nobody reaches, Maps and Parallels included."""
    names = [f"{prefix}{number}{'m' * draw(st.integers(0, 20))}" for number in range(draw(st.integers(1, 7)))]
    some = st.sampled_from(names)
    states: dict[str, Any] = {}
    for name in names:
        state: dict[str, Any] = (
            {"Type": "Task", "Next": draw(some)} if draw(st.booleans()) else {"Type": "Task"}
        )
        state["Catch"] = [{"Next": each} for each in draw(st.lists(some, max_size=2))]
        state["Choices"] = [{"Next": each} for each in draw(st.lists(some, max_size=2))]
        if draw(st.booleans()):
            state["Default"] = draw(some)
        if depth and draw(st.integers(0, 4)) == 0:
            state["ItemProcessor"] = draw(blocks(depth=depth - 1, prefix=f"{name}/"))
        if depth and draw(st.integers(0, 6)) == 0:
            state["Branches"] = [
                draw(blocks(depth=depth - 1, prefix=f"{name}/{branch}/")) for branch in range(2)
            ]
        states[name] = state
    return {"StartAt": draw(some), "States": states}


def apart(one: Box, other: Box) -> bool:
    slack = 1e-6
    beside = one.right <= other.x + slack or other.right <= one.x + slack
    return beside or one.bottom <= other.y + slack or other.bottom <= one.y + slack


def within(inner: Box, outer: Box) -> bool:
    wide = outer.x <= inner.x and inner.right <= outer.right
    return wide and outer.y < inner.y and inner.bottom <= outer.bottom


def ways(block: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    """Source and target of every way of a definition, as the checks of the machines read it."""
    scopes = Machine("x", json.dumps(block)).scopes()
    found = {
        (name, to) for scope in scopes for name, state in scope.states.items() for _, to in targets(state)
    }
    return Counter(found)


def hold(scope: Scope, drawing: Drawing) -> None:
    boxes = {box.node.name: box for box in drawing.boxes}
    assert Counter(box.node.name for box in drawing.boxes) == Counter(node.name for node in scope.walk())
    inside = {
        node.name: {each.name for part in node.inside for each in part.walk()}
        for node in scope.walk()
        if node.inside
    }
    for one, other in combinations(drawing.boxes, 2):
        names = one.node.name, other.node.name
        if names[1] in inside.get(names[0], ()):
            assert within(other, one), names
        elif names[0] in inside.get(names[1], ()):
            assert within(one, other), names
        else:
            assert apart(one, other), names
    for box in drawing.boxes:
        assert box.x >= -1e-6
        assert box.right <= drawing.width + 1e-6
        assert box.bottom <= drawing.height + 1e-6
    for line in drawing.lines:
        source, target = boxes[line.edge.source], boxes[line.edge.target]
        assert touches(source, line.points[0]), line
        assert touches(target, line.points[-1]), line


def touches(box: Box, point: tuple[float, float]) -> bool:
    x, y = point
    sideways = box.x - 1e-6 <= x <= box.right + 1e-6
    return sideways and box.y - 1e-6 <= y <= box.bottom + 1e-6


@settings(max_examples=30, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(blocks())
def test_any_machine_is_drawn_whole(block: dict[str, Any]) -> None:
    scope = read_machine(json.dumps(block))
    drawing = lay_out(scope)
    hold(scope, drawing)
    assert Counter((line.edge.source, line.edge.target) for line in drawing.lines) == ways(block)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_our_machines_fit_beside_the_evidence(file: Path) -> None:
    document = yaml.safe_load(file.read_text())
    drawing = lay_out(read_machine(json.dumps(document)))
    hold(read_machine(json.dumps(document)), drawing)
    assert Counter((line.edge.source, line.edge.target) for line in drawing.lines) == ways(document)
    assert drawing.width < 900  # at that width letters are still 9 pixels high


def test_kinds_of_a_way_are_told() -> None:
    state = {"Type": "Task", "Next": "B", "Catch": [{"Next": "B"}, {"Next": "A"}], "Choices": [{"Next": "C"}]}
    block = {"StartAt": "A", "States": {"A": {**state, "Default": "C"}, "B": {}, "C": {}}}
    kinds = {edge.target: edge.kinds for edge in read_machine(json.dumps(block)).edges}
    assert kinds == {"B": ("Next", "Catch"), "C": ("Choice", "Default"), "A": ("Catch",)}


@pytest.mark.parametrize("text", ["[]", '{"States": 1}', "no json"])
def test_what_is_no_definition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"States|Expecting"):
        read_machine(text)
