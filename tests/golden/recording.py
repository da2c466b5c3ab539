"""Records a release: a world for every state in which an execution rests, the documents of every end, the machines."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.crash_points.scenarios import SCENARIOS, Scenario, empty, play
from tests.fakes import executions
from tests.fakes.asl import Execution
from tests.fakes.faults import Faults
from tests.fakes.installed import installed
from tests.fakes.world import World
from tests.golden.formats import Formats
from tests.golden.frozen import frozen, numbered_from
from tests.golden.taped import Taped

RELEASES = Path(__file__).parent / "releases"
MACHINES = Path(__file__).resolve().parents[2] / "statemachine"


@dataclass
class Moments(Faults):
    """Freezes the world whenever an execution comes to rest in a state for the first time."""

    scenario: str = ""
    seen: set[str] = field(default_factory=set)
    objects: dict[str, str] = field(default_factory=dict)
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    formats: Formats = field(default_factory=Formats)

    def entered(self, world: World, execution: Execution) -> None:
        super().entered(world, execution)
        self.formats.read(world)
        for each in world.executions.values():
            token = each.waiting.token if each.waiting else ""
            place = f"{each.machine}.{each.states[-1]}" if each.states else ""
            if each.status == "RUNNING" and token and place not in self.seen:
                self.seen.add(place)
                self.found[place] = {"scenario": self.scenario, **frozen(world, self.objects)}


def recorded() -> Moments:
    """Every scenario of the crash points, from an empty stack on."""
    moments = Moments()
    with taped(moments):
        for scenario in SCENARIOS:
            moments.scenario = scenario.name
            moments.formats.read(_played(scenario, moments))
    return moments


def _played(scenario: Scenario, moments: Moments) -> World:
    world = empty(moments, scenario.mode)
    if not scenario.is_first:
        with installed(world):
            world.upload(1)
            world.play()
    return play(world, scenario)


@contextmanager
def taped(moments: Moments) -> Iterator[None]:
    """Executions can be frozen, tokens are numbered from 1, and handlers' inputs are read."""
    handle = World.handle

    def read(world: World, name: str, document: Any) -> Any:
        moments.formats.message(f"input of {name}", document)
        return handle(world, name, document)

    with ExitStack() as stack:
        stack.enter_context(patch.object(executions, "Execution", Taped))
        stack.enter_context(patch.object(World, "handle", read))
        stack.enter_context(numbered_from(1))
        yield


def write(release: str) -> Path:
    """The release's folder, made anew."""
    folder, moments = RELEASES / release, recorded()
    for old in sorted(folder.glob("*/*")) if folder.exists() else ():
        old.unlink()
    for place, world in moments.found.items():
        _write(folder / "worlds" / f"{place}.json", world)
    _write(folder / "objects.json", moments.objects)
    _write(folder / "formats.json", moments.formats.found())
    for path in MACHINES.glob("*.asl.yaml"):
        (folder / "machines").mkdir(parents=True, exist_ok=True)
        (folder / "machines" / path.name).write_bytes(path.read_bytes())
    return folder


def _write(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
