"""What the machines give to the functions, how often they try again, and what a run costs in transitions."""

from typing import Any

import pytest

from tests.asl.machine import Machine
from tests.contract.cloudformation import ROOT
from tests.statemachine.case import (
    LARGE_DROP,
    PROGRAMMED,
    RAW,
    ROUTE,
    TRANSFORMED,
    TUNED,
    Case,
    document,
    lap,
)
from tests.statemachine.interpreter import (
    LAPS,
    RUN,
    Answers,
    Gives,
    Interpreter,
    Raises,
    Refused,
    Reply,
    Silent,
)
from tests.statemachine.script import (
    ALPHA,
    BESIDE,
    FIRST_TRANSFORM,
    GUARDED,
    KEEP,
    PREPARED,
    PROMOTE,
    gate,
    script,
    shift,
)

TRANSIENT: list[Reply] = [  # as many as a task may be tried again
    Raises("TransientError"),
    Raises("BusyError"),
    Raises("Sandbox.Timedout"),
    Raises("Runtime.ExitError"),
    Refused("TooManyRequestsException"),
    Refused("ServiceException"),
]
MAX_TRANSITIONS = 40


def run(engine: Interpreter, machine: str = "retrain", *, laps: Any = LAPS, **given: Any) -> Any:
    """`given`: what of a case differs (route, back), and what functions answer instead."""
    differs = {name: given.pop(name) for name in ("route", "back") if name in given}
    engine.script = script(**given)
    return engine.run(machine, document(machine, RUN, Case("", [], "", laps=laps, **differs), ALPHA))


def test_every_function_gets_the_run_and_what_its_state_needs(engine: Interpreter) -> None:
    run(engine)
    training = {"job": "switchyard-digits-0123456789ab", "artifact": ALPHA["artifact"]}
    prepared = {name: PREPARED[name] for name in ("schema", "judged_by", "chunks", "channels")}
    chunks = [
        {"run": RUN, "prepared": prepared, "alpha": ALPHA, "chunk": chunk}
        for chunk in PREPARED["chunks"]["items"]
    ]
    gated = {
        "verdict": "pass",
        "reason": "because pass",
        "evaluation": "digits/evaluations/r/evaluation.json",
    }
    action = {
        "kind": "shift",
        "stage": 1,
        "weight": 25,
        "reason": "errors: harm beyond the margin is ruled out",
    }
    assert engine.asked("PrepareDataset") == [{"run": RUN}]
    assert without_token(engine, "StartTraining") == [{"run": RUN, "prepared": prepared}]
    assert without_token(engine, "StartAlpha") == [{"run": RUN, "training": training}]
    assert sorted(engine.asked("ScoreChunk"), key=lambda p: p["chunk"]["first"]) == chunks
    assert engine.asked("JudgeHoldout") == [{"run": RUN, "alpha": ALPHA, "prepared": prepared}]
    assert engine.asked("DeleteAlpha") == [{"run": RUN}]
    assert engine.asked("RegisterModel") == [{"run": RUN, "training": training, "gate": gated}]
    assert without_token(engine, "StartRollout") == [{"run": RUN, "alpha": ALPHA}]
    assert without_token(engine, "JudgeWindow")[0] == {"run": RUN, "rollout": BESIDE}
    assert without_token(engine, "ShiftTraffic")[0] == {"run": RUN, "rollout": BESIDE, "action": action}
    assert without_token(engine, "PromoteChallenger") == [{"run": RUN, "rollout": {**BESIDE, "stage": 3}}]


def without_token(engine: Interpreter, function: str) -> list[dict[str, Any]]:
    asked = engine.asked(function)
    assert all(payload["token"] for payload in asked)
    return [{name: value for name, value in payload.items() if name != "token"} for payload in asked]


def test_the_next_look_is_at_the_step_that_the_shift_reached(engine: Interpreter) -> None:
    run(engine)
    assert [payload["rollout"]["stage"] for payload in engine.asked("JudgeWindow")] == [0, 1, 2]


def test_a_lap_has_a_token_of_its_own_and_the_same_input(engine: Interpreter) -> None:
    run(
        engine,
        laps=lap("training"),
        StartTraining=[Silent(), Silent(), Answers({"artifact": "a"})],
        JudgeHoldout=[gate("fail")],
    )
    tokens = [payload["token"] for payload in engine.asked("StartTraining")]
    assert len(set(tokens)) == 3
    assert len({str(payload["prepared"]) for payload in engine.asked("StartTraining")}) == 1


def test_an_answer_to_an_old_lap_is_too_late(engine: Interpreter) -> None:
    """On AWS it is TaskTimedOut, here TaskDoesNotExist or InvalidToken: the adapter takes all three as "too late"."""
    from switchyard.aws.executions import TOO_LATE

    run(
        engine,
        laps=lap("training"),
        StartTraining=[Silent(), Answers({"artifact": "a"})],
        JudgeHoldout=[gate("fail")],
    )
    late = engine.asked("StartTraining")[0]["token"]
    with pytest.raises(engine.client.exceptions.ClientError) as refused:
        engine.client.send_task_success(taskToken=late, output="{}")
    assert refused.value.response["Error"]["Code"] in TOO_LATE


