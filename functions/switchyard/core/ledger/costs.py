"""What was spent, by model and month: one item a run, so that however often a run is settled it counts once.

In the ledger's table, partition `MODEL#<model>`: COST#<month>#<run_id>, first reserved, then settled.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

from switchyard.core.ports import Item, Items

RESERVED, SETTLED = "reserved", "settled"


@dataclass(frozen=True)
class Entry:
    """usd: US dollars, estimated while it is reserved."""

    run_id: str
    usd: float
    kind: str


@dataclass(frozen=True)
class Costs:
    """Two runs of one model never run at once, so nothing is read and written back: the sum is over the items."""

    items: Items

    def put(self, model: str, month: str, entry: Entry) -> None:
        """Instead of what stood there for this run in this month."""
        item: Item = {"pk": f"MODEL#{model}", "sk": f"COST#{month}#{entry.run_id}"}
        self.items.put({**item, "usd": f"{entry.usd:.6f}", "kind": entry.kind})

    def forget(self, model: str, month: str, run_id: str) -> None:
        """A reservation of a run that did not start; what is settled stays."""
        self.items.delete(f"MODEL#{model}", f"COST#{month}#{run_id}", expected={"kind": RESERVED})

    def entries(self, model: str, month: str) -> list[Entry]:
        prefix = f"COST#{month}#"
        found = self.items.query(f"MODEL#{model}", prefix)
        return [
            Entry(str(item["sk"]).removeprefix(prefix), float(item["usd"]), str(item["kind"]))
            for item in found
        ]


def spent(entries: Iterable[Entry], besides: str = "") -> float:
    """The month's sum, without the run that is asked about."""
    return fsum(entry.usd for entry in entries if entry.run_id != besides)
