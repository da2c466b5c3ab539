"""State RestoreChampion: the one next thing on the way back."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.rollout import restore_champion


@entry
def handler(event: Event) -> None:
    restore_champion().restore(Run.from_dict(event["run"]), event["token"])
