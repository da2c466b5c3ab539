"""The door for the `prepare`, `tuning` and `training` parts of pipeline.yaml: what SageMaker could not do is refused
here, with the reason and the nearest thing that works.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from switchyard.config.parts.part import EntryPoint, InstanceType, Name, Scalar, Spec
from switchyard.config.rules.images import is_accelerated, versions
from switchyard.core.pipeline import Prepare, Program, Training, declared_classes
from switchyard.core.policy import PolicyError, Problem

DEFAULT_IMAGE = "switchyard-xgboost:1"  # resolved against the account's own registry by the adapter
OBJECTIVES = {
    Problem.BINARY: "binary:logistic",
    Problem.MULTICLASS: "multi:softprob",
    Problem.REGRESSION: "reg:squarederror",
}
VERSIONS = {name: versions(name) for name in ("xgboost", "sklearn", "pytorch")}  # the first is the default
METRIC_NAMES = ("logloss", "mlogloss", "rmse", "auc", "merror")
NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"
# XGBoost prints `[7]\ttrain-mlogloss:0.1\tvalidation-mlogloss:0.2` a round.
XGBOOST_METRICS = {
    f"{side}:{metric}": f".*{side}-{metric}:{NUMBER}"
    for side in ("train", "validation")
    for metric in METRIC_NAMES
}
MAX_METRICS = 40  # AlgorithmSpecification.MetricDefinitions: "Maximum number of 40 items"


class TrainingSpec(Spec):
    """How the model is trained."""

    kind: Literal["container", "builtin", "script"] = "container"
    image: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9./:@_-]{1,255}$")] | None = None
    algorithm: Literal["xgboost"] | None = None
    framework: Literal["pytorch", "sklearn"] | None = None
    version: Name | None = None
    entry_point: EntryPoint | None = None
    inference_entry_point: EntryPoint | None = None
    hyperparameters: dict[Name, Scalar] = Field(default_factory=dict, max_length=100)
    metric_definitions: dict[Name, Annotated[str, StringConstraints(min_length=1, max_length=500)]] = Field(
        default_factory=dict, max_length=MAX_METRICS
    )
    data_distribution: Literal["FullyReplicated", "ShardedByS3Key"] = "FullyReplicated"
    instance_type: InstanceType = "ml.m5.large"
    fallback_instance_types: tuple[InstanceType, ...] = Field(default=(), max_length=4)
    instance_count: int = Field(default=1, ge=1, le=20)
    volume_gb: int = Field(default=10, ge=1, le=16384)
    max_runtime_seconds: int = Field(default=86400, ge=60, le=2419200)
    retries: int = Field(default=0, ge=0, le=30)
    spot_max_wait_seconds: int = Field(default=0, ge=0, le=2592000)
    keep_alive_seconds: int = Field(default=0, ge=0, le=3600)
    input_mode: Literal["File", "FastFile"] = "File"
    format: Literal["csv", "parquet", "jsonl"] = "csv"
    mlflow_experiment: str = Field(default="", max_length=256)


BELONGS_TO = {  # a field, and the only kind that reads it
    "image": "container",
    "algorithm": "builtin",
    "framework": "script",
    "entry_point": "script",
    "inference_entry_point": "script",
}


class PrepareSpec(Spec):
    """A job in front of everything: it makes one clean table of whatever was dropped."""

    kind: Literal["spark"]
    entry_point: EntryPoint
    arguments: tuple[Annotated[str, StringConstraints(min_length=1, max_length=256)], ...] = Field(
        default=("--input", "{input}", "--output", "{output}"), max_length=100
    )
    version: Literal["2.4", "3.0", "3.1", "3.2", "3.3", "3.5"] = "3.3"
    instance_type: InstanceType = "ml.m5.xlarge"
    instance_count: int = Field(default=1, ge=1, le=100)
    volume_gb: int = Field(default=30, ge=1, le=16384)
    max_runtime_seconds: int = Field(default=3600, ge=60, le=777600)

    def to_domain(self) -> Prepare:
        if self.instance_count > 1 and any(
            mark in word for word in self.arguments for mark in ("{input}", "{output}")
        ):
            raise PolicyError(
                "prepare.instance_count",
                "{input} and {output} are folders of one instance; with more of them read and write S3: "
                "say {input_s3} and {output_s3} in prepare.arguments",
            )
        return Prepare(**self.model_dump())


class ProgramSpec(Spec):
    """`evaluation.program`: a script that reads both models' answers and writes one loss a row."""

    entry_point: EntryPoint
    version: str = VERSIONS["sklearn"][0]
    instance_type: InstanceType = "ml.m5.large"
    volume_gb: int = Field(default=10, ge=1, le=16384)
    max_runtime_seconds: int = Field(default=3600, ge=60, le=777600)

    def to_domain(self) -> Program:
        if self.version not in VERSIONS["sklearn"]:
            known = ", ".join(VERSIONS["sklearn"])
            raise PolicyError("evaluation.program.version", f"scikit-learn's image has {known}")
        return Program(**self.model_dump())


