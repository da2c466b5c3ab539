"""What the days of tests/contract do again and again: play a run, break SageMaker, capture a request."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime

from tests.contract.aws import RecordedWorld
from tests.fakes.turns import ENDPOINT
from tests.fakes.world import dataset


def run(world: RecordedWorld, *seeds: int) -> None:
    for seed in seeds:
        world.upload(seed)
    world.play()


class Ending(set[str]):
    """All configs of challengers that end so."""

    def __init__(self, ending: str, champion: str = "none") -> None:
        super().__init__()
        self.ending, self.champion = ending, champion

    def __contains__(self, config: object) -> bool:
        return str(config).endswith(self.ending) and self.champion not in str(config)


class Every(set[str]):
    """All jobs."""

    def __contains__(self, _: object) -> bool:
        return True


def names_of(world: RecordedWorld, seed: int) -> list[str]:
    content = hashlib.sha256(dataset(seed).encode()).hexdigest()
    return [f"digits-{hashlib.sha256(content.encode()).hexdigest()[:12]}"]


def jobs(world: RecordedWorld) -> list[str]:
    control = world.control
    return [*control.jobs, *control.tunings, *control.processings, *control.transforms]


def capture_now(world: RecordedWorld, variant: str) -> None:
    """A captured request of this moment, as S3 dates it."""
    now = datetime.now(UTC)
    about = {"eventId": "e", "inferenceId": "a", "inferenceTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    output = {"observedContentType": "text/csv", "mode": "OUTPUT", "data": "0.9", "encoding": "CSV"}
    record = {"captureData": {"endpointOutput": output}, "eventMetadata": about, "eventVersion": "0"}
    key = f"_capture/{ENDPOINT}/{variant}/{now:%Y/%m/%d/%H/%M-%S}-000-a.jsonl"
    world.artifacts.write(key, json.dumps(record).encode())


def at_once(world: RecordedWorld) -> None:
    """Whatever is asked of SageMaker is done, or has failed, before anybody looks."""
    for name in (
        "ensure_processing",
        "ensure_dataset_job",
        "ensure_transform",
        "ensure_tuning",
        "ensure_training",
        "ensure_endpoint",
        "set_weights",
        "delete_endpoint",
    ):
        setattr(world.control, name, _settling(world, getattr(world.control, name)))


def _settling(world: RecordedWorld, real: Callable[..., None]) -> Callable[..., None]:
    def settled(*arguments: object, **named: object) -> None:
        real(*arguments, **named)
        world.control.settle()

    return settled
