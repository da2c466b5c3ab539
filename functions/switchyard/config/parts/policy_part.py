"""The door for the `rollout` and `evaluation` parts of pipeline.yaml, and for a stand-alone policy file.

pydantic checks shape and types here, and only here; what it lets through becomes a frozen domain policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from switchyard.config.parts.part import Name, Spec
from switchyard.core.data.classes import name_of
from switchyard.core.gate_policy import GateMetric, GatePolicy
from switchyard.core.policy import MetricPolicy, PolicyError, Problem, RolloutPolicy


class _Spec(Spec):
    def given(self) -> dict[str, Any]:
        """Only what the file says: the defaults live in the domain, once."""
        return {name: getattr(self, name) for name in self.model_fields_set}


# A class as people write it: 1 and `yes` are no texts in YAML, and are names of classes all the same.
ClassName = bool | int | float | str


def written(name: ClassName) -> str:
    """The class that is meant: `true` finds class yes of yes and no."""
    if isinstance(name, bool):
        return str(name).lower()
    return name if isinstance(name, str) else name_of(name)


class MetricSpec(_Spec):
    """One metric of `rollout.metrics`; fields as in core.policy.MetricPolicy."""

    margin: float
    baseline: float | None = None
    tolerance: float = 0.0
    spread: float | None = None
    correlation: float | None = None
    maturity_seconds: float = 0.0
    limit_milliseconds: float | None = None
    off_by: float | None = None

    def to_policy(self, path: str) -> MetricPolicy:
        given = {k: v for k, v in self.given().items() if v is not None}
        return _made(path, lambda: MetricPolicy(**given))


class RolloutSpec(_Spec):
    """The `rollout` part; fields as in core.policy.RolloutPolicy."""

    alpha: float = 0.05
    steps: tuple[int, ...] = (10, 25, 50)
    metrics: dict[str, MetricSpec] = Field(default_factory=dict)
    deadline_requests: int | None = None
    deadline_seconds: float = 86_400.0
    silence_seconds: float = 900.0
    sample_ratio_alpha: float = 0.001

    def to_policy(self, path: str = "rollout") -> RolloutPolicy:
        """The domain policy; raises PolicyError with the dotted field and the reason."""
        given = self.given()
        if self.metrics:
            given["metrics"] = {n: m.to_policy(f"{path}.metrics.{n}") for n, m in self.metrics.items()}
        return _made(path, lambda: RolloutPolicy(**given))


class GateMetricSpec(_Spec):
    """One metric of `evaluation.metrics`; fields as in core.gate_policy.GateMetric."""

    margin: float
    floor: float | None = None
    metric: Name | None = None
    of_class: ClassName | None = Field(default=None, alias="class")
    quantile: float | None = None

    def to_policy(self, path: str) -> GateMetric:
        of_class = "" if self.of_class is None else written(self.of_class)
        return _made(
            path, lambda: GateMetric(self.margin, self.floor, self.metric or "", of_class, self.quantile)
        )


class GateSpec(_Spec):
    """The `evaluation` part; fields as in core.gate_policy.GatePolicy."""

    problem: Problem = Problem.BINARY
    alpha: float = 0.05
    metrics: dict[str, GateMetricSpec] = Field(default_factory=dict)
    minimum_rows: int = 200
    slice_margin: float = 3.0
    cost: dict[ClassName, dict[ClassName, float]] = Field(default_factory=dict)

    def to_policy(self, path: str = "evaluation") -> GatePolicy:
        """The domain policy; raises PolicyError with the dotted field and the reason."""
        given = self.given()
        if self.metrics:
            given["metrics"] = {n: m.to_policy(f"{path}.metrics.{n}") for n, m in self.metrics.items()}
        given["cost"] = {
            written(true): {written(called): cost for called, cost in row.items()}
            for true, row in self.cost.items()
        }
        return _made(path, lambda: GatePolicy(**given))


def rollout_policy(document: object) -> RolloutPolicy:
    """From the parsed policy file: the rollout part alone, or a whole pipeline.yaml that has one."""
    if not isinstance(document, Mapping):
        raise PolicyError("rollout", f"must be a mapping of settings, got {type(document).__name__}")
    nested = "rollout" in document
    return _parsed(
        RolloutSpec, document["rollout"] if nested else document, "rollout" if nested else ""
    ).to_policy("rollout" if nested else "")


def gate_policy(document: object) -> GatePolicy:
    """From the parsed `evaluation` part."""
    return _parsed(GateSpec, document, "evaluation").to_policy()


S = TypeVar("S", bound=_Spec)
T = TypeVar("T")


def _parsed(spec: type[S], data: object, path: str) -> S:
    try:
        return spec.model_validate(data)
    except ValidationError as refused:
        first = refused.errors(include_url=False)[0]
        where = ".".join(str(part) for part in (path, *first["loc"]) if part != "")
        raise PolicyError(where or "rollout", first["msg"]) from None


def _made(path: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except PolicyError as refused:
        field = f"{path}.{refused.field}".lstrip(".")
        raise PolicyError(field, refused.reason) from None
