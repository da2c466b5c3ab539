"""The `tuning` part as SageMaker will take it: what it would refuse, or could never score, is refused at the door."""

import json
from dataclasses import replace

from switchyard.config.parts.training_part import ObjectiveSpec, ParameterSpec, TrainingSpec, TuningSpec
from switchyard.core.pipeline import Range, Training, Tuning
from switchyard.core.policy import PolicyError, Problem

OBJECTIVE_METRICS = {
    Problem.BINARY: "validation:logloss",
    Problem.MULTICLASS: "validation:mlogloss",
    Problem.REGRESSION: "validation:rmse",
}


def tuning_of(
    spec: TuningSpec, training: TrainingSpec, made: Training, problem: Problem, validation_percent: int
) -> Tuning:
    """PolicyError names the field."""
    objective = spec.objective or _default_objective(training, problem)
    _check_objective(objective, made, validation_percent)
    both = sorted(set(spec.parameters) & set(training.hyperparameters))
    if both:
        raise PolicyError(f"training.hyperparameters.{both[0]}", "is tuned as well; leave one of the two out")
    ranges = {n: _range(spec, n, p) for n, p in spec.parameters.items() if not p.values}
    choices = {n: _choices(n, p, training.kind) for n, p in spec.parameters.items() if p.values}
    tuning = Tuning(
        strategy=spec.strategy,
        max_jobs=spec.max_jobs,
        max_parallel_jobs=spec.max_parallel_jobs,
        metric=objective.metric,
        goal=objective.goal,
        ranges=ranges,
        choices=choices,
    )
    if "max_jobs" not in spec.model_fields_set:  # "You don't have enough combinations", else
        tuning = replace(tuning, max_jobs=int(min(spec.max_jobs, tuning.combinations)))
    return replace(tuning, max_parallel_jobs=min(spec.max_parallel_jobs, tuning.jobs))


def _default_objective(training: TrainingSpec, problem: Problem) -> ObjectiveSpec:
    if training.kind == "script":
        raise PolicyError(
            "tuning.objective",
            "a script needs {metric, goal}, and the metric's regex in training.metric_definitions; add both",
        )
    return ObjectiveSpec(metric=OBJECTIVE_METRICS[problem], goal="Minimize")


def _check_objective(objective: ObjectiveSpec, made: Training, validation_percent: int) -> None:
    if made.kind != "builtin" and objective.metric not in made.metric_definitions:
        raise PolicyError(
            "tuning.objective.metric",
            f"'{objective.metric}' is not in training.metric_definitions, so it would never be seen; add its regex",
        )
    if objective.metric.startswith("validation:") and not validation_percent:
        raise PolicyError(
            "tuning.objective.metric",
            f"'{objective.metric}' needs validation rows, and validation_percent is 0; make it 10",
        )


def _range(spec: TuningSpec, name: str, parameter: ParameterSpec) -> Range:
    path = f"tuning.parameters.{name}"
    low, high = parameter.min, parameter.max
    if low is None or high is None:
        raise PolicyError(path, "give `min` and `max`, or `values`")
    if low >= high:
        raise PolicyError(path, f"min {low} must be below max {high}; swap them, or set others")
    if spec.strategy == "Grid":
        raise PolicyError(
            path, "Grid takes lists alone; give `values`, or make the strategy Bayesian or Random"
        )
    whole = isinstance(low, int) and isinstance(high, int)
    if parameter.scale == "Logarithmic" and low <= 0:
        raise PolicyError(path, "scale Logarithmic needs a min above 0; raise it, or use Linear")
    if parameter.scale == "ReverseLogarithmic" and (whole or low < 0 or high >= 1):
        raise PolicyError(
            path, "scale ReverseLogarithmic needs fractions with 0 <= min and max < 1; use others, or Linear"
        )
    return Range(str(low), str(high), whole, parameter.scale)


def _choices(name: str, parameter: ParameterSpec, kind: str) -> tuple[str, ...]:
    if parameter.min is not None or parameter.max is not None:
        raise PolicyError(f"tuning.parameters.{name}", "give `min` and `max`, or `values`, not both")
    return tuple(json.dumps(value) if kind == "script" else str(value) for value in parameter.values)
