"""State RestoreChampion: the one next thing on the way back."""

from switchyard.core.run import Run
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> None:
    wiring.restore_champion().restore(Run.from_dict(event["run"]), event["token"])
