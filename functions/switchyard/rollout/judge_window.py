"""Looking at the evidence, once a window, until it asks for an action.

The look is a queue message that comes back after every window (its visibility timeout) until it is done: no schedule,
no poll loop in the state machine, and nothing is lost when a look fails, since the message returns anyway.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from switchyard.config.snapshot import Snapshots
from switchyard.core.evidence import Block, Evidence
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.waits import Wait
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import RolloutPolicy
from switchyard.core.ports import Clock, EvidenceReader, Item, Looks, Tokens, Watched
from switchyard.core.run import Run, RunState
from switchyard.labels.windows import LabelWindows
from switchyard.rollout.champion_history import Learning
from switchyard.rollout.rules.next_action import (
    Action,
    Hold,
    Promote,
    Restore,
    RolloutState,
    ShiftTraffic,
    next_action,
)
from switchyard.rollout.rules.steering import Steering, steered
from switchyard.rollout.rules.verdict import Outcome, Verdict, judge

FULL = 100
HISTORY = (
    "; the champion's counts are its history before the swap: a change of the traffic itself shows here too"
)


@dataclass(frozen=True)
class JudgeWindow:
    """JudgeWindow: as a state it leaves its token, as a queue consumer it looks."""

    prefix: str
    ledger: Ledger
    snapshots: Snapshots
    reader: EvidenceReader
    labels: LabelWindows
    tokens: Tokens
    looks: Looks
    clock: Clock
    lag_seconds: float
    history_seconds: float = 0.0

    def begin(self, run: Run, stage: int, token: str) -> None:
        """Called by the state: from now on somebody looks."""
        self.ledger.save_wait(Wait(f"rollout/{run.run_id}", "JudgeWindow", token, {}, {"stage": stage}))
        self.looks.schedule(run.model, run.run_id)

    def look(self, model: str, run_id: str) -> bool:
        """One look; True when nobody waits for this rollout any more."""
        waits = self.ledger.waits(f"rollout/{run_id}")
        record = self.ledger.rollout(run_id)
        if not waits or record is None:
            return True
        wait, run = waits[0], self.ledger.run(model, run_id)
        pipeline = self.snapshots.pipeline(run)
        stage = int(wait.result["stage"])
        verdict = self._judge(run, record, stage, pipeline)
        state, policy = RolloutState(stage), pipeline.rollout
        action = steered(
            next_action(state, verdict, policy), state, policy, Steering.last_of(self.ledger.orders(run_id))
        )
        self._note(run_id, stage, verdict)
        if isinstance(action, Hold):
            return False
        self.tokens.succeed(wait.token, _answer(action, verdict, pipeline))
        self.ledger.end_wait(wait)
        return True

    def _judge(self, run: Run, record: Item, stage: int, pipeline: Pipeline) -> Verdict:
        elapsed = self.clock() - float(record["started_at"])
        policy, unavailable = pipeline.rollout, ""
        try:
            if not pipeline.paired:  # of a batch model nothing is measured live: drops and labels say it all
                policy = self._read(run, record, stage, pipeline)
            self.labels.ask(run, record, policy)
            self.ledger.save_rollout(run.run_id, {"read_at": str(self.clock())})
        except Exception as error:
            silent = self.clock() - float(record.get("read_at", record["started_at"]))
            if silent < pipeline.rollout.silence_seconds:
                raise  # the look comes back after a window; only silence that lasts is a verdict
            unavailable = f"{type(error).__name__} for {silent:.0f} s"
        blocks = self.ledger.blocks(run.run_id)
        unavailable = unavailable or self.labels.objection(blocks, policy)
        return judge(Evidence(blocks, stage, elapsed, unavailable), policy)

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
        return learning.policy(run.run_id, watched, float(record["started_at"]), declared)

    def _watched(self, run: Run, record: Item, pipeline: Pipeline) -> Watched:
        """After a swap, the champion's part is its own history."""
        champion = str(record.get("champion_variant") or record["champion"])
        swapped_at = float(record["started_at"]) if pipeline.deployment.swaps else None
        endpoint, mode = Names(self.prefix, run.model, run.run_id).endpoint, pipeline.deployment.mode
        return Watched(endpoint, champion, run.run_id, pipeline.rollout.metrics, mode, swapped_at)

    def _collect(self, run: Run, record: Item, stage: int, watched: Watched) -> None:
        """Stores the periods that have become final since the last look."""
        since = float(record.get("watermark", record["started_at"]))
        until = self.clock() - self.lag_seconds
        if until <= since:
            return
        blocks = self.reader.blocks(watched, since, until, stage)
        self.ledger.save_blocks(run.run_id, blocks)
        if blocks:
            self.ledger.save_rollout(run.run_id, {"watermark": str(_newest(blocks))})

    def _note(self, run_id: str, stage: int, verdict: Verdict) -> None:
        metrics = [asdict(metric) for metric in verdict.metrics]
        seen = {"at": self.clock(), "stage": stage, "outcome": verdict.outcome, "reason": verdict.reason}
        counts = {"requests": verdict.requests, "challenger_requests": verdict.challenger_requests}
        self.ledger.save_rollout(run_id, {"verdict": json.dumps({**seen, **counts, "metrics": metrics})})


def _newest(blocks: list[Block]) -> float:
    return max(float(block.block) for block in blocks)


def _said(by_hand: str, verdict: Verdict) -> str:
    """The reason of a move: the evidence's, or a person's beside what the evidence said by then."""
    return f"by hand: {by_hand}; the evidence said: {verdict.reason}" if by_hand else verdict.reason


def _answer(action: Action, verdict: Verdict, pipeline: Pipeline) -> dict[str, Any]:
    """What WhatAction branches on, and what a person reads beside it."""
    swaps = pipeline.deployment.swaps
    against = HISTORY if swaps else ""
    match action:
        case ShiftTraffic(stage=stage, weight=weight, by_hand=why):
            return {
                "kind": "shift",
                "stage": stage,
                "weight": round(weight * 100, 6),
                "reason": _said(why, verdict),
            }
        case Promote(by_hand=why):
            return {
                # After a swap everything is the challenger's already, and a batch model has no traffic at all.
                "kind": "keep" if swaps or pipeline.paired else "promote",
                "stage": verdict.stage_allowed,
                "weight": FULL,
                "reason": _said(why, verdict) + against,
            }
        case Restore(reason=reason):
            state = RunState.ROLLED_BACK if verdict.outcome is Outcome.ROLLBACK else RunState.INCONCLUSIVE
            return {"kind": "restore", "state": state.value, "reason": reason + against}
        case Hold():
            raise AssertionError("a hold is never answered")
