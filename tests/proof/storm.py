"""The line on a storm of events: uploads of many models, whose events come twice, in another order, or not at all."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.checks import Check
from tests.crash_points.promises import TERMINAL
from tests.fakes.faults import Faults
from tests.fakes.installed import installed
from tests.fakes.messages import created
from tests.fakes.turns import QUEUED, Event
from tests.fakes.world import World, dataset
from tests.proof.line import Size

MODELS = 20
TWICE, REORDERED, DROPPED = 0.20, 0.10, 0.02  # shares of all events
OVERTAKEN = 0.25  # of those that others wait behind
LOST = 0.25  # of those that are delivered as best effort
REPEATED = 0.03  # of uploads: an earlier one's content
MOST_AT_ONCE = 12
PATIENCE = 0.9  # of a turn at which something is under way: nothing is dropped
TURNS = 100_000


@dataclass
class StormFaults(Faults):
    """Events arrive twice or, where they are delivered as best effort, not at all. S3 delivers at least once."""

    chance: random.Random = field(default_factory=random.Random)
    counted: Counter[str] = field(default_factory=Counter)

    def arrivals(self, name: str) -> int:
        self.counted["events"] += 1
        if name not in QUEUED and self.chance.random() < LOST:
            self.counted["dropped"] += 1
            return 0
        is_twice = self.chance.random() < TWICE
        self.counted["twice"] += is_twice
        return 2 if is_twice else 1


class StormWorld(World):
    """One model's world, in which some events overtake others."""

    faults: StormFaults

    def _deliver(self) -> bool:
        if len(self.events) > 1 and self.faults.chance.random() < OVERTAKEN:
            self.events.append(self.events.pop(0))
            self.faults.counted["reordered"] += 1
        return super()._deliver()


@dataclass
class Uploader:
    """Drops so many datasets, some at once, whenever it is its turn; a few have the content of an earlier one."""

    world: StormWorld
    left: int
    contents: list[int] = field(default_factory=list)

    def __call__(self) -> bool:
        chance = self.world.faults.chance
        if not self.left or (self._is_busy() and chance.random() < PATIENCE):
            return False
        many = min(self.left, chance.randint(1, MOST_AT_ONCE))
        self.left -= many
        for _ in range(many):
            self._drop(chance)
        return True

    def _is_busy(self) -> bool:
        running = (each.status == "RUNNING" for each in self.world.executions.values())
        return bool(self.world.events) or any(running)

    def _drop(self, chance: random.Random) -> None:
        number = len(self.contents) + 1
        is_repeat = bool(self.contents) and chance.random() < REPEATED
        self.contents.append(chance.choice(self.contents) if is_repeat else number)
        self.world.clock.pass_(1)
        key = f"digits/train/v{number}.csv"
        self.world.data.write(key, dataset(self.contents[-1]).encode())
        self.world.events.append(Event("admit_dataset", created(key)))


def storm(size: Size) -> Iterator[Check]:
    """As many events as the size says, of twenty models."""
    counted, wrong = Counter[str](), Counter[str]()
    for model in range(MODELS):
        world, contents = _played(model, size.events // MODELS)
        counted += world.faults.counted
        wrong.update(_wrong(world, contents))
    yield Check("events of a storm", counted["events"], at_least=size.events)
    for what, share in (("twice", TWICE), ("reordered", REORDERED), ("dropped", DROPPED)):
        yield Check(f"of them {what}, share", counted[what] / counted["events"], at_least=0.9 * share)
    yield Check("uploads without exactly one record that has ended", wrong["records"], at_most=0)
    yield Check("datasets that were trained on twice", wrong["trained twice"], at_most=0)
    yield Check("models that are not trained on their newest data", wrong["not the newest"], at_most=0)


def _played(seed: int, uploads: int) -> tuple[StormWorld, list[int]]:
    world = StormWorld(StormFaults(chance=random.Random(seed)))  # noqa: S311
    uploader = Uploader(world, uploads)
    world.people, world.most_turns = [uploader], TURNS
    with installed(world):
        world.play()
    return world, uploader.contents


def _wrong(world: StormWorld, contents: list[int]) -> Iterator[str]:
    sources = Counter(str(upload["source"]) for upload in world.ledger.uploads("digits"))
    states = world.states()
    for number in range(1, len(contents) + 1):
        source = world.data.uri(f"digits/train/v{number}.csv")
        if sources[source] != 1 or states[number] not in TERMINAL:
            yield "records"
    trained = Counter(_digest(world, job) for job in world.control.jobs)
    yield from ("trained twice" for times in trained.values() if times > 1)
    if states[len(contents)] != "PROMOTED":
        yield "not the newest"


def _digest(world: StormWorld, job: str) -> str:
    return world.ledger.run("digits", job.removeprefix("switchyard-")).digest