def training_of(
    spec: TrainingSpec,
    problem: Problem,
    classes: int | None,
    tuned: frozenset[str] = frozenset(),
    is_weighed: bool = False,
) -> Training:
    """The training part, complete. classes: how many; None of a table that is yet to be made. is_weighed: the column
    behind the label says how much a row counts.

    PolicyError names the field.
    """
    for name, kind in BELONGS_TO.items():
        if getattr(spec, name) is not None and spec.kind != kind:
            raise PolicyError(
                f"training.{name}",
                f"belongs to training.kind: {kind}, and the kind is {spec.kind}; leave one of the two out",
            )
    _check_format(spec)
    _check_spot(spec, is_tuned=bool(tuned))
    _check_fallbacks(spec, is_tuned=bool(tuned))
    framework, version = _framework(spec)
    given = {
        name: value for name, value in _hyperparameters(spec, problem, classes).items() if name not in tuned
    }
    if is_weighed and spec.kind == "builtin":
        # "taking the second column (the column after labels) ... as the instance weights"
        given["csv_weights"] = 1
    encode = json.dumps if spec.kind == "script" else _plain
    common = (
        "kind",
        "instance_type",
        "instance_count",
        "volume_gb",
        "max_runtime_seconds",
        "data_distribution",
        "retries",
        "spot_max_wait_seconds",
        "keep_alive_seconds",
        "input_mode",
        "format",
        "fallback_instance_types",
        "mlflow_experiment",
    )
    return Training(
        image=(spec.image or DEFAULT_IMAGE) if spec.kind == "container" else "",
        hyperparameters={name: encode(value) for name, value in given.items()},
        framework=framework,
        version=version,
        entry_point=spec.entry_point or "",
        inference_entry_point=spec.inference_entry_point or spec.entry_point or "",
        metric_definitions=_metric_definitions(spec),
        **{name: getattr(spec, name) for name in common},
    )


def _check_format(spec: TrainingSpec) -> None:
    """Whose own code trains reads what it likes."""
    if spec.format == "csv" or spec.kind == "script" or spec.image is not None:
        return
    reader = "SageMaker's XGBoost" if spec.kind == "builtin" else "the default image"
    raise PolicyError(
        "training.format",
        f"{reader} reads csv, found {spec.format}; leave it out, or train by kind: script, or by an image of yours",
    )


def _check_spot(spec: TrainingSpec, *, is_tuned: bool) -> None:
    """ "[MaxWaitTimeInSeconds] must be equal to or greater than MaxRuntimeInSeconds"; Spot is not kept warm."""
    wait = spec.spot_max_wait_seconds
    for name in ("spot_max_wait_seconds", "keep_alive_seconds"):
        if is_tuned and getattr(spec, name):
            raise PolicyError(
                f"training.{name}", "is not for tuning jobs; leave it out, or leave out `tuning`"
            )
    if not wait:
        return
    if wait < spec.max_runtime_seconds:
        raise PolicyError(
            "training.spot_max_wait_seconds",
            f"includes the time of running and must be at least max_runtime_seconds, {spec.max_runtime_seconds}; "
            f"raise it, or lower max_runtime_seconds",
        )
    if spec.keep_alive_seconds:
        raise PolicyError(
            "training.keep_alive_seconds", "Spot instances are given back at once; leave out one of the two"
        )


