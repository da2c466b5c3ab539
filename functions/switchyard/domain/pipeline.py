"""A model's pipeline.yaml as the rest of the code sees it: checked, complete, frozen into the run's snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass

from switchyard.domain.policy import GatePolicy, Problem, RolloutPolicy


@dataclass(frozen=True)
class Training:
    """How the model is trained. Times in seconds, volume in GB."""

    kind: str
    image: str
    hyperparameters: Mapping[str, str]
    instance_type: str
    instance_count: int
    volume_gb: int
    max_runtime_seconds: int


@dataclass(frozen=True)
class Deployment:
    """How the model is served. `capture_percent` of requests are kept for later labels."""

    mode: str
    instance_type: str
    instance_count: int
    capture_percent: int
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Approval:
    """Who lets a registered model go live: `automatic`, or a person within `hours`, by the registry's own status."""

    mode: str = "automatic"
    hours: int = 168


@dataclass(frozen=True)
class Scoring:
    """How challenger and champion are put to the holdout.

    slices: columns of the holdout whose values are judged apart, too.
    """

    slices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pipeline:
    """Everything a run needs to know of its model."""

    name: str
    target: str
    problem: Problem
    validation_percent: int
    training: Training
    evaluation: GatePolicy
    deployment: Deployment
    rollout: RolloutPolicy
    approval: Approval = Approval()
    scoring: Scoring = Scoring()
