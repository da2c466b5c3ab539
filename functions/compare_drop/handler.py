"""State CompareDrop: what the challenger in rollout made of a drop joins the evidence, for labels to judge."""

from switchyard.core.batch_drop import Batch
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.batch import transform_drop


@entry
def handler(event: Event) -> dict[str, int]:
    """The whole state's input: `trouble` is there when the challenger's job ended badly, or never ran."""
    return transform_drop().compare(Batch.from_dict(event["batch"]), event.get("trouble") or {})