def _check_fallbacks(spec: TrainingSpec, *, is_tuned: bool) -> None:
    """InstancePreferences: "mutually exclusive with ... EnableManagedSpotTraining", "An instance type can appear only
    once".
    """
    name, others = "training.fallback_instance_types", spec.fallback_instance_types
    if not others:
        return
    if is_tuned:
        raise PolicyError(name, "is not for tuning jobs; leave it out, or leave out `tuning`")
    if spec.spot_max_wait_seconds:
        raise PolicyError(name, "SageMaker takes no such list for Spot; leave out one of the two")
    if len({spec.instance_type, *others}) <= len(others):
        raise PolicyError(name, "names a type twice, or training.instance_type again; leave the second out")
    if (
        spec.framework == "pytorch"
        and len({is_accelerated(each) for each in (spec.instance_type, *others)}) > 1
    ):
        raise PolicyError(name, "PyTorch has one image for GPUs and one without; use types of one kind")


def _framework(spec: TrainingSpec) -> tuple[str, str]:
    if spec.kind == "container":
        if spec.version is not None:
            raise PolicyError(
                "training.version",
                "belongs to builtin and script; a container's version is in its image; leave it out",
            )
        return "", ""
    if spec.kind == "script" and (spec.framework is None or spec.entry_point is None):
        raise PolicyError(
            "training",
            "kind: script needs `framework` (pytorch, sklearn) and `entry_point` (train.py); add them",
        )
    framework = (spec.framework if spec.kind == "script" else spec.algorithm) or "xgboost"
    known = VERSIONS[framework]
    if spec.version is not None and spec.version not in known:
        raise PolicyError(
            "training.version",
            f"'{spec.version}' is no version of {framework}; known: {', '.join(known)}",
        )
    return framework, spec.version or known[0]


def _hyperparameters(spec: TrainingSpec, problem: Problem, classes: int | None) -> dict[str, Scalar]:
    """XGBoost's are filled up by the problem; a script gets what it is given."""
    if spec.kind == "script":
        return dict(spec.hyperparameters)
    defaults: dict[str, Scalar] = {"objective": OBJECTIVES[problem], "num_round": 100, "seed": 1}
    if problem is Problem.MULTICLASS and classes is not None:
        defaults["num_class"] = classes
    given = {**defaults, **spec.hyperparameters}
    if problem is Problem.MULTICLASS and "num_class" not in given:
        raise PolicyError(
            "training.hyperparameters.num_class",
            "must be given with `prepare`: the labels are not known yet; set it to the number of classes",
        )
    _check_classes(given, classes)
    return given


def _check_classes(given: Mapping[str, Scalar], classes: int | None) -> None:
    """XGBoost's own word for it, "label must be in [0, num_class)", comes after an instance was started."""
    if classes is not None and "num_class" in given and declared_classes(given) < classes:
        raise PolicyError(
            "training.hyperparameters.num_class",
            f"is {given['num_class']}, and the data have {classes} classes; raise it, or leave it out",
        )


def _plain(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _metric_definitions(spec: TrainingSpec) -> dict[str, str]:
    if spec.kind == "builtin" and spec.metric_definitions:
        raise PolicyError(
            "training.metric_definitions",
            "SageMaker defines those of its own algorithms and refuses others; leave them out, "
            "or train with kind: container",
        )
    if spec.kind == "container" and not spec.metric_definitions:
        return dict(XGBOOST_METRICS)
    return dict(spec.metric_definitions)


class ObjectiveSpec(Spec):
    """What a tuning job looks at: a metric that the training job emits."""

    metric: Name
    goal: Literal["Minimize", "Maximize"]


class ParameterSpec(Spec):
    """Either a range or a list of values."""

    min: float | int | None = None
    max: float | int | None = None
    scale: Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"] = "Auto"
    values: tuple[Scalar, ...] = Field(default=(), max_length=30)


class TuningSpec(Spec):
    """A search over hyperparameters in front of the training; the best job's model goes on."""

    strategy: Literal["Bayesian", "Random", "Grid"] = "Bayesian"
    max_jobs: int = Field(default=10, ge=1, le=750)
    max_parallel_jobs: int = Field(default=2, ge=1, le=100)
    objective: ObjectiveSpec | None = None
    parameters: dict[Name, ParameterSpec] = Field(min_length=1, max_length=30)
