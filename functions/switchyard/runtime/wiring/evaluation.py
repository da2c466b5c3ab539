"""The alpha endpoint, scoring, the gate and the registry, joined with what they need."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters
from switchyard.runtime.wiring.core import champion_resources, waiting

if TYPE_CHECKING:
    from switchyard.evaluation.alpha_endpoint import AlphaEndpoint
    from switchyard.evaluation.judge_holdout import JudgeHoldout
    from switchyard.evaluation.model_registry import ModelRegistry
    from switchyard.evaluation.owner_program import OwnerProgram
    from switchyard.evaluation.score_chunk import ScoreChunk
    from switchyard.evaluation.transform_holdout import TransformHoldout


@cache
def alpha_endpoint() -> "AlphaEndpoint":
    from switchyard.evaluation.alpha_endpoint import AlphaEndpoint

    return AlphaEndpoint(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
        champion_resources(),
    )


@cache
def score_chunk() -> "ScoreChunk":
    from switchyard.evaluation.score_chunk import ScoreChunk

    return ScoreChunk(adapters.artifacts(), adapters.snapshots(), adapters.scorer())


@cache
def transform_holdout() -> "TransformHoldout":
    from switchyard.evaluation.out_of_fold import OutOfFold
    from switchyard.evaluation.transform_holdout import TransformHoldout

    return TransformHoldout(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
        OutOfFold(adapters.artifacts()),
    )


@cache
def owner_program() -> "OwnerProgram":
    from switchyard.evaluation.owner_program import OwnerProgram

    return OwnerProgram(
        adapters.settings()["PREFIX"],
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
    )


@cache
def judge_holdout() -> "JudgeHoldout":
    from switchyard.evaluation.judge_holdout import JudgeHoldout

    return JudgeHoldout(adapters.artifacts(), adapters.snapshots())


@cache
def model_registry() -> "ModelRegistry":
    from switchyard.evaluation.model_registry import ModelRegistry

    prefix = adapters.settings()["PREFIX"]
    return ModelRegistry(
        prefix,
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
        adapters.tokens(),
        adapters.clock,
    )
