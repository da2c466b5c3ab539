"""The ledger: what became of every upload, who runs, who waits, what is live, what we wait for.

One table. Partition `MODEL#<model>`: UPLOAD#<id>, RUN#<run_id>, BATCH#<id>, ACTIVE, WAITING, CHAMPION, RETIRED,
REBUILT, FOUND, TRIGGER#<cause>, LABELS#<key>, COST#<month>#<run_id>, and the indexes of indexes.py. Partition
`WAIT#<resource>`: the tokens of whoever waits for that resource. Partition `ROLLOUT#<run_id>`: STATE, POLICY, a BLOCK#
item a block of evidence and a DROP# item a compared batch drop. Partition `CAPACITY`: one item a pool of instances.
Partition `LEDGER`: LOST, until a lost table is rebuilt, and NEXT, where a sweep broke off for want of time.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from switchyard.core.champion import Champion
from switchyard.core.ledger.batches import Batches
from switchyard.core.ledger.champions import Champions, champion_of
from switchyard.core.ledger.costs import Costs
from switchyard.core.ledger.instance_pools import Pools
from switchyard.core.ledger.rebuild_status import Rebuilds
from switchyard.core.ledger.records import sort_key
from switchyard.core.ledger.run_notes import Notes
from switchyard.core.ledger.trigger_notes import TriggerNotes
from switchyard.core.ledger.waits import Waits
from switchyard.core.ports import Clock, Item, Items


@dataclass(frozen=True)
class Arrival:
    """What is known of a model and of one of its uploads when a drop arrives, read together."""

    is_rebuilt: bool
    champion: Champion | None
    upload: Item | None


class Ledger(Notes, Batches, Champions, TriggerNotes, Waits, Pools, Rebuilds):
    """Records and the conditions under which they may change; each part stands in a file of its own."""

    def __init__(self, items: Items, clock: Clock) -> None:
        super().__init__(items, clock)
        self.costs = Costs(items)

    def arrival(self, model: str, upload_id: str) -> Arrival:
        keys = ("REBUILT", "CHAMPION", sort_key("UPLOAD#", upload_id))
        rebuilt, champion, upload = self._together(model, keys)
        return Arrival(rebuilt is not None, champion_of(champion), upload)


def ended_at(item: Item) -> float:
    """When a run or a batch drop ended, in seconds since the epoch; infinite for one that has not."""
    text = str(item.get("ended_at", ""))
    return datetime.fromisoformat(text).timestamp() if text else math.inf
