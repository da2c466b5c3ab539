"""What a look reads: the metrics of the window, and to where the evidence of each metric is known."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from switchyard.core.errors import SwitchyardError
from switchyard.core.evidence import Block, Evidence, Unknown
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.rollouts import alone_until, live_since, step_at, trail_of
from switchyard.core.metrics import LABEL_ERROR, missing_metric
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import RolloutPolicy
from switchyard.core.ports import Clock, EvidenceReader, Item, Watched
from switchyard.core.run import Run
from switchyard.labels.windows import LabelWindows
from switchyard.rollout.champion_history import Learning
from switchyard.rollout.rules.silence import silence

LATE_LAGS = 2  # a metric that is later than this, after the lag itself, is not waited for


@dataclass(frozen=True)
class WindowEvidence:
    """lag_seconds: how old a period is when most of its metrics have arrived. period_seconds: of one block.
    history_seconds: how far back the champion's history is read; 0: not at all.
    """

    prefix: str
    ledger: Ledger
    reader: EvidenceReader
    labels: LabelWindows
    clock: Clock
    lag_seconds: float
    period_seconds: float
    history_seconds: float = 0.0

    def gather(
        self, run: Run, record: Item, stage: int, pipeline: Pipeline
    ) -> tuple[Evidence, RolloutPolicy]:
        """Everything that is known up to now, and the policy to judge it by. What cannot be read raises, until it lasts
        as long as silence may.
        """
        since, now = live_since(record), self.clock()
        policy, unavailable = pipeline.rollout, ""
        try:
            if not pipeline.paired:  # of a batch model nothing is measured live: drops and labels say it all
                policy = self._read(run, record, stage, pipeline)
            self.labels.ask(run, record, policy)
            self.ledger.save_rollout(run.run_id, {"read_at": str(now)})
        except Exception as error:
            silent = now - _could_read_since(record)
            if silent < pipeline.rollout.silence_seconds:
                raise  # the look comes back after a window; only silence that lasts is a verdict
            unavailable = f"{_said(error)} for {silent:.0f} s"
        blocks, seen = self.ledger.blocks(run.run_id), self.ledger.rollout(run.run_id) or record
        unavailable = unavailable or self.labels.objection(blocks, policy)
        quiet = silence(blocks, policy, since, self._read_until(run, seen, policy, since))
        return Evidence(blocks, stage, now - since, unavailable, quiet, _unknown(seen)), policy

    def newest(self, run: Run, record: Item, stage: int, pipeline: Pipeline) -> tuple[Block, ...]:
        """What has arrived of the periods since the last that is settled, up to now: looked at before the challenger
        gets more, and not counted.
        """
        since = float(record.get("watermark", live_since(record)))
        if pipeline.paired or self.clock() <= since:
            return ()
        reading = self.reader.read(self._watched(run, record, pipeline), since, self.clock(), stage)
        return self._in_their_steps(record, reading.blocks)

    def _read(self, run: Run, record: Item, stage: int, pipeline: Pipeline) -> RolloutPolicy:
        """What the endpoint's metrics say is in the books afterwards; answers the policy to judge it by."""
        watched = self._watched(run, record, pipeline)
        policy = self._policy(run, record, watched, pipeline.rollout)
        self._collect(run, record, stage, replace(watched, metrics=policy.metrics))
        return policy

    def _policy(self, run: Run, record: Item, watched: Watched, declared: RolloutPolicy) -> RolloutPolicy:
        if watched.swapped_at is not None:
            return declared  # its history is what a swap is compared with: it must not choose the bets too
        learning = Learning(self.ledger, self.reader, self.history_seconds)
        return learning.policy(run.run_id, watched, live_since(record), declared)

    def _watched(self, run: Run, record: Item, pipeline: Pipeline) -> Watched:
        """After a swap, the champion's part is its own history."""
        champion = str(record.get("champion_variant") or record["champion"])
        endpoint, mode = Names(self.prefix, run.model, run.run_id).endpoint, pipeline.deployment.mode
        watched = Watched(endpoint, champion, run.run_id, pipeline.rollout.metrics, mode)
        if not pipeline.deployment.swaps:
            return watched
        return replace(watched, swapped_at=live_since(record), alone_until=alone_until(record))

    def _collect(self, run: Run, record: Item, stage: int, watched: Watched) -> None:
        """Stores the periods that are complete now; those that are not are read again."""
        since = float(record.get("watermark", live_since(record)))
        until = self.clock() - self.lag_seconds
        if until <= since:
            return
        reading = self.reader.read(watched, since, until, stage, LATE_LAGS * self.lag_seconds)
        self.ledger.save_blocks(run.run_id, self._in_their_steps(record, reading.blocks))
        unknown = _added(_unknown(record), reading.unknown)
        changes: Item = {"watermark": str(max(since, reading.settled_until)), "unknown": json.dumps(unknown)}
        self.ledger.save_rollout(run.run_id, changes)

    def _in_their_steps(self, record: Item, blocks: Iterable[Block]) -> tuple[Block, ...]:
        """Each at the step that its period belongs to: metrics come late, and meanwhile the weights have changed."""
        trail = trail_of(record)
        return tuple(
            replace(each, stage=step_at(trail, float(each.block) + self.period_seconds)) for each in blocks
        )

    def _read_until(self, run: Run, record: Item, policy: RolloutPolicy, since: float) -> Mapping[str, float]:
        """To where the evidence of each metric could have been read, in seconds since the epoch."""
        live = float(record.get("watermark", since))
        told_by_labels = LABEL_ERROR, missing_metric(LABEL_ERROR)
        if not any(name in told_by_labels for name in policy.metrics):
            return dict.fromkeys(policy.metrics, live)
        labels = self.labels.read_until(run, record, policy)
        is_paired = any(metric.paired for metric in policy.metrics.values())
        return {name: labels if is_paired or name in told_by_labels else live for name in policy.metrics}


def _could_read_since(record: Item) -> float:
    """When evidence was read last, or, after a change of weights, could have been: nobody looks while it lasts."""
    served = [float(step["at"]) for step in trail_of(record)]
    return max(float(record.get("read_at", 0.0)), live_since(record), *served)


def _unknown(record: Item) -> dict[str, tuple[float, float]]:
    found = json.loads(str(record.get("unknown", "{}")))
    return {name: (float(old), float(new)) for name, (old, new) in found.items()}


def _added(
    known: Mapping[str, tuple[float, float]], more: tuple[Unknown, ...]
) -> dict[str, tuple[float, float]]:
    total = dict(known)
    for each in more:
        old, new = total.get(each.metric, (0.0, 0.0))
        total[each.metric] = (old + each.n0, new + each.n1)
    return total


def _said(error: Exception) -> str:
    """Our own words; of others' errors the name alone, since nobody knows what their text holds."""
    return str(error) if isinstance(error, SwitchyardError) else type(error).__name__
