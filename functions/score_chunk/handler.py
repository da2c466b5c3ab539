"""State ScoreChunk: one range of holdout rows through both models."""

from switchyard.core.run import Run
from switchyard.runtime import wiring
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry


@entry
def handler(event: Event) -> dict[str, str]:
    run = Run.from_dict(event["run"])
    return wiring.score_chunk().score(run, event["prepared"]["schema"], event["alpha"], event["chunk"])
