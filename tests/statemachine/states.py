"""What each state of each machine does when it is run alone: where it leads, and what becomes of errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.statemachine.case import BATCH, ROUTE
from tests.statemachine.chunks import CHUNKS, CHUNKS_FILE
from tests.statemachine.interpreter import LAPS, RUN, Reply
from tests.statemachine.script import ALPHA, BACK, BESIDE, GOOD, PREPARED, PROMOTE, TRANSFORM, gate

END = ""
LAMBDA = frozenset(
    {
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "Sandbox.Timedout",
        "Runtime.ExitError",
        "TransientError",
        "BusyError",
    }
)
# Step Functions' documentation spells it so; refusals were recorded with "Exception" behind the API's code, as moto
# names them.
DOCUMENTED = "StepFunctions.ExecutionLimitExceeded"
STEP_FUNCTIONS = frozenset(
    {
        "StepFunctions.AWSStepFunctionsException",
        "StepFunctions.ExecutionLimitExceededException",
        "StepFunctions.SdkClientException",
    }
)
TIMEOUT = frozenset({"States.Timeout"})
JOB = TIMEOUT | {"CapacityFreedError"}  # a lap, or room for what waits in line
SETTLED = TIMEOUT | {"EndpointSettledError"}
ENDPOINT = JOB | {"EndpointSettledError"}
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """A state that invokes a function. then: after success, END for the last one.

    again: errors that enter it anew; caught: where all others lead, "" if the execution fails by them; by: its
    function, if that has another name than the state.
    """

    then: str
    again: frozenset[str] = frozenset()
    caught: str = ""
    by: str = ""
    replies: Sequence[Reply] = ()


@dataclass(frozen=True)
class Child:
    """A state that runs another machine. breaks: the function of that machine by which it fails."""

    then: str
    breaks: str


@dataclass(frozen=True)
class Each:
    """A Map: the state after it, and the function that its items invoke.

    is_seen: whether the interpreter sees that an item failed; moto's Distributed Map does not.
    """

    then: str
    by: str
    is_seen: bool = True


@dataclass(frozen=True)
class Choice:
    """(what differs from the machine's document, by path; the state that follows), a rule each, the default last.

    A value of None takes the member away.
    """

    ways: Sequence[tuple[Mapping[str, Any], str]]


@dataclass(frozen=True)
class Last:
    """A state that ends the execution, with this output, or failed by this error."""

    output: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


State = Task | Child | Each | Choice | Last
OUTCOME = {"state": "PROMOTED", "reason": "harm beyond the margin is ruled out"}

# What a machine knows when it is through: more than any of its states needs.
DOCUMENTS: dict[str, Document] = {
    "retrain": {
        "run": RUN,
        "laps": LAPS,
        "route": ROUTE,
        "prepared": {**PREPARED, "chunks": {**CHUNKS, "key": CHUNKS_FILE}},
        "training": {"job": "j", "artifact": ALPHA["artifact"]},
        "alpha": {**ALPHA, "jobs": TRANSFORM["jobs"]},
        "gate": {"verdict": "pass", "reason": "because pass", "evaluation": "k"},
        "package": {"arn": "a"},
        "approval": {"status": "Approved", "reason": "a person's"},
        "set": {"reason": "it passed the gate"},
        "rollout": {"outcome": OUTCOME},
        "job": TRANSFORM["jobs"][0],
        "chunk": CHUNKS["items"][0],
    },
    "rollout": {
        "run": RUN,
        "laps": LAPS,
        "alpha": ALPHA,
        "rollout": BESIDE,
        "action": {"kind": "shift", "stage": 1, "weight": 25, "reason": "r", "state": "ROLLED_BACK"},
        "error": {"Error": "JobFailedError", "Cause": "endpoint x failed"},
    },
    "restore": {
        "run": RUN,
        "laps": LAPS,
        "back": {"to": "", "reason": "r"},
        "restored": {"done": True},
    },
    "transform": {
        "batch": BATCH,
        "laps": LAPS,
        "error": {"Error": "JobFailedError", "Cause": "transform job x failed"},
        "outcome": {"state": "SCORED", "reason": "1 files, 20 rows"},
    },
}


def ended(state: str, reason: str) -> Last:
    return Last({"run": RUN, "outcome": {"state": state, "reason": reason}})


RETRAIN: dict[str, State] = {
    "NeedsPreparation": Choice(
        [
            ({"route.preparation": "spark"}, "StartPreparation"),
            ({"route.preparation": "job"}, "StartDatasetJob"),
            ({}, "PrepareDataset"),
        ]
    ),
    "StartDatasetJob": Task("PrepareDataset", JOB),
    "StartPreparation": Task("PrepareDataset", JOB),
    "PrepareDataset": Task("IsTuned"),
    "IsTuned": Choice([({"route.tuning": True}, "StartTuning"), ({}, "StartTraining")]),
    "StartTuning": Task("ScoredBy", JOB),
    "StartTraining": Task("ScoredBy", JOB),
    "ScoredBy": Choice(
        [
            ({"prepared.judged_by": "cross_validation"}, "PrepareTransform"),
            ({"route.scoring": "transform"}, "PrepareTransform"),
            ({}, "StartAlpha"),
        ]
    ),
    "PrepareTransform": Task("TransformHoldout"),
    "TransformHoldout": Each("IsLargeHoldout", "StartTransform"),
    "StartTransform": Task(END, JOB),
    "StartAlpha": Task("IsLargeHoldout", ENDPOINT),
    "IsLargeHoldout": Choice(
        [({"prepared.chunks.map": "distributed"}, "ScoreLargeHoldout"), ({}, "ScoreHoldout")]
    ),
    "ScoreHoldout": Each("HasProgram", "ScoreChunk"),
    "ScoreChunk": Task(END),
    "ScoreLargeHoldout": Each("HasProgram", "ScoreChunk", is_seen=False),
    "ScoreLargeChunk": Task(END, by="ScoreChunk"),
    "HasProgram": Choice([({"route.program": True}, "StartProgram"), ({}, "JudgeHoldout")]),
    "StartProgram": Task("JudgeHoldout", JOB),
    "JudgeHoldout": Task("DeleteAlpha", replies=[gate("pass")]),
    "DeleteAlpha": Task("IsBetterOffline"),
    "IsBetterOffline": Choice(
        [
            ({"gate.verdict": "pass"}, "RegisterModel"),
            ({"gate.verdict": "fail"}, "Rejected"),
            ({"gate.verdict": "not enough data"}, "Undecided"),
        ]
    ),
    "RegisterModel": Task("NeedsApproval"),
    "NeedsApproval": Choice([({"route.approval": "manual"}, "AwaitApproval"), ({}, "HowToDeploy")]),
    "AwaitApproval": Task("IsApproved", TIMEOUT),
    "IsApproved": Choice([({}, "HowToDeploy"), ({"approval.status": "Rejected"}, "NotApproved")]),
    "HowToDeploy": Choice([({"route.deployment": "batch"}, "SetBatchModel"), ({}, "Rollout")]),
    "SetBatchModel": Task("BatchModelSet"),
    "BatchModelSet": ended("PROMOTED", "it passed the gate"),
    "Rollout": Child("RolledOut", breaks="StartRollout"),
    "RolledOut": Last({"run": RUN, "outcome": OUTCOME}),
    "NotApproved": ended("REJECTED", "a person's"),
    "Rejected": ended("REJECTED", "because pass"),
    "Undecided": ended("INCONCLUSIVE", "because pass"),
}
ERROR = "RestoreAfterError"
ROLLOUT: dict[str, State] = {
    "StartRollout": Task("HowToShift", ENDPOINT, ERROR),
    "HowToShift": Choice(
        [
            ({"rollout.first": True}, "FirstDeployed"),
            ({"rollout.guarded": True}, "GuardShift"),
            ({}, "JudgeWindow"),
        ]
    ),
    "GuardShift": Task("WhatAction", ENDPOINT, ERROR),
    "JudgeWindow": Task("WhatAction", TIMEOUT, ERROR, replies=[PROMOTE]),
    "WhatAction": Choice(
        [
            ({"action.kind": "shift"}, "ShiftTraffic"),
            ({"action.kind": "promote"}, "ShiftAllTraffic"),
            ({"action.kind": "keep"}, "PromoteChallenger"),
            ({"action.kind": "restore"}, "RestoreAfterVerdict"),
        ]
    ),
    "ShiftTraffic": Task("JudgeWindow", SETTLED, ERROR),
    "ShiftAllTraffic": Task("PromoteChallenger", SETTLED, ERROR, by="ShiftTraffic"),
    "PromoteChallenger": Task("Promoted", ENDPOINT, ERROR),
    "Promoted": ended("PROMOTED", "r"),
    "FirstDeployed": ended(
        "PROMOTED",
        "first deployment of the model: it passed its absolute gates, and there is no champion to compare it with",
    ),
    "RestoreAfterVerdict": Child("GivenBack", breaks="RestoreChampion"),
    "GivenBack": ended("ROLLED_BACK", "r"),
    "RestoreAfterError": Child("RolloutFailed", breaks="RestoreChampion"),
    "RolloutFailed": Last(error="JobFailedError"),
}
RESTORE: dict[str, State] = {
    "IsReturn": Choice([({}, "SetChampion"), ({"back": None}, "RestoreChampion")]),
    "SetChampion": Task("RestoreChampion"),
    "RestoreChampion": Task("IsRestored", SETTLED, replies=[BACK]),
    "IsRestored": Choice([({}, "Restored"), ({"restored.done": False}, "RestoreChampion")]),
    "Restored": Last(DOCUMENTS["restore"]),
}
TRANSFORM_DROP: dict[str, State] = {
    "TransformDrop": Task("CollectPredictions", JOB, "CollectSomePredictions"),
    "CollectPredictions": Task("IsCompared"),
    "IsCompared": Choice([({}, "Collected"), ({"batch.challenger": "c"}, "TransformForChallenger")]),
    "TransformForChallenger": Task("CompareDrop", JOB, "CompareDrop", by="TransformDrop"),
    "CompareDrop": Task("Collected", caught="Collected"),
    "CollectSomePredictions": Task("Collected", by="CollectPredictions"),
    "Collected": Last({"batch": BATCH, "outcome": DOCUMENTS["transform"]["outcome"]}),
}
STATES: dict[str, dict[str, State]] = {
    "retrain": RETRAIN,
    "rollout": ROLLOUT,
    "restore": RESTORE,
    "transform": TRANSFORM_DROP,
}


def replies_of(name: str, state: Task) -> Sequence[Reply]:
    """What the state's function answers when all is well."""
    return state.replies or GOOD[state.by or name]
