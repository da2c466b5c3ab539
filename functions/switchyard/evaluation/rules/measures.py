"""What the gate measures: the entries of `evaluation.metrics`, with the classes of the model put in."""

from collections.abc import Sequence
from dataclasses import dataclass

from switchyard.core.gate_classes import class_of, costs_of
from switchyard.core.gate_policy import GATE_METRICS, GateMetric, GatePolicy
from switchyard.core.policy import Problem


@dataclass(frozen=True)
class Measure:
    """kind: a key of GATE_METRICS. title: as people read it. chosen: index of the class it is of; None: of all."""

    name: str
    kind: str
    gate: GateMetric
    title: str
    chosen: int | None = None
    costs: Sequence[Sequence[float]] = ()

    @property
    def up(self) -> bool:
        return GATE_METRICS[self.kind].higher_is_better


def measures_of(policy: GatePolicy, classes: Sequence[str]) -> list[Measure]:
    """In the order of the policy."""
    costs = costs_of(policy, classes) if policy.cost else ()
    return [
        Measure(
            name,
            kind,
            policy.metrics[name],
            _title(policy, name, classes),
            class_of(policy, name, classes),
            costs,
        )
        for name, kind in policy.kinds.items()
    ]


def _title(policy: GatePolicy, name: str, classes: Sequence[str]) -> str:
    what = _what(policy, name, classes)
    return what if policy.kinds[name] == name else f"{name} ({what})"


def _what(policy: GatePolicy, name: str, classes: Sequence[str]) -> str:
    kind, gate, index = policy.kinds[name], policy.metrics[name], class_of(policy, name, classes)
    if index is not None:
        return f"{kind} of {classes[index]}"
    if gate.quantile is not None:
        return f"{kind} at {gate.quantile:g}"
    is_mean = GATE_METRICS[kind].of_class and not (kind == "auc" and policy.problem is Problem.BINARY)
    return f"{kind} (mean of classes)" if is_mean else kind
