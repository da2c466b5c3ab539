"""What a run has cost, when it has ended: from what SageMaker says of its jobs, and how long its variants stood."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from switchyard.config.rules.prices import US_EAST_1, Prices, Usage
from switchyard.core.errors import InvalidPipelineError, MissingError
from switchyard.core.ledger.costs import SETTLED, Entry
from switchyard.core.ledger.rollouts import live_since
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Control, Item
from switchyard.core.run import Run
from switchyard.spending.rules.billing import (
    processing_seconds,
    training_seconds,
    transform_seconds,
    tuning_seconds,
)
from switchyard.spending.rules.budget import month_of
from switchyard.spending.rules.cost import (
    ALPHA,
    DATASET,
    PREPARATION,
    PROGRAM,
    ROLLOUT,
    TRAINING,
    TRANSFORMS,
    TUNING,
    Cost,
    Part,
    cost_of,
    is_beside,
)
from switchyard.spending.run_budget import RunBudget


@dataclass(frozen=True)
class RunCost:
    """Asked once a run is cleaned up; asked again it puts the same entry in the same place."""

    prefix: str
    control: Control
    run_budget: RunBudget

    def settle(self, run: Run) -> Cost | None:
        """What the run has cost, put on its month's bill instead of what was reserved; None when what it used is not
        known any more, and then the reservation stands.
        """
        ledger, now = self.run_budget.ledger, self.run_budget.clock()
        item = ledger.run_item(run.model, run.run_id) or {}
        try:
            pipeline = self.run_budget.snapshots.pipeline(run)
        except MissingError:
            return None
        parts = [part for part in self._parts(run, pipeline, item, now) if part.seconds]
        cost = cost_of(parts, self._prices())
        month = str(item.get("month", month_of(now)))
        ledger.note(run, {"cost": json.dumps(cost.to_dict()), "month": month})
        ledger.costs.put(run.model, month, Entry(run.run_id, cost.usd, SETTLED))
        return cost

    def _prices(self) -> Prices:
        """A price file that cannot be read must not keep a run from ending."""
        try:
            return self.run_budget.prices()
        except InvalidPipelineError:
            return US_EAST_1

    def _parts(self, run: Run, pipeline: Pipeline, item: Item, now: float) -> Iterator[Part]:
        names, deployment = Names(self.prefix, run.model, run.run_id), pipeline.deployment
        yield from self._jobs(names, pipeline, now)
        hosts, count = deployment.instance_type, deployment.instance_count
        jobs = [names.transform_job, names.champion_transform_job]
        seconds = transform_seconds(map(self.control.describe_transform, jobs), now)
        yield Part(TRANSFORMS, Usage.TRANSFORM, hosts, count, seconds)
        rollout = self.run_budget.ledger.rollout(run.run_id) or {}
        if "alpha_from" in item:
            seconds = float(item.get("alpha_until", now)) - float(item["alpha_from"])
            yield Part(ALPHA, Usage.HOSTING, hosts, int(item["alpha_variants"]), seconds)
        # In line it costs nothing.
        if rollout.get("champion") and "live_since" in rollout and is_beside(pipeline):
            yield Part(ROLLOUT, Usage.HOSTING, hosts, count, now - live_since(rollout))

    def _jobs(self, names: Names, pipeline: Pipeline, now: float) -> Iterator[Part]:
        prepare, training = pipeline.prepare, pipeline.training
        if pipeline.dataset_job is not None:
            seconds = processing_seconds(self.control.describe_processing(names.dataset_job), now)
            yield Part(DATASET, Usage.PROCESSING, pipeline.dataset_job.instance_type, 1, seconds)
        if prepare is not None:
            seconds = processing_seconds(self.control.describe_processing(names.preparation_job), now)
            where = prepare.instance_type, prepare.instance_count
            yield Part(PREPARATION, Usage.PROCESSING, *where, seconds)
        if pipeline.program is not None:
            seconds = processing_seconds(self.control.describe_processing(names.program_job), now)
            yield Part(PROGRAM, Usage.PROCESSING, pipeline.program.instance_type, 1, seconds)
        if pipeline.tuning is not None:
            seconds = tuning_seconds(self.control.tuning_jobs(names.tuning_job), now)
            yield Part(TUNING, Usage.TRAINING, training.instance_type, training.instance_count, seconds)
        else:
            job = self.control.describe_training(names.training_job)
            kind = (job or {}).get("ResourceConfig", {}).get("SelectedInstanceType", training.instance_type)
            yield Part(TRAINING, Usage.TRAINING, kind, training.instance_count, training_seconds(job, now))
