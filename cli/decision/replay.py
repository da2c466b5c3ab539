"""What the decision rule would have said: blocks of any number of rollouts, in the order in which they arrived."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from switchyard.core.evidence import Block, EvidenceError
from switchyard.core.policy import RolloutPolicy
from switchyard.rollout.rules.block_sums import BlockSums
from switchyard.rollout.rules.verdict import Outcome, Verdict, decide

_TEXT, _NUMBERS = ("rollout", "metric", "block"), ("stage", "n0", "s0", "n1", "s1")


@dataclass(frozen=True)
class Replayed:
    """One rollout: the verdict at the look that ended it (or the last look), and the block that look ended with."""

    rollout: str
    block: str
    looks: int
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """For programs; e-values beyond a float are given as null, their logarithms always."""
        return {
            "rollout": self.rollout,
            "verdict": str(self.verdict.outcome),
            "block": self.block,
            "requests": self.verdict.requests,
            "challenger_requests": self.verdict.challenger_requests,
            "looks": self.looks,
            "stage_allowed": self.verdict.stage_allowed,
            "reason": self.verdict.reason,
            "e_values": {
                m.name: {
                    "promote": _exponential(m.log_e_promote),
                    "rollback": _exponential(m.log_e_rollback),
                    "log_promote": m.log_e_promote,
                    "log_rollback": m.log_e_rollback,
                }
                for m in self.verdict.metrics
            },
        }


def _exponential(log_e: float) -> float | None:
    return math.exp(log_e) if log_e < 700 else None


def replay(lines: Iterable[str], policy: RolloutPolicy, *, steps_declared: bool = False) -> list[Replayed]:
    """Judge every rollout of an evidence log; one result a rollout, in order of first appearance.

    A look comes when the next block of a rollout begins (all metrics of a block are judged together) and at the end
    of the log. A line that was delivered before changes nothing. A log knows steps but not their weights: the split
    is checked only when the policy says what the steps are. Raises EvidenceError with line, field and reason.
    """
    if not steps_declared:
        policy = replace(policy, sample_ratio_alpha=0.0)
    rollouts: dict[str, _Rollout] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        name, block = _read(line, number)
        rollout = rollouts.setdefault(name, _Rollout(name, policy))
        try:
            rollout.receive(block)
        except EvidenceError as refused:
            raise EvidenceError(f"line {number}: {refused.field}", refused.reason) from None
    return [rollout.finish() for rollout in rollouts.values()]


class _Rollout:
    def __init__(self, name: str, policy: RolloutPolicy) -> None:
        self.name, self.policy, self.ledger = name, policy, BlockSums(policy)
        self.current, self.looks = "", 0
        self.news = False
        self.ended: Replayed | None = None

    def receive(self, block: Block) -> None:
        if not self.ledger.news(block) or self.ended:
            return
        if self.news and block.block != self.current:
            self._look()
        if not self.ended:
            self.ledger.post(block)
            self.current, self.news = block.block, True

    def _look(self) -> Replayed:
        self.looks += 1
        self.news = False
        verdict = decide(self.ledger.totals(), 0.0, self.policy)
        found = Replayed(self.name, self.current, self.looks, verdict)
        if verdict.outcome is not Outcome.CONTINUE:
            self.ended = found
        return found

    def finish(self) -> Replayed:
        return self.ended or self._look()


def _read(line: str, number: int) -> tuple[str, Block]:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as broken:
        raise EvidenceError(f"line {number}", f"is not JSON: {broken}") from None
    if not isinstance(data, dict):
        raise EvidenceError(f"line {number}", "must be a JSON object")
    missing = [name for name in (*_TEXT, *_NUMBERS) if name not in data]
    if missing:
        raise EvidenceError(f"line {number}: {missing[0]}", "is missing")
    try:
        return str(data["rollout"]), _block(data)
    except EvidenceError as refused:
        raise EvidenceError(f"line {number}: {refused.field}", refused.reason) from None


def _block(data: Mapping[str, Any]) -> Block:
    for name in _NUMBERS:
        if isinstance(data[name], bool) or not isinstance(data[name], int | float):
            raise EvidenceError(name, f"must be a number, got {data[name]!r}")
    for name in ("stage", "n0", "n1"):
        if not math.isfinite(data[name]) or data[name] != int(data[name]):
            raise EvidenceError(name, f"must be a whole number, 0 or more, got {data[name]!r}")
    stage, n0, n1 = (int(data[name]) for name in ("stage", "n0", "n1"))
    return Block(str(data["metric"]), str(data["block"]), stage, n0, data["s0"], n1, data["s1"])