FUNCTIONS = {  # the state's function, the machine it is in, and what it answers in the end
    "StartPreparation": ("retrain", Answers({"job": "p"})),
    "StartDatasetJob": ("retrain", Answers({"job": "d"})),
    "PrepareDataset": ("retrain", Gives(PREPARED)),
    "StartTuning": ("retrain", Answers({"artifact": "a"})),
    "StartTraining": ("retrain", Answers({"artifact": "a"})),
    "PrepareTransform": ("retrain", Gives(FIRST_TRANSFORM)),
    "StartTransform": ("retrain", Answers({"job": "t"})),
    "StartAlpha": ("retrain", Answers(ALPHA)),
    "ScoreChunk": ("retrain", Gives({"sums": "k"})),
    "StartProgram": ("retrain", Answers({"job": "l"})),
    "JudgeHoldout": ("retrain", gate("fail")),
    "DeleteAlpha": ("retrain", Gives(None)),
    "RegisterModel": ("retrain", Gives({"arn": "a"})),
    "AwaitApproval": ("retrain", Answers({"status": "Approved"})),
    "StartRollout": ("rollout", Answers(BESIDE)),
    "GuardShift": ("rollout", KEEP),
    "JudgeWindow": ("rollout", PROMOTE),
    "ShiftTraffic": ("rollout", Answers(BESIDE)),
    "PromoteChallenger": ("rollout", Answers({"config": "c"})),
    "SetChampion": ("restore", Gives({"champion": "c"})),
    "RestoreChampion": ("restore", Answers({"done": True})),
}

ROUTES = {
    "StartPreparation": RAW,
    "StartDatasetJob": LARGE_DROP,
    "StartTuning": TUNED,
    "StartProgram": PROGRAMMED,
    "PrepareTransform": TRANSFORMED,
    "StartTransform": TRANSFORMED,
    "AwaitApproval": {**ROUTE, "approval": "manual"},
}  # the way on which a function is met, if it is not the usual


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_what_passes_by_itself_is_tried_again(engine: Interpreter, function: str) -> None:
    machine, answer = FUNCTIONS[function]
    guarded = {"StartRollout": [Answers(GUARDED)]} if function == "GuardShift" else {}
    changed = {"JudgeWindow": [PROMOTE], **guarded, function: [*TRANSIENT, answer]}
    back = {"to": "", "reason": "r"} if function == "SetChampion" else None
    ended = run(engine, machine, route=ROUTES.get(function, ROUTE), back=back, **changed)
    assert ended.status == "SUCCEEDED"
    assert len(engine.delays) == len(TRANSIENT)
    assert max(engine.delays) <= 60


@pytest.mark.parametrize("error", ["MismatchError", "InvalidDatasetError", "ClientError", "KeyError"])
def test_what_does_not_pass_by_itself_is_not_tried_again(engine: Interpreter, error: str) -> None:
    run(engine, StartTraining=[Raises(error)])
    assert (len(engine.asked("StartTraining")), engine.delays) == (1, [])


def test_a_promoted_run_of_three_steps_costs_at_most_40_transitions_with_the_largest_holdout(
    engine: Interpreter,
) -> None:
    from switchyard.training.rules.split import holdout_chunks

    chunks = holdout_chunks(160_000, range(0, 10**7, 10**4))
    largest = {**PREPARED["chunks"], "items": chunks}
    ended = run(engine, PrepareDataset=[Gives({**PREPARED, "chunks": largest})])
    assert ended.output["outcome"]["state"] == "PROMOTED"
    assert (len(chunks), ended.transitions) == (8, 38)
    assert ended.transitions <= MAX_TRANSITIONS
    assert f"{ended.transitions} for a promotion" in (ROOT / "docs/architecture.md").read_text()
    assert f"{ended.transitions} state transitions at most" in (ROOT / "docs/deploy-to-aws.md").read_text()


def test_a_rollback_costs_at_most_40_transitions(engine: Interpreter) -> None:
    steps: list[Reply] = [Answers({"done": False})] * 2 + [Answers({"done": True})]
    back = Answers({"kind": "restore", "state": "ROLLED_BACK", "reason": "worse"})
    ended = run(engine, JudgeWindow=[shift(1, 25), shift(2, 50), back], RestoreChampion=steps)
    assert ended.output["outcome"]["state"] == "ROLLED_BACK"
    assert ended.transitions <= MAX_TRANSITIONS


@pytest.mark.parametrize("machine", ["rollout", "restore"])
def test_a_child_is_told_who_started_it_so_that_it_stops_with_its_parent(machine: str) -> None:
    parents = {"rollout": ["retrain"], "restore": ["rollout"]}[machine]
    for parent in parents:
        for name, state in Machine.read(ROOT / "statemachine" / f"{parent}.asl.yaml").states():
            if str(state.get("Resource", "")).endswith("startExecution.sync:2"):
                given = state["Parameters"]["Input"]
                assert given["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$"] == "$$.Execution.Id", name


@pytest.mark.parametrize("name", ["retrain", "rollout", "restore"])
def test_a_parent_waits_longer_than_its_child_may_run(name: str) -> None:
    machine = Machine.read(ROOT / "statemachine" / f"{name}.asl.yaml")
    for state, body in machine.states():
        if body.get("TimeoutSeconds"):
            assert body["TimeoutSeconds"] < machine.document["TimeoutSeconds"], state
