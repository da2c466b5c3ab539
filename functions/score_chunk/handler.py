"""State ScoreChunk: one range of holdout rows through both models."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.evaluation import score_chunk


@entry
def handler(event: Event) -> dict[str, str]:
    run = Run.from_dict(event["run"])
    return score_chunk().score(run, event["prepared"]["schema"], event["alpha"], event["chunk"])
