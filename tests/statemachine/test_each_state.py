"""Every state of every machine, run alone: where it leads, what is tried again, and what becomes of every error."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.statemachine.alone import alone, scopes
from tests.statemachine.interpreter import LAPS, SHORT, Ended, Fails, Interpreter, Raises, Reply, Silent
from tests.statemachine.script import script
from tests.statemachine.states import (
    DOCUMENTED,
    DOCUMENTS,
    LAMBDA,
    STATES,
    STEP_FUNCTIONS,
    Child,
    Choice,
    Each,
    Last,
    State,
    Task,
    replies_of,
)

UNFORESEEN = "KeyError"
MOST_ATTEMPTS = 6


def of(kind: type[Any]) -> list[Any]:
    return [
        pytest.param(machine, name, state, id=f"{machine}: {name}")
        for machine, states in STATES.items()
        for name, state in states.items()
        if isinstance(state, kind)
    ]


def declared(machine: str) -> dict[str, Mapping[str, Any]]:
    return {name: state for scope in scopes(machine) for name, state in scope.states.items()}


def errors_of(state: Mapping[str, Any], place: str) -> list[tuple[str, str]]:
    """(error, the state that follows) of every Catch, or Retry."""
    return [(error, rule.get("Next", "")) for rule in state.get(place, []) for error in rule["ErrorEquals"]]


def expected_errors(name: str, state: State) -> Iterator[tuple[str, str]]:
    if isinstance(state, Task):
        yield from ((error, name) for error in state.again)
        yield from (("States.ALL", state.caught) for _ in [0] if state.caught)


@pytest.mark.parametrize("machine", sorted(STATES))
def test_every_state_and_every_error_that_it_names_has_a_case(machine: str) -> None:
    states = declared(machine)
    assert set(states) == set(STATES[machine])
    for name, state in states.items():
        told = STATES[machine][name]
        assert sorted(errors_of(state, "Catch")) == sorted(expected_errors(name, told)), name
        tried_again = {Task: LAMBDA, Child: STEP_FUNCTIONS | {DOCUMENTED}}.get(type(told), frozenset())
        assert {error for error, _ in errors_of(state, "Retry")} == tried_again, name


def played(
    engine: Interpreter, machine: str, name: str, state: Task, *replies: Reply, **laps: float
) -> tuple[Ended, list[str]]:
    """How it ended alone when these replies come before the good ones, and the states that were entered."""
    engine.script = script(**{state.by or name: [*replies, *replies_of(name, state)]})
    document = {**DOCUMENTS[machine], "laps": {**LAPS, **laps}}
    ended = alone(engine, machine, name, document)
    return ended, ended.states[f"{machine}-{name}"]


def path(*names: str) -> list[str]:
    return [name for name in names if name]


@pytest.mark.parametrize(("machine", "name", "state"), of(Task))
def test_a_task_leads_on(engine: Interpreter, machine: str, name: str, state: Task) -> None:
    ended, entered = played(engine, machine, name, state)
    assert (ended.status, entered) == ("SUCCEEDED", path(name, state.then))


@pytest.mark.parametrize(("machine", "name", "state"), of(Task))
def test_what_passes_by_itself_is_tried_again(
    engine: Interpreter, machine: str, name: str, state: Task
) -> None:
    errors = sorted(LAMBDA)
    for some in (errors[:MOST_ATTEMPTS], errors[MOST_ATTEMPTS:]):
        engine.reset()
        ended, entered = played(engine, machine, name, state, *map(Raises, some))
        assert (ended.status, entered) == ("SUCCEEDED", path(name, state.then)), some
        assert len(engine.delays) == len(some)


@pytest.mark.parametrize(("machine", "name", "state"), of(Task))
def test_laps_enter_it_again(engine: Interpreter, machine: str, name: str, state: Task) -> None:
    for error in sorted(state.again):
        engine.reset()
        is_lap = error == "States.Timeout"
        laps = dict.fromkeys(LAPS, SHORT) if is_lap else {}
        ended, entered = played(engine, machine, name, state, Silent() if is_lap else Fails(error), **laps)
        laps_too_many = [name] * (len(entered) - len(path(name, name, state.then)))  # on a busy machine
        assert entered == path(name, name, *laps_too_many, state.then), error
        assert ended.status == "SUCCEEDED"


@pytest.mark.parametrize(("machine", "name", "state"), of(Task))
def test_any_other_error_is_caught_or_ends_it(
    engine: Interpreter, machine: str, name: str, state: Task
) -> None:
    ended, entered = played(engine, machine, name, state, Raises(UNFORESEEN))
    assert entered == path(name, state.caught)
    assert engine.delays == []
    assert ended.status == ("SUCCEEDED" if state.caught else "FAILED")
    assert ended.error == ("" if state.caught else UNFORESEEN)


@pytest.mark.parametrize(("machine", "name", "state"), of(Each))
def test_a_map_leads_on_or_fails_with_its_item(
    engine: Interpreter, machine: str, name: str, state: Each
) -> None:
    engine.script = script()
    whole = alone(engine, machine, name, DOCUMENTS[machine])
    assert whole.status == "SUCCEEDED"
    assert whole.states[f"{machine}-{name}"][-1] == state.then
    engine.reset()
    engine.script = script(**{state.by: [Raises(UNFORESEEN)]})
    broken = alone(engine, machine, name, DOCUMENTS[machine])
    assert (broken.status == "FAILED") == state.is_seen
    assert (state.then in broken.states[f"{machine}-{name}"]) != state.is_seen


@pytest.mark.parametrize(("machine", "name", "state"), of(Child))
def test_a_child_leads_on_or_fails_with_it(
    engine: Interpreter, machine: str, name: str, state: Child
) -> None:
    engine.script = script()
    whole = alone(engine, machine, name, DOCUMENTS[machine])
    assert (whole.status, whole.states[f"{machine}-{name}"]) == ("SUCCEEDED", [name, state.then])
    engine.reset()
    engine.script = script(**{state.breaks: [Raises(UNFORESEEN)], "RestoreChampion": [Raises(UNFORESEEN)]})
    broken = alone(engine, machine, name, DOCUMENTS[machine])
    assert (broken.status, broken.states[f"{machine}-{name}"]) == ("FAILED", [name])


@pytest.mark.parametrize(("machine", "name", "state"), of(Child))
def test_a_child_that_step_functions_refuses_is_tried_again(
    engine: Interpreter, machine: str, name: str, state: Child
) -> None:
    for error in sorted(STEP_FUNCTIONS):
        engine.reset()
        engine.script = script()
        engine.refusals.append(error.removeprefix("StepFunctions.").removesuffix("Exception"))
        ended = alone(engine, machine, name, DOCUMENTS[machine])
        assert (ended.status, ended.states[f"{machine}-{name}"]) == ("SUCCEEDED", [name, state.then]), error
        assert len(engine.delays) == 1


@pytest.mark.parametrize(("machine", "name", "state"), of(Choice))
def test_a_choice_has_a_way_for_each_rule_and_one_for_all_else(
    engine: Interpreter, machine: str, name: str, state: Choice
) -> None:
    assert len(state.ways) == len(declared(machine)[name]["Choices"]) + 1
    for differs, then in state.ways:
        engine.reset()
        ended = alone(engine, machine, name, with_values(DOCUMENTS[machine], differs))
        assert ended.states[f"{machine}-{name}"] == [name, then], differs


def with_values(document: Mapping[str, Any], differs: Mapping[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(dict(document))
    for place, value in differs.items():
        *parents, last = place.split(".")
        inner = changed
        for each in parents:
            inner = inner[each]
        inner[last] = value
        if value is None:
            del inner[last]
    return changed


@pytest.mark.parametrize(("machine", "name", "state"), of(Last))
def test_the_last_states_say_how_it_ended(engine: Interpreter, machine: str, name: str, state: Last) -> None:
    ended = alone(engine, machine, name, DOCUMENTS[machine])
    assert ended.status == ("FAILED" if state.error else "SUCCEEDED")
    assert (ended.error, ended.output) == (state.error, state.output)
