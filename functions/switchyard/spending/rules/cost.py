"""What a run costs: instances by the second. Before it starts as an estimate, after it as what was billed.

Only what a run adds is counted: its jobs, its alpha endpoint, the challenger's instances beside the champion's. The
champion's endpoint is paid by the hour whether there are runs or not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from switchyard.config.rules.forecast import forecast
from switchyard.config.rules.prices import Prices, Usage
from switchyard.core.known_members import known_members
from switchyard.core.pipeline import BATCH, Pipeline

HOUR = 3600.0
PREPARATION, TRAINING, TUNING, PROGRAM = "preparation", "training", "tuning", "evaluation program"
DATASET = "dataset job"
ALPHA, TRANSFORMS, ROLLOUT = "alpha endpoint", "holdout transforms", "rollout"
# Neither an alpha endpoint nor a transform job has a declared maximum.
ASSUMED_EXPECTED, ASSUMED_MOST = 900.0, 3600.0
DECLARED, ASSUMED, BY_SIZE = "declared", "assumed", "by the size"
REMEMBERED = 5  # of the model's last runs


@dataclass(frozen=True)
class Part:
    """One thing that is paid by time. seconds: of each of the instances. basis: where an estimate has them from."""

    what: str
    usage: Usage
    instance_type: str
    instances: int
    seconds: float
    basis: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes seconds of two runs comparable."""
        return self.what, self.instance_type

    def usd(self, prices: Prices) -> float | None:
        hour = prices.hour(self.usage, self.instance_type)
        return None if hour is None else hour * self.instances * self.seconds / HOUR


@dataclass(frozen=True)
class Cost:
    """usd: of all parts that have a price; unpriced names the others. prices: region and date of the list."""

    parts: tuple[Part, ...]
    usd: float
    unpriced: tuple[str, ...]
    prices: str

    def __str__(self) -> str:
        if not self.unpriced:
            return dollars(self.usd)
        return f"at least {dollars(self.usd)} (no price of {', '.join(self.unpriced)})"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Cost:
        parts = tuple(
            Part(**{**known_members(Part, part), "usage": Usage(part["usage"])}) for part in data["parts"]
        )
        return cls(parts, float(data["usd"]), tuple(data["unpriced"]), str(data["prices"]))


@dataclass(frozen=True)
class Estimate:
    """Before a run: what is expected, and what it may cost at most by what is declared."""

    expected: Cost
    most: Cost

    @property
    def unpriced(self) -> tuple[str, ...]:
        return self.most.unpriced

    def __str__(self) -> str:
        return f"{self.expected} expected, {self.most} at most"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


NOTHING = Cost((), 0.0, (), "")  # of a run that never started


def dollars(amount: float) -> str:
    """$48.10; below ten cents with all that matters of it: $0.0031."""
    return f"${amount:.2f}" if amount >= 0.1 or amount == 0 else f"${amount:.4f}"


def cost_of(parts: Iterable[Part], prices: Prices) -> Cost:
    """The sum of the parts; a part without a price is named, and not counted as nothing."""
    parts = tuple(parts)
    priced = [part.usd(prices) for part in parts]
    unknown = dict.fromkeys(
        f"{part.instance_type} for {part.usage}"
        for part, usd in zip(parts, priced, strict=True)
        if usd is None
    )
    total = math.fsum(usd for usd in priced if usd is not None)
    return Cost(parts, round(total, 6), tuple(unknown), str(prices))


def estimate(pipeline: Pipeline, champion: bool, past: Sequence[Cost], prices: Prices) -> Estimate:
    """champion: one serves, so there is something to compare with. past: costs of runs that came to a verdict,
    newest first; where they have a part on the same instances, its mean time is what is expected.
    """
    planned = tuple(_planned(pipeline, champion))
    expected = [_expected(first, most, past) for first, most in planned]
    return Estimate(cost_of(expected, prices), cost_of((most for _, most in planned), prices))


def _expected(first: Part, most: Part, past: Sequence[Cost]) -> Part:
    seen = [part.seconds for cost in past for part in cost.parts if part.key == first.key][:REMEMBERED]
    if not seen:
        return first
    basis = f"last {len(seen)} runs" if len(seen) > 1 else "last run"
    return replace(first, seconds=min(sum(seen) / len(seen), most.seconds), basis=basis)


def _planned(pipeline: Pipeline, champion: bool) -> Iterable[tuple[Part, Part]]:
    """(what is expected of a model without past runs, the most), a part of the run each."""
    prepare, training, deployment = pipeline.prepare, pipeline.training, pipeline.deployment
    models = 2 if champion else 1
    job = pipeline.dataset_job
    if job is not None:
        part = Part(DATASET, Usage.PROCESSING, job.instance_type, 1, float(job.expected_seconds), BY_SIZE)
        yield part, _declared(part, job.max_runtime_seconds)[1]
    if prepare is not None:
        part = Part(PREPARATION, Usage.PROCESSING, prepare.instance_type, prepare.instance_count, 0.0)
        yield _declared(part, prepare.max_runtime_seconds)
    jobs = pipeline.tuning.jobs if pipeline.tuning else 1
    what = TUNING if pipeline.tuning else TRAINING
    part = Part(what, Usage.TRAINING, training.instance_type, training.instance_count, 0.0)
    yield _declared(part, jobs * training.max_runtime_seconds)
    if pipeline.scoring.via == "transform":
        part = Part(TRANSFORMS, Usage.TRANSFORM, deployment.instance_type, deployment.instance_count, 0.0)
        yield _assumed(part, models)
    else:
        yield _assumed(Part(ALPHA, Usage.HOSTING, deployment.instance_type, models, 0.0), 1)
    if pipeline.program is not None:
        part = Part(PROGRAM, Usage.PROCESSING, pipeline.program.instance_type, 1, 0.0)
        yield _declared(part, pipeline.program.max_runtime_seconds)
    if champion and is_beside(pipeline):
        yield _rollout(pipeline)


def _declared(part: Part, seconds: float) -> tuple[Part, Part]:
    whole = replace(part, seconds=float(seconds), basis=DECLARED)
    return whole, whole


def _assumed(part: Part, times: int) -> tuple[Part, Part]:
    usual = replace(part, seconds=times * ASSUMED_EXPECTED, basis=ASSUMED)
    return usual, replace(usual, seconds=times * ASSUMED_MOST)


def is_beside(pipeline: Pipeline) -> bool:
    """The challenger has instances of its own beside the champion's while it rolls out: not where a config is swapped
    (serverless, async), nor where nothing is deployed (batch).
    """
    return not pipeline.deployment.swaps and pipeline.deployment.mode != BATCH


def _rollout(pipeline: Pipeline) -> tuple[Part, Part]:
    deployment, guardrails = pipeline.deployment, pipeline.guardrails
    part = Part(ROLLOUT, Usage.HOSTING, deployment.instance_type, deployment.instance_count, 0.0)
    if guardrails is not None:
        usual = guardrails.wait_seconds * guardrails.steps + guardrails.termination_wait_seconds
        first, _ = _declared(part, usual)
        return first, replace(first, seconds=float(guardrails.timeout_seconds))
    whole, _ = _declared(part, pipeline.rollout.deadline_seconds)
    if pipeline.requests_per_minute is None:
        return whole, whole
    minutes, _ = forecast(pipeline.rollout)[0].minutes(pipeline.requests_per_minute)
    return replace(whole, seconds=min(60 * minutes, whole.seconds)), whole
