"""A state run alone, as Step Functions' TestState runs one: it begins there, and ends where the state leads."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.asl.machine import Machine, Scope, targets
from tests.contract.cloudformation import ROOT
from tests.statemachine.definitions import definition
from tests.statemachine.interpreter import ROLE, Ended, Interpreter


def scopes(machine: str) -> Iterator[Scope]:
    """The machine itself, and the inside of each Map."""
    return Machine.read(ROOT / "statemachine" / f"{machine}.asl.yaml").scopes()


def alone(engine: Interpreter, machine: str, state: str, document: Mapping[str, Any]) -> Ended:
    """The state as the machine declares it; what follows it ends the execution as soon as it is entered."""
    name = f"{machine}-{state}"
    if name not in engine.arns:
        text = json.dumps(_only(state, json.loads(definition(machine, engine.arns))))
        made = engine.client.create_state_machine(name=name, definition=text, roleArn=ROLE)
        engine.arns[name] = made["stateMachineArn"]
    return engine.run(name, document)


def _only(state: str, document: Mapping[str, Any]) -> dict[str, Any]:
    [scope] = [each for each in Machine("", json.dumps(document)).scopes() if state in each.states]
    kept = scope.states[state]
    ends = {name: {"Type": "Pass", "Result": {}, "End": True} for _, name in targets(kept)}
    return {"StartAt": state, "States": {**ends, state: kept}}
