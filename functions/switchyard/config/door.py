"""The door for pipeline.yaml: a name and a target column are enough, the rest has defaults."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import TypeVar

from pydantic import ValidationError

from switchyard.config.faults import first_fault
from switchyard.config.model_contract import WEIGHT, ModelContract, problem_of
from switchyard.config.parts.pipeline_spec import PipelineSpec, ScheduleSpec
from switchyard.config.parts.policy_part import GateSpec
from switchyard.config.parts.records_part import check_records
from switchyard.config.parts.response_part import response_of
from switchyard.config.parts.rollout_part import guardrails_of, rollout_of
from switchyard.config.parts.training_part import DEFAULT_IMAGE, training_of
from switchyard.config.parts.tuning_part import tuning_of
from switchyard.config.parts.weight_part import check_weight
from switchyard.config.rules.combinations import PAIRED, Asked, Refusal, refusals
from switchyard.config.rules.network import network_refusals
from switchyard.config.rules.request_limits import limit_refusals
from switchyard.config.rules.schedule import ScheduleError, parse_schedule
from switchyard.config.rules.trigger_policy import DriftPolicy, Triggers
from switchyard.config.rules.xgboost_parameters import parameter_refusals
from switchyard.config.run_contract import classes_of
from switchyard.config.small_data import cross_validation_of
from switchyard.config.yaml_text import read_yaml
from switchyard.core.account import Account
from switchyard.core.data.guarded_parse import outside
from switchyard.core.data.response import Response
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.gate_classes import check_classes
from switchyard.core.gate_policy import PROGRAM, GatePolicy
from switchyard.core.names import LONGEST_MODEL_NAME, is_model_name
from switchyard.core.pipeline import (
    REALTIME,
    Approval,
    Budget,
    Paired,
    Pipeline,
    Program,
    Training,
    Tuning,
    declared_classes,
)
from switchyard.core.policy import PolicyError, Problem

MAX_BYTES = 64 * 1024


def read(model: str, text: str) -> PipelineSpec:
    """The file as it stands, before anything is known of the data; InvalidPipelineError for a retired model."""
    spec = _spec(model, text)
    if spec.retire:
        raise InvalidPipelineError(
            f"{model}/pipeline.yaml: retire: the model is retired; take `retire: true` out, then drop the dataset again"
        )
    return spec


def retires(model: str, text: str) -> bool:
    """Does the owner want the model out of service?"""
    return _spec(model, text).retire


def triggers(model: str, text: str) -> Triggers:
    """What starts runs of this model besides drops; it asks nothing of the data."""
    return _triggers(_spec(model, text))


def _triggers(spec: PipelineSpec) -> Triggers:
    if spec.retire:
        return Triggers()
    drift = _drift(spec)
    if spec.schedule is None:
        return Triggers(drift=drift)
    given = ScheduleSpec(when=spec.schedule) if isinstance(spec.schedule, str) else spec.schedule
    try:
        return Triggers(parse_schedule(given.when), given.always, drift)
    except ScheduleError as error:
        raise InvalidPipelineError(f"{spec.name}/pipeline.yaml: schedule: {error}") from None


def _drift(spec: PipelineSpec) -> DriftPolicy | None:
    if spec.drift is None:
        return None
    if spec.deployment.mode != REALTIME or not spec.deployment.capture_percent:
        raise InvalidPipelineError(
            f"{spec.name}/pipeline.yaml: drift: there are no captured inputs to look at; use mode realtime and "
            f"capture_percent above 0, or retrain by schedule"
        )
    return DriftPolicy(**spec.drift.model_dump())


def parse(
    model: str,
    text: str,
    labels: LabelStatistics | None,
    known: ModelContract | None = None,
    assumed: Problem | None = None,
) -> Pipeline:
    """A checked, complete Pipeline; what the file leaves open is the model's (`known`) or, of a new model, read off
    the labels.

    labels: None when the table that holds them is yet to be made (`prepare`), or read by a job; `assumed` is then the
    problem where none is stated.
    """
    spec = read(model, text)
    _triggers(spec)
    _refuse_combinations(model, spec)
    _refusing(model, lambda: check_records(spec))
    _refusing(model, lambda: check_weight(spec, known))
    if known is not None:
        known.check_declared(model, spec.columns)
    problem = _problem(model, spec, labels, known, assumed)
    training = _refusing(model, lambda: _training(spec, problem, labels, known))
    gate = _refusing(model, lambda: _gate(spec, problem, _classes(spec, problem, labels, known)))
    pipeline = Pipeline(
        name=spec.name,
        target=spec.target,
        problem=problem,
        validation_percent=spec.validation_percent,
        training=training,
        evaluation=gate,
        deployment=spec.deployment.to_domain(),
        rollout=_refusing(model, lambda: rollout_of(spec, problem)),
        approval=Approval(**spec.approval.model_dump()),
        scoring=spec.evaluation.to_scoring(),
        guardrails=_refusing(model, lambda: guardrails_of(spec)),
        paired=Paired(spec.rollout.id_column or "") if spec.rollout.strategy == PAIRED else None,
        prepare=_refusing(model, lambda: spec.prepare.to_domain() if spec.prepare else None),
        program=_refusing(model, lambda: _program(spec)),
        tuning=_refusing(model, lambda: _tuning(spec, training, problem)),
        may_copy_target=spec.may_copy_target,
        budget=Budget(**spec.budget.model_dump()),
        requests_per_minute=spec.rollout.requests_per_minute,
        is_records=spec.data.is_records,
        columns=spec.columns,
        dialect=spec.data.to_domain(),
        response=_refusing(model, lambda: _response(spec, problem, gate)),
        network=spec.network.to_domain(),
        tags=spec.tags,
    )
    for refusal in chain(
        limit_refusals(pipeline), _of_xgboost(pipeline), network_refusals(pipeline, Account())
    ):
        raise InvalidPipelineError(f"{model}/pipeline.yaml: {refusal}")
    return pipeline


def _of_xgboost(pipeline: Pipeline) -> Iterator[Refusal]:
    """Of images whose hyperparameters are known."""
    training, tuning = pipeline.training, pipeline.tuning
    is_default = training.image == DEFAULT_IMAGE
    searched = dict.fromkeys([*tuning.ranges, *tuning.choices], "") if tuning else {}
    if is_default or training.kind == "builtin":
        yield from parameter_refusals(pipeline.problem, {**searched, **training.hyperparameters}, is_default)


def _problem(
    model: str,
    spec: PipelineSpec,
    labels: LabelStatistics | None,
    known: ModelContract | None,
    assumed: Problem | None,
) -> Problem:
    if known and known.problem and spec.problem not in (None, known.problem):
        raise InvalidPipelineError(
            f"{model}/pipeline.yaml: problem: {spec.problem} is stated, and the model is a {known.problem} one; take "
            f"the field out, or, to change it, {known.to_change}"
        )
    if labels is None:
        problem = spec.problem or assumed
        if problem is None:
            raise InvalidPipelineError(
                f"{model}/pipeline.yaml: problem: must be stated with `prepare`, because the labels are not known "
                f"when the run starts; add `problem: binary`, `multiclass` or `regression`"
            )
        return problem
    return problem_of(spec.problem, labels, known)


def _training(
    spec: PipelineSpec, problem: Problem, labels: LabelStatistics | None, known: ModelContract | None
) -> Training:
    tuned = frozenset(spec.tuning.parameters) if spec.tuning else frozenset()
    classes = _classes(spec, problem, labels, known)
    is_weighed = WEIGHT in spec.columns.values() or bool(known and known.contract.weight)
    return training_of(spec.training, problem, None if classes is None else len(classes), tuned, is_weighed)


def _classes(
    spec: PipelineSpec, problem: Problem, labels: LabelStatistics | None, known: ModelContract | None
) -> tuple[str, ...] | None:
    """None while the labels are not known."""
    count = declared_classes(spec.training.hyperparameters)
    return classes_of(problem, labels, known, count) if labels else None


def _tuning(spec: PipelineSpec, training: Training, problem: Problem) -> Tuning | None:
    if spec.tuning is None:
        return None
    return tuning_of(spec.tuning, spec.training, training, problem, spec.validation_percent)


@lru_cache(maxsize=16)  # of one upload it is asked twice, and most uploads of a model meet the same file
def _spec(model: str, text: str) -> PipelineSpec:
    where = f"{model}/pipeline.yaml"
    if len(text) > MAX_BYTES:
        raise InvalidPipelineError(
            f"{where}: {len(text)} characters; at most {MAX_BYTES} are read; take comments and unused parts out"
        )
    with outside(where, InvalidPipelineError):
        document = read_yaml(where, text)
    if not isinstance(document, dict):
        raise InvalidPipelineError(
            f"{where}: expected a mapping with at least `name` and `target`; write `key: value` lines"
        )
    try:
        spec = PipelineSpec.model_validate(document)
    except ValidationError as error:
        raise InvalidPipelineError(f"{where}: {first_fault(error, PipelineSpec)}") from None
    if spec.name != model:
        raise InvalidPipelineError(f"{where}: name: '{spec.name}' must be the folder's name, '{model}'")
    if not is_model_name(model):
        raise InvalidPipelineError(
            f"{where}: name: '{model[:64]}' is no name of a model; write lower-case letters, digits and single hyphens "
            f"within, at most {LONGEST_MODEL_NAME} characters"
        )
    return spec


def _refuse_combinations(model: str, spec: PipelineSpec) -> None:
    """What SageMaker cannot do together is refused before anything is trained."""
    parts = {"deployment": spec.deployment, "rollout": spec.rollout}
    asked = Asked(
        mode=spec.deployment.mode,
        strategy=spec.rollout.strategy,
        instance_count=spec.deployment.begins_with,
        capture_percent=spec.deployment.capture_percent,
        traffic=spec.rollout.guardrails.traffic,
        percent=spec.rollout.guardrails.percent,
        instance_type=spec.deployment.instance_type,
        via=spec.evaluation.via,
        training_kind=spec.training.kind,
        own_image=spec.training.image is not None,
        training_types=(spec.training.instance_type, *spec.training.fallback_instance_types),
        training_count=spec.training.instance_count,
        prepare_type=spec.prepare.instance_type if spec.prepare else "",
        program_type=spec.evaluation.program.instance_type if spec.evaluation.program else "",
        scaling=spec.deployment.scaling.to_domain() if spec.deployment.scaling else None,
        capacity_wait=spec.deployment.capacity_wait_seconds,
        stated=frozenset(f"{part}.{key}" for part, each in parts.items() for key in each.model_fields_set)
        | {f"deployment.environment.{name}" for name in spec.deployment.environment},
    )
    for refusal in refusals(asked):
        raise InvalidPipelineError(f"{model}/pipeline.yaml: {refusal}")


def gate_of(model: str, text: str, problem: Problem, classes: tuple[str, ...]) -> GatePolicy:
    """What the file asks of the gate alone, for a problem that whoever asks knows."""
    spec = read(model, text)
    return _refusing(model, lambda: _gate(spec, problem, classes or None))


def _program(spec: PipelineSpec) -> Program | None:
    """What it writes is a metric, and that metric is nothing without it."""
    program, metrics = spec.evaluation.program, spec.evaluation.metrics
    is_judged = any((each.metric or name) == PROGRAM for name, each in metrics.items())
    if program is None and is_judged:
        raise PolicyError(
            "evaluation.program",
            "must be given: the metric program is what your script writes; name its entry_point",
        )
    if program is not None and not is_judged:
        raise PolicyError(
            "evaluation.program",
            "what it writes is judged by the metric program; add `program: {margin: 0.05}` to evaluation.metrics",
        )
    return program.to_domain() if program else None


def _response(spec: PipelineSpec, problem: Problem, gate: GatePolicy) -> Response:
    metrics = [each.metric or name for name, each in gate.metrics.items()]
    is_own = spec.training.kind == "script" or spec.training.image is not None
    return response_of(spec.response, problem, is_own, metrics)


def _gate(spec: PipelineSpec, problem: Problem, classes: tuple[str, ...] | None) -> GatePolicy:
    policy = GateSpec.model_validate(spec.evaluation.given() | {"problem": problem}).to_policy()
    policy = replace(policy, cross_validation=cross_validation_of(spec))
    if classes is not None:
        check_classes(policy, classes)
    return policy


T = TypeVar("T")


def _refusing(model: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except (PolicyError, ValidationError) as error:
        reason = first_fault(error, PipelineSpec) if isinstance(error, ValidationError) else str(error)
        raise InvalidPipelineError(f"{model}/pipeline.yaml: {reason}") from None
