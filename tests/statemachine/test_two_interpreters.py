"""The small interpreter that plays whole runs (tests/fakes/asl.py) takes the same paths as moto's, case by case."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import pytest

from tests.fakes.asl import Execution, StatesError
from tests.statemachine.case import Case, document, output
from tests.statemachine.cases import TABLE
from tests.statemachine.chunks import CHUNKS, CHUNKS_FILE
from tests.statemachine.interpreter import (
    MACHINES,
    RUN,
    Answers,
    Fails,
    Gives,
    Raises,
    Refused,
    Reply,
    Silent,
    definition,
)
from tests.statemachine.script import ALPHA, script

EVERY = [
    pytest.param(machine, case, id=f"{machine}: {case}") for machine, cases in TABLE.items() for case in cases
]
DEFINITIONS = {m: json.loads(definition(m, {each: each for each in MACHINES})) for m in MACHINES}


class Player:
    """Plays one case: answers from the script, lets a lap pass where nobody answers."""

    def __init__(self, replies: dict[str, list[Reply]]) -> None:
        self.replies = replies
        self.answers: dict[str, Any] = {}
        self.started: list[Execution] = []

    def invoke(self, function: str, payload: Mapping[str, Any]) -> Any:
        replies = self.replies[function.rsplit(":", 1)[-1]]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        match reply:
            case Gives(payload=given):
                return given
            case Raises(error=error, message=message):
                raise StatesError(error, json.dumps({"errorType": error, "errorMessage": message}))
            case Refused(code=code):
                raise StatesError(f"Lambda.{code}")
            case Answers(output=output):
                self.answers[payload["token"]] = dict(output)
            case Fails(error=error, cause=cause):
                self.answers[payload["token"]] = StatesError(error, cause)
            case Silent():
                self.answers[payload["token"]] = StatesError("States.Timeout")
        return None

    def read_items(self, key: str) -> Any:
        assert key == CHUNKS_FILE
        return CHUNKS["items"]

    def pause(self) -> None:
        """Nothing happens meanwhile."""

    def start_child(self, machine: str, name: str, document: Mapping[str, Any]) -> Execution:
        return self.play(Execution(machine, name, DEFINITIONS[machine], document, self))

    def play(self, execution: Execution) -> Execution:
        self.started.append(execution)
        execution.go_on()
        while execution.waiting:
            answer = self.answers.get(execution.waiting.token)
            if isinstance(answer, StatesError):
                execution.go_on(error=answer)
            else:
                execution.go_on(answer)
        return execution


@pytest.mark.parametrize(("machine", "case"), EVERY)
def test_the_same_path(machine: str, case: Case) -> None:
    player = Player(script(**case.script))
    ended = player.play(
        Execution(machine, "x", DEFINITIONS[machine], document(machine, RUN, case, ALPHA), player)
    )
    assert _in_turn(ended.states) == _in_turn(case.path)
    for child, states in case.children.items():
        assert [s for e in player.started if e.machine == child for s in e.states] == list(states)
    if ended.status == "FAILED":
        assert ended.error == case.end
    elif machine != "restore":
        assert ended.output == output(machine, RUN, case)


def _in_turn(states: Sequence[str]) -> list[str]:
    """How many chunks had begun when one of them failed is a matter of concurrency, which is played in turn here."""
    return [state for state, _ in groupby(states)]
