"""Looking at the evidence, once a window, until it asks for an action.

The look is a queue message that comes back after every window (its visibility timeout) until it is done: no schedule,
no poll loop in the state machine, and nothing is lost when a look fails, since the message returns anyway.
"""

import json
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from switchyard.config.pipeline_json import policy_from_json
from switchyard.config.snapshot import Snapshots
from switchyard.core.evidence import Evidence
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.rollouts import trail_of
from switchyard.core.ledger.waits import Wait
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import RolloutPolicy
from switchyard.core.ports import Clock, Control, Item, Looks, Tokens
from switchyard.core.run import Run, RunState
from switchyard.rollout.rules.endpoint_check import amiss
from switchyard.rollout.rules.next_action import (
    Action,
    Hold,
    Promote,
    Restore,
    RolloutState,
    ShiftTraffic,
    next_action,
    taking_bursts_in_full,
    unless_worse,
)
from switchyard.rollout.rules.steering import Steering, steered
from switchyard.rollout.rules.verdict import Outcome, Verdict, judge
from switchyard.rollout.window_evidence import WindowEvidence

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
    control: Control
    evidence: WindowEvidence
    tokens: Tokens
    looks: Looks
    clock: Clock

    def begin(self, run: Run, stage: int, token: str) -> None:
        """Called by the state, when what this step needs serves: from now on somebody looks."""
        self._note_serving(run, stage)
        self.ledger.save_wait(Wait(f"rollout/{run.run_id}", "JudgeWindow", token, {}, {"stage": stage}))
        self.looks.schedule(run.model, run.run_id, lap_of(token))

    def _note_serving(self, run: Run, stage: int) -> None:
        """Time runs from having, not from asking: the challenger's share is what it is from now on. Once a step: a lap
        comes here again.
        """
        record, now = self.ledger.rollout(run.run_id), self.clock()
        if record is None or int(record.get("serving_stage", -1)) == stage:
            return
        trail = trail_of(record)
        if trail and trail[-1]["stage"] == stage:
            trail[-1]["at"] = now
        changes: Item = {"live_since": str(record.get("live_since", now)), "trail": json.dumps(trail)}
        self.ledger.save_rollout(run.run_id, {**changes, "serving_stage": stage})

    def look(self, model: str, run_id: str, lap: str = "") -> bool:
        """One look; True when nobody waits for this rollout any more, or another lap does, which has a look of its own.
        lap: of which wait; "": of any.
        """
        waits = self.ledger.waits(f"rollout/{run_id}")
        record = self.ledger.rollout(run_id)
        if not waits or record is None or lap not in ("", lap_of(waits[0].token)):
            return True
        wait, run = waits[0], self.ledger.run(model, run_id)
        pipeline = self.snapshots.pipeline(run)
        stage = int(wait.result["stage"])
        verdict = self._verdict(run, record, stage, pipeline)
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

    def _verdict(self, run: Run, record: Item, stage: int, pipeline: Pipeline) -> Verdict:
        """Of the endpoint first: evidence of one that is not what this rollout made says nothing."""
        harm = self._amiss(run, record, stage, pipeline)
        if harm:
            broken = Evidence(self.ledger.blocks(run.run_id), stage, 0.0)
            verdict = judge(broken, self._policy(run, pipeline))
            return replace(verdict, outcome=Outcome.INCONCLUSIVE, reason=harm, stage_allowed=0)
        evidence, policy = self.evidence.gather(run, record, stage, pipeline)
        verdict = judge(evidence, policy)
        if isinstance(next_action(RolloutState(stage), verdict, policy), ShiftTraffic | Promote):
            newest = self.evidence.newest(run, self.ledger.rollout(run.run_id) or record, stage, pipeline)
            return unless_worse(verdict, judge(Evidence(newest, stage, 0.0), taking_bursts_in_full(policy)))
        return verdict

    def _policy(self, run: Run, pipeline: Pipeline) -> RolloutPolicy:
        kept = self.ledger.policy(run.run_id)
        return policy_from_json(str(kept["policy"])) if kept else pipeline.rollout

    def _amiss(self, run: Run, record: Item, stage: int, pipeline: Pipeline) -> str:
        """What somebody did to the live endpoint; "" when it is what the rollout made of it. Read twice: one answer may
        be of before the last change.
        """
        if pipeline.paired:
            return ""
        names, weights = Names(self.prefix, run.model, run.run_id), {}
        config = names.full_config
        if not pipeline.deployment.swaps:
            share = float(pipeline.rollout.steps[stage])
            champion = str(record.get("champion_variant") or record["champion"])
            config, weights = names.canary_config, {champion: FULL - share, run.run_id: share}
        found = ""
        for _ in range(2):
            found = amiss(self.control.describe_endpoint(names.endpoint), names.endpoint, config, weights)
            if not found:
                return ""
        return f"{found}; the champion takes everything back"

    def _note(self, run_id: str, stage: int, verdict: Verdict) -> None:
        metrics = [asdict(metric) for metric in verdict.metrics]
        seen = {"at": self.clock(), "stage": stage, "outcome": verdict.outcome, "reason": verdict.reason}
        counts = {"requests": verdict.requests, "challenger_requests": verdict.challenger_requests}
        self.ledger.save_rollout(run_id, {"verdict": json.dumps({**seen, **counts, "metrics": metrics})})


def lap_of(token: str) -> str:
    """Names a wait in a message without giving its token away."""
    return sha256(token.encode()).hexdigest()[:16]


def _said(by_hand: str, verdict: Verdict) -> str:
    """The reason of a move: the evidence's, or a person's beside what the evidence said by then."""
    return f"by hand: {by_hand}; the evidence said: {verdict.reason}" if by_hand else verdict.reason


def _answer(action: Action, verdict: Verdict, pipeline: Pipeline) -> dict[str, Any]:
    """What WhatAction branches on, and what a person reads beside it."""
    swaps = pipeline.deployment.swaps
    against = HISTORY if swaps and verdict.outcome in (Outcome.ROLLBACK, Outcome.PROMOTE) else ""
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
