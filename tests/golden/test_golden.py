"""An upgrade under running runs: what a release has begun, this code ends; what it wrote, this code reads.

tests/golden/releases has a folder a release, which is never changed once the version is out (docs/deploy-to-aws.md,
"Upgrade"). What this code writes is what the newest folder says; otherwise it needs a new one.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cli.records.ledger import lines
from cli.report.as_json import report_of
from cli.report.facts import Sources
from cli.report.page import render
from tests.asl.machine import Machine
from tests.crash_points.promises import broken
from tests.crash_points.scenarios import SCENARIOS, Scenario, people
from tests.fakes.installed import installed
from tests.fakes.world import World
from tests.golden.__main__ import version
from tests.golden.frozen import FIRST_NEW_TOKEN, numbered_from, restored_world
from tests.golden.recording import MACHINES, RELEASES, recorded
from tests.statemachine.definitions import MACHINES as NAMES
from tests.statemachine.definitions import definition

Formats = dict[str, dict[str, list[str]]]
ADVICE = (
    "if that is meant, record it by `python -m tests.golden`: beside the folders of releases, which stay, and which "
    "this code has to read (docs/deploy-to-aws.md, Upgrade)"
)
BY_NAME = {each.name: each for each in SCENARIOS}
FILES = sorted(RELEASES.glob("*/worlds/*.json"))


@cache
def machines(release: Path) -> dict[str, Any]:
    """The definitions that its executions go on with."""
    arns = {each: each for each in NAMES}
    return {name: json.loads(definition(name, arns, release / "machines")) for name in NAMES}


@cache
def objects(release: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((release / "objects.json").read_text())
    return found


def world_of(path: Path) -> tuple[World, Scenario]:
    kept, release = json.loads(path.read_text()), path.parents[1]
    return restored_world(kept, objects(release), machines(release)), BY_NAME[kept["scenario"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name} {path.stem}")
def test_a_run_that_an_older_release_began_ends_as_it_would_have(path: Path) -> None:
    with numbered_from(FIRST_NEW_TOKEN):
        world, scenario = world_of(path)
        world.people = people(world, scenario)
        with installed(world):
            world.play()
    assert broken(world, scenario, was_aborted=False) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parents[1].name} {path.stem}")
def test_a_report_is_made_of_what_an_older_release_wrote(path: Path) -> None:
    world, _ = world_of(path)
    items = [{name: str(value) for name, value in item.items()} for item in world.items.rows.values()]
    told = lines([item for item in items if item["pk"].startswith("MODEL#")])
    facts = [Sources(world.artifacts, world.ledger).facts(line) for line in told]
    assert all("<html" in render(each) and report_of(each) for each in facts)
    assert {each.run_id for each in facts} >= {str(run["run_id"]) for run in world.ledger.runs("digits")}


@pytest.mark.parametrize("release", sorted(RELEASES.iterdir()), ids=lambda folder: str(folder.name))
def test_a_lost_ledger_is_rebuilt_from_the_decision_records_of_an_older_release(release: Path) -> None:
    world, _ = world_of(release / "worlds/rollout.PromoteChallenger.json")
    champion, world.executions = world.ledger.champion("digits"), {}
    world.items.rows.clear()
    with installed(world):
        world.handle("sweep", {"ledger_lost": True})
    assert champion is not None
    assert world.ledger.champion("digits") == champion


# what this code writes


def newest() -> Path:
    return RELEASES / version()


def test_what_is_written_is_what_the_newest_golden_folder_says() -> None:
    """A format that changes needs a new folder: the old ones stay, so that what they hold stays readable."""
    said = json.loads((newest() / "formats.json").read_text())
    found = recorded().formats.found()
    assert differences(said, found) == [], ADVICE


def differences(said: Formats, found: Formats) -> list[str]:
    """Members that are there on one side alone, or of another type."""
    places = {
        (kind, member) for each in (said, found) for kind, members in each.items() for member in members
    }
    pairs = ((place, _types(said, *place), _types(found, *place)) for place in sorted(places))
    return [f"{kind}: {member}: {was} -> {now}" for (kind, member), was, now in pairs if was != now]


def _types(formats: Formats, kind: str, member: str) -> str:
    return " or ".join(formats.get(kind, {}).get(member, ["nothing"]))


def test_a_member_that_goes_comes_or_changes_its_type_is_told() -> None:
    before, after = {"x": {".a": ["int"], ".b": ["str"]}}, {"x": {".a": ["str"], ".c": ["int"]}}
    assert differences(before, after) == [
        "x: .a: int -> str",
        "x: .b: str -> nothing",
        "x: .c: nothing -> int",
    ]


def test_the_machines_are_those_of_the_newest_golden_folder() -> None:
    for path in MACHINES.glob("*.asl.yaml"):
        assert (newest() / "machines" / path.name).read_text() == path.read_text(), ADVICE


def test_every_state_in_which_an_execution_rests_has_a_world() -> None:
    resting = {
        f"{name}.{state}"
        for name in NAMES
        for state, said in Machine.read(MACHINES / f"{name}.asl.yaml").states()
        if str(said.get("Resource", "")).endswith(".waitForTaskToken")
    }
    assert {path.stem for path in (newest() / "worlds").glob("*.json")} == resting, ADVICE


# and back: what a newer release wrote


@pytest.mark.parametrize("place", ["retrain.StartTuning", "rollout.ShiftTraffic", "transform.TransformDrop"])
def test_members_of_a_newer_release_are_left_alone_when_the_stack_goes_back(place: str) -> None:
    with numbered_from(FIRST_NEW_TOKEN):
        world, scenario = world_of(newest() / "worlds" / f"{place}.json")
        _add_members(world)
        world.people = people(world, scenario)
        with installed(world):
            world.play()
    assert broken(world, scenario, was_aborted=False) == []


def _add_members(world: World) -> None:
    """To every document in ledger and artifact bucket, what they list, and every part of a frozen pipeline.yaml."""
    for item in world.items.rows.values():
        item |= {name: _more(value) for name, value in item.items() if isinstance(value, str)}
        item["newer"] = "1"
    for key, (body, at) in world.artifacts.objects.items():
        if key.endswith(".json"):
            world.artifacts.objects[key] = (
                _more(body.decode(), parts=key.endswith(".pipeline.json")).encode(),
                at,
            )


def _more(text: str, parts: bool = False) -> str:
    document = json.loads(text) if text.startswith(("{", "[")) else None
    if not document:
        return text
    named = ("training", "evaluation", "approval", "deployment", "rollout", "budget", "tuning", "network")
    records = [document, *(document[name] for name in named if parts and document[name])]
    for each in (*records, *_listed(document)):
        if isinstance(each, dict):
            each["newer"] = {"of": 1}
    return json.dumps(document)


def _listed(document: Any) -> list[Any]:
    """Everything that is in a list, however deep: what documents have many of."""
    if isinstance(document, dict):
        return [found for each in document.values() for found in _listed(each)]
    return (
        [*document, *(found for each in document for found in _listed(each))]
        if isinstance(document, list)
        else []
    )
