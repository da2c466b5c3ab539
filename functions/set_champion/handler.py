"""State SetChampion: an operator's way back to a champion of before."""

from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.rollout import set_champion


@entry
def handler(event: Event) -> dict[str, str]:
    """`back`: {"to": run id or "", "reason": text}. asked: the execution's ARN; an older machine does not send it."""
    back, asked = event["back"], str(event.get("asked", "")).rpartition(":")[2]
    return set_champion().go_back(event["run"]["model"], str(back["to"]), str(back["reason"])[:500], asked)
