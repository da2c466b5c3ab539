"""The cases of the retrain machine."""

from collections.abc import Sequence

from tests.statemachine.case import (
    CHANGED,
    ERROR,
    FAIL,
    FREED,
    LARGE_DROP,
    PROGRAMMED,
    RAW,
    ROUTE,
    TRANSFORMED,
    TUNED,
    Case,
    lap,
)
from tests.statemachine.cases_restore import RESTORED
from tests.statemachine.cases_rollout import BROKEN, ROLLED_OUT
from tests.statemachine.interpreter import Answers, Fails, Gives, Raises, Reply, Silent
from tests.statemachine.script import (
    FIRST_TRANSFORM,
    FOLDED,
    HOLDS,
    LARGE,
    ONE_CHUNK,
    OUT_OF_FOLD,
    ROLL_BACK,
    SET,
    WORSE,
    gate,
)

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
    "HasProgram",
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
NOT_APPROVED = "Rejected in the model registry by ann: too old"


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
        "a machine of its own checks and prepares, and the event of its job is lost",
        ["NeedsPreparation", "StartDatasetJob", "StartDatasetJob", *GATED[1:], "Rejected"],
        "REJECTED",
        "because fail",
        {"StartDatasetJob": [Silent(), Answers({"job": "d"})], "JudgeHoldout": [gate("fail")]},
        lap("training"),
        LARGE_DROP,
    ),
    Case(
        "what a machine of its own has refused ends the run",
        ["NeedsPreparation", "StartDatasetJob", "PrepareDataset"],
        "InvalidDatasetError",
        script={
            "StartDatasetJob": [Answers({"job": "d"})],
            "PrepareDataset": [Raises("InvalidDatasetError", "row 3, column 'a': not a finite number")],
        },
        route=LARGE_DROP,
    ),
    Case(
        "a dataset job that broke ends the run",
        ["NeedsPreparation", "StartDatasetJob"],
        ERROR,
        script={"StartDatasetJob": [Fails()]},
        route=LARGE_DROP,
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
        "the owner's program judges the answers, and the event of its job is lost",
        [*until("HasProgram"), "StartProgram", "StartProgram", "JudgeHoldout", *AFTER_GATE, "Rejected"],
        "REJECTED",
        "because fail",
        {"StartProgram": [Silent(), Answers({"job": "l"})], "JudgeHoldout": [gate("fail")]},
        lap("training"),
        PROGRAMMED,
    ),
    Case(
        "the owner's program waits for an instance",
        [*until("HasProgram"), "StartProgram", "StartProgram", "JudgeHoldout", *AFTER_GATE, "Rejected"],
        "REJECTED",
        "because fail",
        {"StartProgram": [FREED, Answers({"job": "l"})], "JudgeHoldout": [gate("fail")]},
        route=PROGRAMMED,
    ),
    Case(
        "a failed program of the owner's ends the run",
        [*until("HasProgram"), "StartProgram"],
        ERROR,
        script={"StartProgram": [Fails()]},
        route=PROGRAMMED,
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
        "cross-validation has scored in the training job: no endpoint is made, and no transform job",
        [
            *until("ScoredBy"),
            "PrepareTransform",
            "TransformHoldout",
            *["IsLargeHoldout", "ScoreHoldout", "ScoreChunk", "HasProgram", "JudgeHoldout"],
            *AFTER_GATE,
            "Rejected",
        ],
        "REJECTED",
        "because fail",
        {
            "PrepareDataset": [Gives(FOLDED)],
            "PrepareTransform": [Gives(OUT_OF_FOLD)],
            "JudgeHoldout": [gate("fail")],
        },
    ),
    Case(
        "many chunks are scored in executions of their own",
        [
            *until("IsLargeHoldout"),
            "ScoreLargeHoldout",
            "HasProgram",
            "JudgeHoldout",
            *AFTER_GATE,
            "Rejected",
        ],
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
        [*until("ScoreHoldout"), "ScoreChunk", "HasProgram", "JudgeHoldout", *AFTER_GATE, "Rejected"],
        "REJECTED",
        "because fail",
        {
            "PrepareDataset": [Gives(ONE_CHUNK)],
            "JudgeHoldout": [gate("fail")],
        },
    ),
    Case(
        "a table waits in line for instances",
        ["NeedsPreparation", "StartPreparation", "StartPreparation", *GATED[1:], "Rejected"],
        "REJECTED",
        "because fail",
        {"StartPreparation": [FREED, Answers({"job": "p"})], "JudgeHoldout": [gate("fail")]},
        route=RAW,
    ),
    Case(
        "a search waits in line for instances",
        [*until("IsTuned"), "StartTuning", "StartTuning", *since("ScoredBy"), *AFTER_GATE, "Rejected"],
        "REJECTED",
        "because fail",
        {"StartTuning": [FREED, Answers({"artifact": "s3://a/m.tar.gz"})], "JudgeHoldout": [gate("fail")]},
        route=TUNED,
    ),
    Case(
        "a training and its alpha wait in line for instances, one of them twice",
        [
            *until("StartTraining"),
            *since("StartTraining")[:1] * 2,
            *since("ScoredBy")[:2],
            *since("StartAlpha"),
            *AFTER_GATE,
            "Rejected",
        ],
        "REJECTED",
        "because fail",
        {
            "StartTraining": [FREED, FREED, Answers({"artifact": "s3://a/m.tar.gz"})],
            "StartAlpha": [FREED, Answers({"endpoint": "a"})],
            "JudgeHoldout": [gate("fail")],
        },
    ),
    Case(
        "a transform job waits in line for instances",
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
        {"StartTransform": [FREED, Answers({"job": "r"})], "JudgeHoldout": [gate("fail")]},
        route=TRANSFORMED,
    ),
    fails_at(
        "a line that is too long",
        "StartTraining",
        Raises("NoCapacityError"),
        until("StartTraining"),
        "NoCapacityError",
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
