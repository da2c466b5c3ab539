"""What a rollout's bets are made on: the champion's own history, read once, before the first outcome counts.

A baseline that is off costs requests, never validity; the intra-block correlation is what keeps bursts of one model
from deciding. Both are frozen: a bet must stand before the outcomes it is made on, and every look must weigh alike.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from switchyard.config.pipeline_json import policy_from_json, policy_to_json
from switchyard.core.evidence import Block
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.policy import RolloutPolicy
from switchyard.core.ports import EvidenceReader, Watched
from switchyard.rollout.rules.block_sums import learn

LEAST_REQUESTS = 1_000  # fewer are no history: the declared baseline is the better guess
DECLARED = "as declared: the champion has no history of 1,000 requests"


@dataclass(frozen=True)
class Learning:
    """Freezes the policy of a rollout at its first look. history_seconds: how far back it reads; 0: not at all."""

    ledger: Ledger
    reader: EvidenceReader
    history_seconds: float

    def policy(
        self, run_id: str, watched: Watched, live_since: float, declared: RolloutPolicy
    ) -> RolloutPolicy:
        """The same one at every look of this rollout. live_since: until then the champion served alone."""
        if not self.history_seconds:
            return declared
        kept = self.ledger.policy(run_id)
        if kept is None:
            alone, since = replace(watched, challenger=""), live_since - self.history_seconds
            past = _enough(self.reader.read(alone, since, live_since, stage=0).blocks)
            learned = policy_to_json(learn(declared, past))
            kept = self.ledger.keep_policy(run_id, learned, _source(past))
        return policy_from_json(str(kept["policy"]))


def _enough(past: Sequence[Block]) -> list[Block]:
    """The blocks of those metrics that have a history."""
    counted: Counter[str] = Counter()
    for block in past:
        counted[block.metric] += block.n0
    return [block for block in past if counted[block.metric] >= LEAST_REQUESTS]


def _source(past: Sequence[Block]) -> str:
    parts = []
    for metric in sorted({block.metric for block in past}):
        own = [block for block in past if block.metric == metric]
        parts.append(f"{metric}: {sum(b.n0 for b in own):,} requests in {len(own):,} periods")
    return f"learned from the champion's history: {'; '.join(parts)}" if parts else DECLARED
