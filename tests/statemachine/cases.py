"""The table of cases: what the functions answer, through which states the machine must then go, and to which end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.statemachine.interpreter import LAPS, SHORT, Answers, Fails, Gives, Raises, Refused, Reply, Silent
from tests.statemachine.script import (
    BACK,
    BESIDE,
    FIRST_TRANSFORM,
    GIVE_UP,
    HOLDS,
    KEEP,
    LARGE,
    NOT_YET,
    ONE_CHUNK,
    PROMOTE,
    ROLL_BACK,
    SET,
    WORSE,
    gate,
    shift,
)

ROUTE: dict[str, str | bool] = {
    "preparation": "none",
    "tuning": False,
    "scoring": "alpha",
    "training": "container",
    "approval": "automatic",
    "deployment": "realtime",
}
BATCH = {"model": "digits", "batch_id": "digits-0123456789ab", "challenger": ""}
COMPARED = {**BATCH, "challenger": "digits-challenger00"}
RAW = {**ROUTE, "preparation": "spark"}
TUNED = {**ROUTE, "tuning": True}


TRANSFORMED = {**ROUTE, "scoring": "transform"}


@dataclass(frozen=True)
class Case:
    """`path`: the states of the machine itself in order; `end`: the outcome's state, or the error's name."""

    name: str
    path: Sequence[str]
    end: str
    reason: str = ""
    script: Mapping[str, Sequence[Reply]] = field(default_factory=dict)
    laps: Mapping[str, float] = field(default_factory=lambda: LAPS)
    route: Mapping[str, Any] = field(default_factory=lambda: ROUTE)
    back: Mapping[str, str] | None = None
    children: Mapping[str, Sequence[str]] = field(default_factory=dict)
    batch: Mapping[str, str] = field(default_factory=lambda: BATCH)

    def __str__(self) -> str:
        return self.name


def lap(kind: str) -> dict[str, float]:
    """Laps of which one kind passes in no time."""
    return {**LAPS, kind: SHORT}


TO_GATE = [
    "NeedsPreparation",
    "PrepareDataset",
    "IsTuned",
    "StartTraining",
    "ScoredBy",
    "StartAlpha",
    "IsLargeHoldout",
    "ScoreHoldout",
    "ScoreChunk",
    "ScoreChunk",
    "JudgeHoldout",
]


def until(state: str) -> list[str]:
    """The way to the gate, up to this state."""
    return TO_GATE[: TO_GATE.index(state) + 1]


def since(state: str) -> list[str]:
    """The way to the gate, from this state on."""
    return TO_GATE[TO_GATE.index(state) :]


AFTER_GATE = ["DeleteAlpha", "IsBetterOffline"]
GATED = [*TO_GATE, *AFTER_GATE]
ASKED = ["RegisterModel", "NeedsApproval", "AwaitApproval"]
TO_ROLLOUT = [*GATED, "RegisterModel", "NeedsApproval", "HowToDeploy", "Rollout"]
BESIDE_FIRST = ["StartRollout", "IsFirstDeployment", "JudgeWindow", "WhatAction"]
STEP = ["ShiftTraffic", "JudgeWindow", "WhatAction"]
ROLLED_OUT = [*BESIDE_FIRST, *STEP, *STEP, "ShiftAllTraffic", "PromoteChallenger", "Promoted"]
RESTORED = ["IsReturn", "RestoreChampion", "IsRestored", "Restored"]
BROKEN = ["RestoreAfterError", "RolloutFailed"]
FAIL = Fails("JobFailedError", "endpoint x failed: no space")
ERROR = "JobFailedError"
CHANGED = "ChampionChangedError"
NOT_APPROVED = "Rejected in the model registry by ann: too old"
CROWDED = [*until("ScoreHoldout"), "ScoreChunk", "ScoreChunk"]


def fails_at(name: str, function: str, reply: Reply, path: Sequence[str], error: str) -> Case:
    return Case(f"{name} ends the run", path, error, script={function: [reply]})


RETRAIN = [
    Case("promoted", [*TO_ROLLOUT, "RolledOut"], "PROMOTED", HOLDS, children={"rollout": ROLLED_OUT}),
    Case(
        "a batch model",
        [*TO_ROLLOUT[:-1], "SetBatchModel", "BatchModelSet"],
        "PROMOTED",
        SET,
        route={**ROUTE, "deployment": "batch"},
    ),
    Case(
        "rejected by the gate",
        [*GATED, "Rejected"],
        "REJECTED",
        "because fail",
        {"JudgeHoldout": [gate("fail")]},
    ),
    Case(
        "too few holdout rows",
        [*GATED, "Undecided"],
        "INCONCLUSIVE",
        "because not_enough_data",
        {"JudgeHoldout": [gate("not_enough_data")]},
    ),
    Case(
        "a table is made first, and the event of its job is lost",
        ["NeedsPreparation", "StartPreparation", "StartPreparation", *GATED[1:], "Rejected"],
        "REJECTED",
        "because fail",
        {"StartPreparation": [Silent(), Answers({"job": "p"})], "JudgeHoldout": [gate("fail")]},
        lap("training"),
        RAW,
    ),
    Case(
        "a tuning job takes the place of the training job, and its event is lost",
        [*until("IsTuned"), "StartTuning", "StartTuning", *since("ScoredBy"), *AFTER_GATE, "Rejected"],
        "REJECTED",
        "because fail",
        {"StartTuning": [Silent(), Answers({"artifact": "s3://a/m.tar.gz"})], "JudgeHoldout": [gate("fail")]},
        lap("training"),
        TUNED,
    ),
    Case(
        "a failed preparation ends the run",
        ["NeedsPreparation", "StartPreparation"],
        ERROR,
        script={"StartPreparation": [Fails()]},
        route=RAW,
    ),
    Case(
        "a failed tuning job ends the run",
        [*until("IsTuned"), "StartTuning"],
        ERROR,
        script={"StartTuning": [Fails()]},
        route=TUNED,
    ),
    Case(
        "a transform job for each model takes the place of the alpha endpoint, and one event is lost",
        [
            *until("ScoredBy"),
            "PrepareTransform",
            "TransformHoldout",
            *["StartTransform"] * 3,
            *since("IsLargeHoldout"),
            *AFTER_GATE,
            "Rejected",
        ],
        "REJECTED",
        "because fail",
        {"StartTransform": [Silent(), Answers({"job": "r"})], "JudgeHoldout": [gate("fail")]},
        lap("training"),
        TRANSFORMED,
    ),
    Case(
        "many chunks are scored in executions of their own",
        [*until("IsLargeHoldout"), "ScoreLargeHoldout", "JudgeHoldout", *AFTER_GATE, "Rejected"],
        "REJECTED",
        "because fail",
        {"PrepareDataset": [Gives(LARGE)], "JudgeHoldout": [gate("fail")]},
    ),
    Case(
        "a failed transform job ends the run",
        [*until("ScoredBy"), "PrepareTransform", "TransformHoldout", "StartTransform"],
        ERROR,
        script={"PrepareTransform": [Gives(FIRST_TRANSFORM)], "StartTransform": [Fails()]},
        route=TRANSFORMED,
    ),
    Case(
        "a person approves",
        [*GATED, *ASKED, "IsApproved", "HowToDeploy", "Rollout", "RolledOut"],
        "PROMOTED",
        HOLDS,
        {"AwaitApproval": [Answers({"status": "Approved", "reason": "Approved by ann"})]},
        route={**ROUTE, "approval": "manual"},
    ),
    Case(
        "a person says no after the first event was lost",
        [*GATED, *ASKED, "AwaitApproval", "IsApproved", "NotApproved"],
        "REJECTED",
        NOT_APPROVED,
        {"AwaitApproval": [Silent(), Answers({"status": "Rejected", "reason": NOT_APPROVED})]},
        lap("approval"),
        {**ROUTE, "approval": "manual"},
    ),
    Case(
        "rolled back",
        [*TO_ROLLOUT, "RolledOut"],
        "ROLLED_BACK",
        WORSE,
        {"JudgeWindow": [ROLL_BACK]},
        children={"restore": RESTORED},
    ),
    Case(
        "the training event is lost: a lap finds the job",
        [
            *until("StartTraining"),
            *since("StartTraining"),
            *AFTER_GATE,
            "RegisterModel",
            "NeedsApproval",
            "HowToDeploy",
            "Rollout",
            "RolledOut",
        ],
        "PROMOTED",
        HOLDS,
        {"StartTraining": [Silent(), Answers({"artifact": "s3://a/m.tar.gz"})]},
        lap("training"),
    ),
    Case(
        "the alpha's event is lost twice",
        [
            *until("StartAlpha"),
            "StartAlpha",
            "StartAlpha",
            *since("IsLargeHoldout"),
            "DeleteAlpha",
            "IsBetterOffline",
            "Rejected",
        ],
        "REJECTED",
        "because fail",
        {"StartAlpha": [Silent(), Silent(), Answers({"endpoint": "a"})], "JudgeHoldout": [gate("fail")]},
        lap("endpoint"),
    ),
    Case(
        "one chunk",
        [*until("ScoreHoldout"), "ScoreChunk", "JudgeHoldout", *AFTER_GATE, "Rejected"],
        "REJECTED",
        "because fail",
        {
            "PrepareDataset": [Gives(ONE_CHUNK)],
            "JudgeHoldout": [gate("fail")],
        },
    ),
    fails_at(
        "an unusable snapshot",
        "PrepareDataset",
        Raises("InvalidDatasetError"),
        until("PrepareDataset"),
        "InvalidDatasetError",
    ),
    fails_at("a failed training job", "StartTraining", Fails(), until("StartTraining"), ERROR),
    fails_at(
        "a training job of somebody else",
        "StartTraining",
        Raises("MismatchError"),
        until("StartTraining"),
        "MismatchError",
    ),
    fails_at(
        "a job that never settles",
        "StartTraining",
        Raises("StuckError"),
        until("StartTraining"),
        "StuckError",
    ),
    fails_at("an alpha that fails", "StartAlpha", FAIL, until("StartAlpha"), ERROR),
    Case(  # one chunk: of several at once, some may not have begun when the first fails
        "a variant that cannot predict",
        [*until("ScoreHoldout"), "ScoreChunk"],
        ERROR,
        script={
            "PrepareDataset": [Gives(ONE_CHUNK)],
            "ScoreChunk": [Raises(ERROR)],
        },
    ),
    fails_at("a lost sum", "JudgeHoldout", Raises("MissingError"), TO_GATE, "MissingError"),
    fails_at(
        "an alpha that stays", "DeleteAlpha", Raises("ClientError"), [*TO_GATE, "DeleteAlpha"], "ClientError"
    ),
    fails_at("a refused package", "RegisterModel", Raises("ClientError"), TO_ROLLOUT[:-3], "ClientError"),
    Case(
        "a rollout that breaks",
        TO_ROLLOUT,
        "States.TaskFailed",
        script={"StartRollout": [Raises(CHANGED)]},
        children={"rollout": ["StartRollout", *BROKEN], "restore": RESTORED},
    ),
]


def _broken(
    name: str, at: Sequence[str], function: str, replies: Sequence[Reply], error: str = ERROR
) -> Case:
    return Case(name, [*at, *BROKEN], error, "", {function: replies}, children={"restore": RESTORED})


ROLLOUT = [
    Case("three steps", ROLLED_OUT, "PROMOTED", HOLDS),
    Case("one step", [*BESIDE_FIRST, *ROLLED_OUT[-3:]], "PROMOTED", HOLDS, {"JudgeWindow": [PROMOTE]}),
    Case(
        "a swap that is kept",
        [*BESIDE_FIRST, "PromoteChallenger", "Promoted"],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [KEEP]},
    ),
    Case(
        "first deployment",
        ["StartRollout", "IsFirstDeployment", "FirstDeployed"],
        "PROMOTED",
        "first deployment of the model: it passed its absolute gates, and there is no champion to compare it with",
        {"StartRollout": [Answers({"first": True, "champion": "", "stage": 0})]},
    ),
    Case(
        "worse",
        [*BESIDE_FIRST, "RestoreAfterVerdict", "GivenBack"],
        "ROLLED_BACK",
        WORSE,
        {"JudgeWindow": [ROLL_BACK]},
        children={"restore": RESTORED},
    ),
    Case(
        "no verdict by the deadline, at the second step",
        [*BESIDE_FIRST, *STEP, "RestoreAfterVerdict", "GivenBack"],
        "INCONCLUSIVE",
        "deadline",
        {"JudgeWindow": [shift(1, 25), GIVE_UP]},
        children={"restore": RESTORED},
    ),
    Case(
        "an action nobody knows gives the champion back",
        [*BESIDE_FIRST, "RestoreAfterVerdict", "GivenBack"],
        "INCONCLUSIVE",
        "?",
        {"JudgeWindow": [Answers({"kind": "dance", "state": "INCONCLUSIVE", "reason": "?"})]},
    ),
    Case(
        "the start's event is lost",
        ["StartRollout", *ROLLED_OUT],
        "PROMOTED",
        HOLDS,
        {"StartRollout": [Silent(), Answers(BESIDE)]},
        lap("endpoint"),
    ),
    Case(
        "a look's message is lost",
        [*BESIDE_FIRST[:-1], "JudgeWindow", "WhatAction", *ROLLED_OUT[-3:]],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [Silent(), PROMOTE]},
        lap("rollout"),
    ),
    Case(
        "a shift's event is lost",
        [*BESIDE_FIRST, "ShiftTraffic", *STEP, *ROLLED_OUT[-3:]],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [shift(1, 25), PROMOTE], "ShiftTraffic": [Silent(), Answers(BESIDE)]},
        lap("endpoint"),
    ),
    Case(
        "the last shift's event is lost",
        [*BESIDE_FIRST, "ShiftAllTraffic", *ROLLED_OUT[-3:]],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [PROMOTE], "ShiftTraffic": [Silent(), Answers(BESIDE)]},
        lap("endpoint"),
    ),
    Case(
        "the promotion's event is lost",
        [*BESIDE_FIRST, "ShiftAllTraffic", "PromoteChallenger", "PromoteChallenger", "Promoted"],
        "PROMOTED",
        HOLDS,
        {"JudgeWindow": [PROMOTE], "PromoteChallenger": [Silent(), Answers({"config": "f"})]},
        lap("endpoint"),
    ),
    _broken("a challenger that does not start", ["StartRollout"], "StartRollout", [FAIL]),
    _broken(
        "a champion that changed",
        ["StartRollout"],
        "StartRollout",
        [Raises(CHANGED)],
        CHANGED,
    ),
    _broken(
        "a start that never settles", ["StartRollout"], "StartRollout", [Raises("StuckError")], "StuckError"
    ),
    _broken(
        "a look that cannot begin", BESIDE_FIRST[:-1], "JudgeWindow", [Raises("MissingError")], "MissingError"
    ),
    _broken(
        "a bug in a look",
        BESIDE_FIRST[:-1],
        "JudgeWindow",
        [Raises("Runtime.ExitError", "signal: killed")],
        "Runtime.ExitError",
    ),
    Case(
        "a shift that fails",
        [*BESIDE_FIRST, "ShiftTraffic", *BROKEN],
        ERROR,
        "",
        {"JudgeWindow": [shift(1, 25)], "ShiftTraffic": [FAIL]},
        children={"restore": RESTORED},
    ),
    Case(
        "the last shift fails",
        [*BESIDE_FIRST, "ShiftAllTraffic", *BROKEN],
        ERROR,
        "",
        {"JudgeWindow": [PROMOTE], "ShiftTraffic": [FAIL]},
        children={"restore": RESTORED},
    ),
    Case(
        "a promotion over another champion",
        [*BESIDE_FIRST, "ShiftAllTraffic", "PromoteChallenger", *BROKEN],
        CHANGED,
        "",
        {"JudgeWindow": [PROMOTE], "PromoteChallenger": [Raises(CHANGED)]},
        children={"restore": RESTORED},
    ),
    Case(
        "a way back that is barred after a verdict",
        [*BESIDE_FIRST, "RestoreAfterVerdict"],
        "States.TaskFailed",
        "",
        {"JudgeWindow": [ROLL_BACK], "RestoreChampion": [Raises("StuckError")]},
        children={"restore": ["IsReturn", "RestoreChampion"]},
    ),
    Case(
        "a way back that is barred after an error",
        ["StartRollout", "RestoreAfterError"],
        "States.TaskFailed",
        "",
        {"StartRollout": [FAIL], "RestoreChampion": [Fails()]},
        children={"restore": ["IsReturn", "RestoreChampion"]},
    ),
]


def _back(*replies: Reply) -> dict[str, Sequence[Reply]]:
    return {"RestoreChampion": replies}


RESTORE = [
    Case(
        "an operator goes back to a champion of before",
        ["IsReturn", "CrownFormer", *RESTORED[1:]],
        "",
        script={"RestoreChampion": [BACK]},
        back={"to": "", "reason": "complaints"},
    ),
    Case(
        "there is nobody to go back to",
        ["IsReturn", "CrownFormer"],
        "MissingError",
        script={"CrownFormer": [Raises("MissingError")]},
        back={"to": "digits-gone", "reason": "complaints"},
    ),
    Case("nothing to do", RESTORED, "", script={"RestoreChampion": [BACK]}),
    Case(
        "weights, then the config",
        ["IsReturn", *RESTORED[1:3] * 2, *RESTORED[1:]],
        "",
        script=_back(NOT_YET, NOT_YET, BACK),
    ),
    Case(
        "an event is lost",
        ["IsReturn", "RestoreChampion", *RESTORED[1:]],
        "",
        script=_back(Silent(), BACK),
        laps=lap("endpoint"),
    ),
    Case(
        "a lap between two steps",
        [*RESTORED[:3], "RestoreChampion", *RESTORED[1:]],
        "",
        script={"RestoreChampion": [NOT_YET, Silent(), BACK]},
        laps=lap("endpoint"),
    ),
    Case(
        "the endpoint never settles",
        RESTORED[:2],
        "StuckError",
        script={"RestoreChampion": [Raises("StuckError")]},
    ),
    Case("the endpoint fails", RESTORED[:2], ERROR, script={"RestoreChampion": [FAIL]}),
    Case(
        "throttled for longer than the retries",
        RESTORED[:2],
        "Lambda.TooManyRequestsException",
        script={"RestoreChampion": [Refused("TooManyRequestsException")]},
    ),
]

COLLECTED = ["CollectPredictions", "IsCompared", "Collected"]
BY_BOTH = ["TransformDrop", *COLLECTED[:2], "TransformForChallenger"]
TRANSFORM = [
    Case("scored", ["TransformDrop", *COLLECTED], "SCORED", "1 files, 20 rows"),
    Case(
        "the transform's event is lost",
        ["TransformDrop", "TransformDrop", *COLLECTED],
        "SCORED",
        "1 files, 20 rows",
        {"TransformDrop": [Silent(), Answers({"job": "j"})]},
        lap("training"),
    ),
    Case(
        "a job that fails is looked through",
        ["TransformDrop", "CollectSomePredictions", "Collected"],
        "PARTLY_SCORED",
        "1 of 2",
        {
            "TransformDrop": [FAIL],
            "CollectPredictions": [Gives({"state": "PARTLY_SCORED", "reason": "1 of 2"})],
        },
    ),
    Case(
        "a challenger is compared on the drop, and the event of its job is lost",
        [*BY_BOTH, "TransformForChallenger", "CompareDrop", "Collected"],
        "SCORED",
        "1 files, 20 rows",
        {"TransformDrop": [Answers({"job": "j"}), Silent(), Answers({"job": "j2"})]},
        lap("training"),
        batch=COMPARED,
    ),
    Case(
        "a challenger that fails does not harm the drop",
        [*BY_BOTH, "CompareDrop", "Collected"],
        "SCORED",
        "1 files, 20 rows",
        {"TransformDrop": [Answers({"job": "j"}), FAIL]},
        batch=COMPARED,
    ),
    Case(
        "neither does a comparison that cannot be noted",
        [*BY_BOTH, "CompareDrop", "Collected"],
        "SCORED",
        "1 files, 20 rows",
        {
            "TransformDrop": [Answers({"job": "j"}), Answers({"job": "j2"})],
            "CompareDrop": [Raises("MissingError")],
        },
        batch=COMPARED,
    ),
    Case(
        "predictions that cannot be collected",
        ["TransformDrop", "CollectPredictions"],
        "MissingError",
        script={"CollectPredictions": [Raises("MissingError")]},
    ),
]

TABLE: dict[str, list[Case]] = {
    "retrain": RETRAIN,
    "rollout": ROLLOUT,
    "restore": RESTORE,
    "transform": TRANSFORM,
}


def document(machine: str, run: Mapping[str, Any], case: Case, alpha: Mapping[str, Any]) -> dict[str, Any]:
    """A machine's input."""
    if machine == "transform":
        return {"batch": case.batch, "laps": case.laps}
    own = {"retrain": {"route": case.route}, "rollout": {"alpha": alpha}}
    back = {"back": case.back} if case.back else {}
    return {"run": run, "laps": case.laps} | own.get(machine, {}) | back


def output(machine: str, run: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """What a machine that succeeds gives."""
    subject = {"batch": case.batch} if machine == "transform" else {"run": run}
    return {**subject, "outcome": {"state": case.end, "reason": case.reason}}
