"""The money question before a run: what it is expected to cost, and whether its model may still spend that."""

import json
from dataclasses import dataclass

from switchyard.config.own_prices import KEY, read_prices
from switchyard.config.rules.prices import US_EAST_1, Prices
from switchyard.config.snapshot import Snapshots
from switchyard.core.errors import InvalidPipelineError, MissingError
from switchyard.core.ledger.costs import RESERVED, Entry, spent
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Clock, Storage
from switchyard.core.run import Run, RunState
from switchyard.spending.rules.budget import day_of, month_of, objection, too_many
from switchyard.spending.rules.cost import REMEMBERED, Cost, Estimate, estimate

VERDICTS = (RunState.PROMOTED, RunState.REJECTED, RunState.ROLLED_BACK, RunState.INCONCLUSIVE)


@dataclass(frozen=True)
class RunBudget:
    """Asked by whoever has the model's one place, before the run starts: so no other run spends meanwhile."""

    ledger: Ledger
    artifacts: Storage
    snapshots: Snapshots
    clock: Clock

    def reserve(self, run: Run) -> str:
        """Puts the expected cost on the month's bill, once however often asked; or answers why it must not."""
        pipeline, month = self.snapshots.pipeline(run), month_of(self.clock())
        try:
            prices = self.prices()
        except InvalidPipelineError as unreadable:
            if pipeline.budget.is_set:
                return str(unreadable)
            prices = US_EAST_1
        found = self.estimate(pipeline, run.model, prices)
        spent = self.spent(run.model, month, run.run_id) if pipeline.budget.is_set else 0.0
        refused = objection(pipeline.budget, found, spent, month)
        if not refused:
            self.release(run)  # it may stand in another month, from a start that broke off
            self.ledger.note(run, {"month": month, "estimate": json.dumps(found.to_dict())})
            self.ledger.costs.put(run.model, month, Entry(run.run_id, found.expected.usd, RESERVED))
        return refused

    def used_up(self, run: Run) -> str:
        """Why no further run of the model starts today; "" when one may, or this one has."""
        day = day_of(self.clock())
        started = self.ledger.starts(run.model, day)
        if run.run_id in started:
            return ""
        return too_many(self.snapshots.pipeline(run).budget, len(started), day)

    def note_start(self, run: Run) -> None:
        self.ledger.note_start(run.model, day_of(self.clock()), run.run_id)

    def release(self, run: Run) -> None:
        """What was reserved for a run that will not start."""
        month = (self.ledger.run_item(run.model, run.run_id) or {}).get("month")
        if month is not None:
            self.ledger.costs.forget(run.model, str(month), run.run_id)

    def spent(self, model: str, month: str, besides: str = "") -> float:
        """US dollars of the month's runs, settled or reserved."""
        return spent(self.ledger.costs.entries(model, month), besides)

    def estimate(self, pipeline: Pipeline, model: str, prices: Prices) -> Estimate:
        return estimate(pipeline, self.ledger.champion(model) is not None, self._past(model), prices)

    def prices(self) -> Prices:
        """The shipped list, with the owner's in front where there are any."""
        try:
            return read_prices(self.artifacts.read(KEY), self.artifacts.uri(KEY))
        except MissingError:
            return US_EAST_1

    def _past(self, model: str) -> list[Cost]:
        """Of the last runs that came to a verdict, newest first: what broke off says nothing about durations."""
        found = [
            i for i in self.ledger.last_ended(model) if "cost" in i and RunState(str(i["state"])) in VERDICTS
        ]
        found.sort(key=lambda item: str(item["ended_at"]), reverse=True)
        return [Cost.from_dict(json.loads(str(item["cost"]))) for item in found[: 4 * REMEMBERED]]
