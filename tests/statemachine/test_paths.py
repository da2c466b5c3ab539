"""Every branch of every machine: the table says through which states, to which end; together they use every edge."""

import json
from itertools import pairwise

import pytest

from tests.asl.machine import Machine, targets
from tests.contract.cloudformation import ROOT
from tests.statemachine.case import Case, document, output
from tests.statemachine.cases import TABLE
from tests.statemachine.interpreter import RUN, Ended, Interpreter
from tests.statemachine.script import ALPHA, script

EVERY = [
    pytest.param(machine, case, id=f"{machine}: {case}") for machine, cases in TABLE.items() for case in cases
]


@pytest.mark.parametrize(("machine", "case"), EVERY)
def test_path(engine: Interpreter, machine: str, case: Case) -> None:
    engine.script = script(**case.script)
    ended = engine.run(machine, document(machine, RUN, case, ALPHA))
    assert ended.states[machine] == list(case.path)
    for child, states in case.children.items():
        assert ended.states[child] == list(states)
    _ends_as_said(ended, machine, case)


def _ends_as_said(ended: Ended, machine: str, case: Case) -> None:
    if ended.status == "FAILED":
        assert ended.error == case.end
    elif machine == "restore":
        assert (case.end, ended.output["restored"]["done"]) == ("", True)
    else:
        assert ended.output == output(machine, RUN, case)


@pytest.mark.parametrize("machine", sorted(TABLE))
def test_the_table_uses_every_edge(machine: str) -> None:
    """Each Next, Default, Choice and Catch is on the path of some case; the map's inside has no edge of its own."""
    definition = Machine.read(ROOT / "statemachine" / f"{machine}.asl.yaml")
    edges = {(name, target) for name, state in definition.states() for _, target in targets(state)}
    paths = [case.path for case in TABLE[machine]]
    paths += [[state for state in path if state not in ("ScoreChunk", "StartTransform")] for path in paths]
    used = {edge for path in paths for edge in pairwise(path)}
    assert edges - used == set()


@pytest.mark.parametrize("machine", sorted(TABLE))
def test_the_table_enters_every_state(machine: str) -> None:
    definition = Machine.read(ROOT / "statemachine" / f"{machine}.asl.yaml")
    elsewhere = {"ScoreLargeChunk"}  # entered in executions that a Distributed Map starts
    assert {name for name, _ in definition.states()} - elsewhere == {
        state for case in TABLE[machine] for state in case.path
    }


def test_a_failed_rollout_tells_the_run_why(engine: Interpreter) -> None:
    """The child's own error stands within the cause, where switchyard.core.failure digs it out."""
    from switchyard.core.execution_end import readable

    why = {"errorType": "ChampionChangedError", "errorMessage": "judged against a, but b is live"}
    from tests.statemachine.interpreter import Raises

    engine.script = script(StartRollout=[Raises(why["errorType"], why["errorMessage"])])
    ended = engine.run("retrain", document("retrain", RUN, TABLE["retrain"][0], ALPHA))
    assert json.loads(ended.cause)["Status"] == "FAILED"
    assert readable(ended.error, ended.cause) == "ChampionChangedError: judged against a, but b is live"
