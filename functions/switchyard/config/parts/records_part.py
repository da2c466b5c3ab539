"""What goes together with `data: {kind: records}`: what could not be done is refused, with what works instead."""

from collections.abc import Iterator

from switchyard.config.parts.pipeline_spec import PipelineSpec
from switchyard.config.parts.training_part import TrainingSpec
from switchyard.core.pipeline import BATCH
from switchyard.core.policy import PolicyError
from switchyard.core.resources.media import KINDS


def check_records(spec: PipelineSpec) -> None:
    """PolicyError for the first thing that does not go with records; nothing of a table."""
    if not spec.data.is_records:
        return
    for field, works, found in _unfit(spec):
        raise PolicyError(field, f"data.kind: records works with {works}, found {found}")


def _unfit(spec: PipelineSpec) -> Iterator[tuple[str, str, str]]:
    """Field, what works, what was found."""
    yield from _unfit_data(spec)
    yield from _unfit_training(spec.training)
    if spec.evaluation.via != "alpha":
        yield "evaluation.via", "alpha: each object is a request of its own", spec.evaluation.via
    if spec.evaluation.slices:
        yield "evaluation.slices", "no slices: an object has no columns", ", ".join(spec.evaluation.slices)
    if spec.deployment.mode == BATCH:
        yield "deployment.mode", "realtime, serverless and async: batch drops are tables", BATCH
    if spec.drift is not None:
        yield "drift", "no `drift`, which watches columns; retrain by `schedule`", "drift"


def _unfit_data(spec: PipelineSpec) -> Iterator[tuple[str, str, str]]:
    stated = sorted(spec.data.model_fields_set - {"kind"})
    if stated:
        yield f"data.{stated[0]}", "no key beside it in `data`: an object has no fields", stated[0]
    for name in ("columns", "may_copy_target"):
        if getattr(spec, name):
            yield name, f"no `{name}`: an object has none", ", ".join(getattr(spec, name))
    if spec.target in KINDS:
        yield "target", "a target that is called otherwise than what records are", spec.target
    if spec.prepare is not None:
        yield "prepare", "no `prepare`, which makes a table", spec.prepare.kind


def _unfit_training(training: TrainingSpec) -> Iterator[tuple[str, str, str]]:
    if training.kind == "builtin":
        yield "training.kind", "kind: script, or kind: container and an image of yours", "builtin"
    if training.kind == "container" and training.image is None:
        yield "training.image", "an image of yours, or kind: script", "the default image, which reads tables"
    if training.input_mode != "File":
        yield "training.input_mode", "File: SageMaker streams no list of objects", training.input_mode
    if training.format != "csv":
        yield "training.format", "csv, left out: objects are of their own types", training.format
    if training.data_distribution != "FullyReplicated":
        yield "training.data_distribution", "FullyReplicated", training.data_distribution
