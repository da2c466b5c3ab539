"""What is seen of one model from outside: ledger, endpoint, decision records, what lies in storage and SageMaker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from switchyard.core.champion import Champion
from switchyard.core.ports import Item


@dataclass(frozen=True)
class Live:
    """An endpoint: weights by variant, of those that serve."""

    status: str
    config: str
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Change:
    """From `at` on, in seconds since the epoch, an endpoint was at this config, with these weights by variant."""

    at: float
    config: str
    weights: Mapping[str, float]

    @property
    def shares(self) -> dict[str, float]:
        """Of the traffic, between 0 and 1, of the variants that take any."""
        total = sum(self.weights.values())
        return {name: weight / total for name, weight in self.weights.items() if weight > 0}


@dataclass(frozen=True)
class Resource:
    """Something in SageMaker that is called after a run; kind: `model`, `endpoint-config`, `endpoint` or a job's."""

    kind: str
    name: str
    run_id: str
    is_open: bool = False  # of a job: it has not ended


@dataclass(frozen=True)
class Seen:
    """items: one model's partition of the ledger. recorded: state by run id, of the decision records that were read.

    records: those records themselves. evaluations: evaluation.json by run id. history: the endpoint's, oldest first,
    where it is known. files: by a dataset's digest, each file of its snapshot with the sha256 of the manifest and the
    one that is found. artifacts: sha256 of a run's model as it lies there now, "" of one that is gone. gone: what
    champions need and is not there, in words. versions: how often each decision record was written, or deleted.
    resources: of this model's runs, in SageMaker. waits: (run id, resource) of the tokens that are kept.
    """

    model: str
    items: Sequence[Item]
    champion: Champion | None
    live: Live | None
    recorded: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    evaluations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    history: Sequence[Change] = ()
    files: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)
    gone: Sequence[str] = ()
    versions: Mapping[str, int] = field(default_factory=dict)
    resources: Sequence[Resource] = ()
    waits: Sequence[tuple[str, str]] = ()
    kept: frozenset[str] = frozenset()  # run ids of the champion and of those before it that are a way back
    rollouts: Mapping[str, Item] = field(default_factory=dict)  # by run id
    now: float = 0.0

    def kind(self, prefix: str) -> list[Item]:
        return [item for item in self.items if str(item["sk"]).startswith(prefix)]

    def value(self, sk: str) -> Any:
        return next((item["run_id"] for item in self.items if item["sk"] == sk), None)

    @property
    def runs(self) -> dict[str, Item]:
        """By run id."""
        return {str(item["run_id"]): item for item in self.kind("RUN#")}


@dataclass(frozen=True)
class Broken:
    """invariant: what should hold; found: what does not, and where."""

    model: str
    invariant: str
    found: str
