"""When requests have reached the age at which their labels count, their join is asked for, a window at a time; the
rows of a batch drop, a drop at a time.
"""

from dataclasses import dataclass

from switchyard.core.evidence import Block
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.rollouts import live_since
from switchyard.core.metrics import LABEL_ERROR, missing_metric
from switchyard.core.policy import RolloutPolicy
from switchyard.core.ports import Clock, Item, Messages
from switchyard.core.run import Run
from switchyard.labels.rules.coverage import too_few, uneven


@dataclass(frozen=True)
class LabelWindows:
    """What a look does about labels: ScoreLabels joins, and writes the blocks into the rollout's own evidence.

    A window that is asked for twice is joined twice and counts once: its blocks have names.
    """

    ledger: Ledger
    joins: Messages
    clock: Clock
    window_seconds: int

    def ask(self, run: Run, record: Item, policy: RolloutPolicy) -> None:
        """Asks for every window that is old enough and was not asked for before."""
        metric = policy.metrics.get(LABEL_ERROR)
        if metric is None:
            return
        if metric.paired:
            self._ask_drops(run, self.clock() - metric.maturity_seconds)
            return
        asked = int(record.get("labels_asked", self._first(record)))
        ripe = int((self.clock() - metric.maturity_seconds) // self.window_seconds)
        for window in range(asked, ripe):
            start = window * self.window_seconds
            self.joins.send(
                {"model": run.model, "run_id": run.run_id, "start": start, "end": start + self.window_seconds}
            )
        if ripe > asked:
            self.ledger.save_rollout(run.run_id, {"labels_asked": ripe})

    def read_until(self, run: Run, record: Item, policy: RolloutPolicy) -> float:
        """Up to here, in seconds since the epoch, requests have been joined with their labels: a join that still waits
        in its queue says nothing yet.
        """
        metric = policy.metrics[LABEL_ERROR]
        if metric.paired:
            waiting = [float(drop["at"]) for drop in self.ledger.drops(run.run_id) if "joined" not in drop]
            return min([self.clock() - metric.maturity_seconds, *waiting])
        known = window = int(record.get("labels_read", self._first(record)))
        while self.ledger.is_joined(run.run_id, window * self.window_seconds):
            window += 1
        if window > known:
            self.ledger.save_rollout(run.run_id, {"labels_read": window})
        return float(window * self.window_seconds)

    def _first(self, record: Item) -> int:
        """The first whole window in which the challenger served."""
        return int(-(-live_since(record) // self.window_seconds))

    def _ask_drops(self, run: Run, ripe: float) -> None:
        for drop in self.ledger.drops(run.run_id):
            if "asked" not in drop and float(drop["at"]) <= ripe:
                batch_id = str(drop["sk"]).removeprefix("DROP#")
                self.joins.send({"model": run.model, "run_id": run.run_id, "drop": batch_id})
                self.ledger.mark_asked(run.run_id, drop)

    def objection(self, blocks: tuple[Block, ...], policy: RolloutPolicy) -> str:
        """Why this rollout's labels cannot be compared; "" when they can."""
        missing = missing_metric(LABEL_ERROR)
        metric = policy.metrics.get(missing)
        if metric is None:
            return ""
        return (too_few if metric.paired else uneven)(blocks, missing, metric.margin)
