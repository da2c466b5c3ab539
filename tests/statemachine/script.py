"""What the functions answer on a good day, and how a case differs from it."""

from collections.abc import Mapping, Sequence

from tests.statemachine.chunks import CHUNKS, CHUNKS_FILE
from tests.statemachine.interpreter import Answers, Gives, Reply

PREPARED = {
    "schema": "digits/prepared/r/schema.json",
    "judged_by": "holdout",
    "chunks": CHUNKS,
    "channels": ["train", "validation"],
    "noise": "dropped by the ResultSelector",
}
ONE_CHUNK = {**PREPARED, "chunks": {**CHUNKS, "items": CHUNKS["items"][:1]}}
LARGE = {
    **PREPARED,
    "chunks": {"map": "distributed", "items": [], "key": CHUNKS_FILE},
}
ALPHA = {
    "via": "alpha",
    "endpoint": "switchyard-digits-0123456789ab-alpha",
    "champion": "digits-champion00000",
    "champion_schema": "digits/prepared/c/schema.json",
    "artifact": "s3://artifacts/digits/models/j/output/model.tar.gz",
    "artifact_sha256": "ab" * 32,
}
BESIDE = {
    "first": False,
    "guarded": False,
    "champion": "digits-champion00000",
    "champion_variant": "digits-champion00000",
    "stage": 0,
}
GUARDED = {**BESIDE, "guarded": True}
TRANSFORM = {
    **ALPHA,
    "via": "transform",
    "endpoint": "",
    "jobs": [{"job": "r-new", "model": "m1", "input": "i", "output": "o1"}, {"job": "r-old", "model": "m0"}],
}
FOLDED = {**ONE_CHUNK, "judged_by": "cross_validation", "channels": ["train", "cross_validation"]}
OUT_OF_FOLD = {**ALPHA, "via": "cross_validation", "endpoint": "", "jobs": []}
FIRST_TRANSFORM = {**TRANSFORM, "jobs": TRANSFORM["jobs"][:1]}
HOLDS = "errors: harm beyond the margin is ruled out"
SET = "it passed the gate; batch drops are scored with it from now on"
WORSE = "errors: the challenger is worse"


def gate(verdict: str) -> Gives:
    return Gives(
        {
            "verdict": verdict,
            "reason": f"because {verdict}",
            "evaluation": "digits/evaluations/r/evaluation.json",
        }
    )


def shift(stage: int, weight: float) -> Answers:
    return Answers({"kind": "shift", "stage": stage, "weight": weight, "reason": HOLDS})


PROMOTE = Answers({"kind": "promote", "stage": 3, "weight": 100, "reason": HOLDS})
KEEP = Answers({"kind": "keep", "stage": 1, "weight": 100, "reason": HOLDS})
ROLL_BACK = Answers({"kind": "restore", "state": "ROLLED_BACK", "reason": WORSE})
GIVE_UP = Answers({"kind": "restore", "state": "INCONCLUSIVE", "reason": "deadline"})
BACK = Answers({"done": True, "step": "the champion serves alone"})
NOT_YET = Answers({"done": False, "step": "GiveWeights"})

Script = Mapping[str, Sequence[Reply]]

GOOD: Script = {
    "PrepareDataset": [Gives(PREPARED)],
    "StartDatasetJob": [Answers({"job": "switchyard-digits-0123456789ab-data"})],
    "StartPreparation": [Answers({"job": "switchyard-digits-0123456789ab-spark"})],
    "StartTuning": [Answers({"job": "switchyard-0a-001-aa", "artifact": ALPHA["artifact"]})],
    "StartTraining": [Answers({"job": "switchyard-digits-0123456789ab", "artifact": ALPHA["artifact"]})],
    "StartAlpha": [Answers(ALPHA)],
    "PrepareTransform": [Gives(TRANSFORM)],
    "StartTransform": [Answers({"job": "r-new"})],
    "ScoreChunk": [Gives({"sums": "digits/evaluations/r/chunk-0.json"})],
    "StartProgram": [Answers({"job": "switchyard-digits-0123456789ab-loss"})],
    "JudgeHoldout": [gate("pass")],
    "DeleteAlpha": [Gives(None)],
    "RegisterModel": [
        Gives({"arn": "arn:aws:sagemaker:us-east-1:000000000000:model-package/switchyard-digits/1"})
    ],
    "AwaitApproval": [Answers({"status": "Approved", "reason": "Approved in the model registry"})],
    "StartRollout": [Answers(BESIDE)],
    "GuardShift": [KEEP],
    "JudgeWindow": [shift(1, 25), shift(2, 50), PROMOTE],
    "ShiftTraffic": [
        Answers({**BESIDE, "stage": 1}),
        Answers({**BESIDE, "stage": 2}),
        Answers({**BESIDE, "stage": 3}),
    ],
    "PromoteChallenger": [Answers({"config": "switchyard-digits-0123456789ab-full"})],
    "SetChampion": [Gives({"champion": "digits-former000000"})],
    "RestoreChampion": [BACK],
    "SetBatchModel": [Gives({"reason": SET})],
    "TransformDrop": [Answers({"job": "switchyard-digits-0123456789ab-batch"})],
    "CompareDrop": [Gives({"rows": 20, "lost": 0, "noise": "dropped by the ResultSelector"})],
    "CollectPredictions": [Gives({"state": "SCORED", "reason": "1 files, 20 rows"})],
}


def script(**changed: Sequence[Reply]) -> dict[str, list[Reply]]:
    """GOOD, with some functions answering otherwise."""
    return {name: list(replies) for name, replies in {**GOOD, **changed}.items()}
