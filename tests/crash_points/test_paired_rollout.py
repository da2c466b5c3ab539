"""A batch model earns its place on drops that both models scored, row by row, once labels say who was right."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.faults import Faults
from tests.fakes.installed import installed
from tests.fakes.world import World

ROWS = 120
METRICS = {"errors": {"margin": 0.3}, "label_error": {"margin": 0.1, "maturity_seconds": 600}}
DEADLINE = 7200.0


@pytest.fixture
def world() -> Iterator[World]:
    """A first batch model is live."""
    with installed(World(Faults())) as world:
        declare(world)
        world.upload(1)
        world.play()
        yield world


def declare(world: World, **rollout: Any) -> None:
    world.declare(
        rollout={"strategy": "paired", "metrics": METRICS, "deadline_seconds": DEADLINE, **rollout},
        deployment={"mode": "batch"},
    )


def until_rollout(world: World, seed: int) -> str:
    """A challenger waits for drops; its run id."""
    world.upload(seed)
    while not world.looks:
        assert world._go_on() or world._deliver() or world.control.settle()
    return str(world.ledger.active("digits"))


def go_on(world: World) -> None:
    """Whatever is due, without letting a look pass."""
    while world._go_on() or world._deliver() or world.control.settle():
        pass


def champion(world: World) -> str:
    found = world.ledger.champion("digits")
    return found.run_id if found else ""


def manifest(world: World) -> dict[str, Any]:
    [newest] = world.ledger.batches("digits")
    found: dict[str, Any] = json.loads(
        world.artifacts.read(
            f"{json.loads(str(newest['batch']))['model']}/batches/{str(newest['sk'])[6:]}/manifest.json"
        )
    )
    return found


def reason(world: World, run_id: str) -> str:
    return str((world.ledger.run_item("digits", run_id) or {})["reason"])


def test_the_first_model_takes_its_gates_alone(world: World) -> None:
    assert world.states() == {1: "PROMOTED"}
    assert world.control.endpoints == {}


def test_a_challenger_that_is_as_good_is_promoted_once_labels_have_come(world: World) -> None:
    before, challenger = champion(world), until_rollout(world, 2)
    world.drop_batch(9, ROWS)
    go_on(world)
    assert champion(world) == before
    world.label_batch(9, ROWS)
    world.play()
    assert champion(world) == challenger
    assert "harm beyond the margin is ruled out" in reason(world, challenger)
    assert world.control.endpoints == {}
    record = json.loads(world.artifacts.read(f"digits/decisions/{challenger}.json"))
    assert [(drop["source"], drop["rows"]) for drop in record["drops"]] == [
        ("s3://data/digits/batch/v9.csv", ROWS)
    ]
    assert {metric["name"] for metric in record["rollout"]["metrics"]} == {
        "errors",
        "label_error",
        "label_error_missing",
    }


def test_the_user_gets_the_champions_predictions_and_the_challengers_are_kept_apart(world: World) -> None:
    world.bad_live = {2}
    before, challenger = champion(world), until_rollout(world, 2)
    world.drop_batch(9, ROWS)
    go_on(world)
    said = manifest(world)
    assert (said["champion"], said["challenger"]) == (before, challenger)
    assert said["comparison"] == {"rows": ROWS, "lost": 0}
    folder = f"digits/batches/{said['batch_id']}"
    theirs = world.artifacts.read(f"{folder}/predictions/v9.csv.out")
    apart = world.artifacts.read(f"{folder}/challenger/predictions/v9.csv.out")
    assert theirs.splitlines()[:2] == apart.splitlines()[1:3] == [b"0.01", b"0.99"]


def test_a_challenger_that_is_worse_is_rolled_back(world: World) -> None:
    world.bad_live = {2}
    before, challenger = champion(world), until_rollout(world, 2)
    world.drop_batch(9, ROWS)
    go_on(world)
    world.label_batch(9, ROWS)
    world.play()
    assert world.states()[2] == "ROLLED_BACK"
    assert champion(world) == before
    assert f"label_error: the challenger is worse (challenger {ROWS} of {ROWS}" in reason(world, challenger)


def test_a_challenger_that_cannot_score_what_the_champion_scored_is_rolled_back_without_any_label(
    world: World,
) -> None:
    before, challenger = champion(world), until_rollout(world, 2)
    world.control.broken_jobs = {f"switchyard-{_drop_id(world, 9)}-rival"}
    go_on(world)
    assert manifest(world)["comparison"] == {"rows": ROWS, "lost": ROWS}
    world.play()
    assert (world.states()[2], champion(world)) == ("ROLLED_BACK", before)
    assert "errors: the challenger is worse" in reason(world, challenger)


def _drop_id(world: World, seed: int) -> str:
    world.drop_batch(seed, ROWS)
    while not world.ledger.batches("digits"):
        assert world._deliver()
    [item] = world.ledger.batches("digits")
    return str(item["sk"]).removeprefix("BATCH#")


def test_no_labels_leave_the_champion_and_say_so(world: World) -> None:
    before, challenger = champion(world), until_rollout(world, 2)
    world.drop_batch(9, ROWS)
    world.play()
    assert (world.states()[2], champion(world)) == ("INCONCLUSIVE", before)
    assert f"labels came in time for 0 of {ROWS} compared rows" in reason(world, challenger)


def test_labels_of_chosen_rows_alone_cannot_decide(world: World) -> None:
    _, challenger = champion(world), until_rollout(world, 2)
    world.drop_batch(9, ROWS)
    go_on(world)
    world.label_batch(9, ROWS // 2)
    world.play()
    assert world.states()[2] == "INCONCLUSIVE"
    assert "nobody knows which rows were left out" in reason(world, challenger)


def test_no_drop_at_all_is_inconclusive_at_the_deadline(world: World) -> None:
    before, challenger = champion(world), until_rollout(world, 2)
    world.play()
    assert (world.states()[2], champion(world)) == ("INCONCLUSIVE", before)
    assert "deadline" in reason(world, challenger) or "no row of" in reason(world, challenger)


def test_an_operator_goes_back_to_the_batch_model_before(world: World) -> None:
    before, challenger = champion(world), until_rollout(world, 2)
    world.drop_batch(9, ROWS)
    go_on(world)
    world.label_batch(9, ROWS)
    world.play()
    assert champion(world) == challenger
    run = world.ledger.run("digits", challenger).to_dict()
    world._start("restore", "back", {"run": run, "back": {"to": "", "reason": "complaints"}})
    world.play()
    assert (champion(world), world.control.endpoints) == (before, {})
    world.drop_batch(10)
    world.play()
    newest = max(world.ledger.batches("digits"), key=lambda item: str(item["started_at"]))
    assert json.loads(str(newest["batch"]))["champion"] == before


def test_several_drops_add_up(world: World) -> None:
    challenger = until_rollout(world, 2)
    for seed in (7, 8, 9):
        world.drop_batch(seed, 40)
        go_on(world)
        world.label_batch(seed, 40)
    world.play()
    assert champion(world) == challenger
    assert len([block for block in world.ledger.blocks(challenger) if block.metric == "label_error"]) == 3


def test_a_drop_before_the_rollout_is_scored_by_the_champion_alone(world: World) -> None:
    world.drop_batch(9, ROWS)
    go_on(world)
    said = manifest(world)
    assert (said["challenger"], "comparison" in said) == ("", False)


def test_a_column_can_name_the_rows(world: World) -> None:
    declare(world, id_column="b")
    challenger = until_rollout(world, 2)
    world.drop_batch(9, ROWS)
    go_on(world)
    lines = [json.dumps({"inferenceId": str(row), "label": row % 2}) for row in range(ROWS)]
    world.data.write("digits/labels/by-b.jsonl", "\n".join(lines).encode())
    world.play()
    assert champion(world) == challenger


def test_a_drop_without_that_column_is_scored_and_not_compared(world: World) -> None:
    declare(world, id_column="order")
    until_rollout(world, 2)
    world.drop_batch(9, ROWS)
    go_on(world)
    said = manifest(world)
    assert (said["state"], said["challenger"]) == ("SCORED", "")
    assert "there is no column 'order'" in said["files"][0]["uncompared"]


def test_an_operator_who_stops_it_leaves_the_champion(world: World) -> None:
    before = champion(world)
    until_rollout(world, 2)
    world.drop_batch(9, ROWS)
    go_on(world)
    world.abort()
    world.play()
    assert (world.states()[2], champion(world)) == ("ABORTED", before)
    assert world.ledger.compared("digits") == ""
