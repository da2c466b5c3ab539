"""Each promise of the protocol by itself, so that a rule that is taken out is missed at once, by the name of what it
was for. tests/mutants takes them out, one by one.
"""

from collections.abc import Callable
from typing import Any

import pytest

from switchyard.core.errors import ChampionChangedError, MismatchError, RunEndedError
from switchyard.core.evidence import Block
from switchyard.core.ledger.waits import Wait
from switchyard.core.names import Names
from switchyard.core.ports import Execution
from switchyard.core.run import Run, RunState
from tests.crash_points.test_crash_points import SCENARIOS, broken, moments, played, struck
from tests.fakes.faults import Died, Faults
from tests.fakes.installed import installed
from tests.fakes.stations import PREFIX, Stations, csv_of
from tests.fakes.world import World

MODEL = "MODEL#digits"


@pytest.fixture
def stations() -> Stations:
    stations = Stations()
    stations.has_pipeline()
    return stations


def meanwhile(stations: Stations, key: tuple[str, str], does: Callable[[], Any]) -> None:
    """Somebody else does something after the next read of this item."""
    read = stations.items.get

    def then(pk: str, sk: str) -> Any:
        found = read(pk, sk)
        if (pk, sk) == key:
            stations.items.get = read  # type: ignore[method-assign]
            does()
        return found

    stations.items.get = then  # type: ignore[method-assign]


def other(number: int) -> Run:
    return Run("digits", f"digits-{number:012d}", "0" * 64, f"s3://data/digits/train/v{number}.csv", "x/")


# conditions of writes


def test_a_place_that_is_held_is_not_taken(stations: Stations) -> None:
    assert stations.ledger.acquire("digits", "first")
    assert not stations.ledger.acquire("digits", "second")
    assert stations.ledger.active("digits") == "first"


def test_a_place_is_given_back_by_nobody_but_its_holder(stations: Stations) -> None:
    stations.ledger.acquire("digits", "first")
    stations.ledger.release("digits", "second")
    assert stations.ledger.active("digits") == "first"


def test_a_run_that_was_superseded_meanwhile_does_not_start(stations: Stations) -> None:
    run = other(1)
    stations.ledger.create_run(run, 1.0)
    meanwhile(
        stations,
        (MODEL, run.record),
        lambda: stations.items.update(MODEL, run.record, {"state": "SUPERSEDED"}),
    )
    assert stations.ledger.set_state("digits", run.run_id, RunState.RUNNING) is RunState.SUPERSEDED


def test_a_run_that_started_is_never_superseded(stations: Stations) -> None:
    run = stations.a_run()
    assert stations.ledger.set_state("digits", run.run_id, RunState.SUPERSEDED) is RunState.RUNNING


def test_what_has_ended_stays_as_it_ended(stations: Stations) -> None:
    run = stations.a_run()
    stations.ledger.set_state("digits", run.run_id, RunState.REJECTED, "worse")
    assert stations.ledger.set_state("digits", run.run_id, RunState.FAILED) is RunState.REJECTED


def test_a_token_that_came_meanwhile_is_not_forgotten_with_the_old_one(stations: Stations) -> None:
    old = stations.ledger.save_wait(Wait("endpoint/e", "key", "old"))
    stations.ledger.save_wait(Wait("endpoint/e", "key", "new"))
    stations.ledger.end_wait(old)
    assert [wait.token for wait in stations.ledger.waits("endpoint/e")] == ["new"]


def test_a_waiting_place_that_changed_meanwhile_is_not_overwritten(stations: Stations) -> None:
    stations.ledger.replace_waiting(other(1), 1.0, None)
    old = stations.ledger.waiting("digits")
    stations.ledger.replace_waiting(other(2), 2.0, old)
    assert not stations.ledger.replace_waiting(other(3), 3.0, old)
    assert not stations.ledger.replace_waiting(other(3), 3.0, None)
    assert (stations.ledger.waiting("digits") or {})["run_id"] == other(2).run_id


def test_a_waiting_place_is_cleared_of_nobody_else(stations: Stations) -> None:
    stations.ledger.replace_waiting(other(1), 1.0, None)
    assert not stations.ledger.clear_waiting("digits", other(2).run_id)
    assert stations.ledger.waiting("digits") is not None


def test_what_waits_does_not_start_after_a_newer_dataset_that_ran_meanwhile(stations: Stations) -> None:
    late = other(1)
    stations.ledger.create_run(late, 1.0, upload="late", waits="another run is under way")
    stations.ledger.replace_waiting(late, 1.0, None)
    stations.ledger.note_begun("digits", 2.0)
    stations.run_queue.start_next("digits")
    assert stations.ledger.waiting("digits") is None
    [upload] = stations.ledger.uploads("digits")
    assert (upload["state"], upload["reason"]) == ("SUPERSEDED", "a newer dataset has run")


def test_a_drop_that_saw_the_waiting_place_free_does_not_push_out_a_newer_one(stations: Stations) -> None:
    stations.ledger.acquire("digits", other(0).run_id)
    late, newer = other(1), other(2)
    seen = stations.ledger.turn("digits", late.run_id)
    stations.ledger.create_run(newer, 2.0, upload="newer", waits="another run is under way")
    stations.ledger.replace_waiting(newer, 2.0, seen.waiting)
    stations.run_queue.begin(late, "late", 1.0, seen)
    assert (stations.ledger.waiting("digits") or {})["run_id"] == newer.run_id
    assert [upload["state"] for upload in stations.ledger.uploads("digits")] == ["SUPERSEDED", "WAITING"]


def test_a_run_is_on_record_with_its_drop_or_not_at_all(stations: Stations) -> None:
    run = other(1)
    assert stations.ledger.create_run(run, 1.0, upload="first")
    assert not stations.ledger.create_run(run, 1.0, upload="second")
    assert [upload["run_id"] for upload in stations.ledger.uploads("digits")] == [run.run_id]


def test_a_block_of_evidence_that_comes_twice_counts_once(stations: Stations) -> None:
    first, again = Block("errors", "60", 0, 100, 1, 10, 1), Block("errors", "60", 0, 200, 2, 20, 2)
    stations.ledger.save_blocks("r", [first])
    stations.ledger.save_blocks("r", [again])
    assert [(block.n0, block.s0) for block in stations.ledger.blocks("r")] == [(first.n0, first.s0)]


def test_a_dataset_has_one_run_however_often_it_is_made(stations: Stations) -> None:
    run = stations.a_run()
    stations.ledger.set_state("digits", run.run_id, RunState.REJECTED)
    assert not stations.ledger.create_run(run, 9.0)
    assert stations.state(run) is RunState.REJECTED


def test_a_champion_that_is_made_twice_is_no_way_back_to_itself(stations: Stations) -> None:
    first = stations.champion("digits-first")
    second = stations.champion("digits-second")
    for again in (second, first, first, second):
        stations.ledger.set_champion("digits", again)
    assert stations.ledger.kept_champions("digits") == [second, first]


# what is read again before it is relied on


def judged(stations: Stations) -> tuple[Run, dict[str, str]]:
    champion, run = stations.champion(), stations.a_run()
    stations.artifacts.write("digits/models/m.tar.gz", b"model")
    alpha = {
        "champion": champion.run_id,
        "artifact": stations.artifacts.uri("digits/models/m.tar.gz"),
        "artifact_sha256": stations.artifacts.sha256("digits/models/m.tar.gz"),
    }
    return run, alpha


def test_an_artifact_that_changed_after_it_was_judged_does_not_go_live(stations: Stations) -> None:
    run, alpha = judged(stations)
    stations.artifacts.write("digits/models/m.tar.gz", b"another")
    with pytest.raises(MismatchError, match="changed after it was judged"):
        stations.shift_traffic.start(run, alpha, "token")
    with pytest.raises(MismatchError, match="changed after it was judged"):
        stations.shift_traffic.set_batch_model(run, alpha)


def test_a_rollout_does_not_start_against_another_champion(stations: Stations) -> None:
    run, alpha = judged(stations)
    stations.champion("digits-other")
    with pytest.raises(ChampionChangedError):
        stations.shift_traffic.start(run, alpha, "token")


def test_a_champion_that_is_no_longer_there_is_not_beaten(stations: Stations) -> None:
    run, alpha = judged(stations)
    stations.champion("digits-other")
    rollout = {"champion": alpha["champion"], "champion_variant": alpha["champion"], "stage": 2}
    with pytest.raises(ChampionChangedError):
        stations.shift_traffic.promote(run, rollout, "token")


def test_a_function_that_outlives_its_stopped_execution_moves_no_traffic(stations: Stations) -> None:
    run, alpha = judged(stations)
    before = stations.control.describe_endpoint(Names(PREFIX, "digits", "").endpoint)
    assert stations.settle_run.ended(run, Execution("ABORTED", {}, "")) is RunState.ABORTED
    with pytest.raises(RunEndedError, match="was stopped"):
        stations.shift_traffic.start(run, alpha, "token")
    assert stations.control.describe_endpoint(Names(PREFIX, "digits", "").endpoint) == before


def test_nor_does_it_set_weights(stations: Stations) -> None:
    run, alpha = judged(stations)
    stations.shift_traffic.start(run, alpha, "token")
    stations.control.settle()
    stations.waiting.resource_changed(f"endpoint/{Names(PREFIX, 'digits', '').endpoint}")
    _, rollout = stations.tokens.answers.pop()
    stations.settle_run.ended(run, Execution("ABORTED", {}, ""))
    before = stations.control.describe_endpoint(Names(PREFIX, "digits", "").endpoint)
    with pytest.raises(RunEndedError, match="was stopped"):
        stations.shift_traffic.shift(run, rollout, {"weight": 50, "stage": 1}, "later")
    assert stations.control.describe_endpoint(Names(PREFIX, "digits", "").endpoint) == before


def test_a_late_call_of_one_run_cannot_mean_the_variant_of_another() -> None:
    names = {Names(PREFIX, "digits", f"digits-{run}").variant for run in range(3)}
    assert len(names) == 3


# the order of effect and record


def dies(world: World, port: Any, name: str, when: Callable[..., bool] = lambda *_: True) -> None:
    """The next call of a port that `when` is true of kills the Lambda before it is made."""
    real = getattr(port, name)

    def call(*arguments: Any, **named: Any) -> Any:
        if when(*arguments):
            setattr(port, name, real)
            raise Died
        return real(*arguments, **named)

    setattr(port, name, call)


def in_rollout(world: World) -> None:
    world.upload(1)
    world.play()
    world.upload(2)
    while not world.looks:
        assert world._go_on() or world._deliver() or world.control.settle()


def test_a_token_is_on_record_before_anything_is_done_for_it(stations: Stations) -> None:
    def start() -> None:
        raise Died

    with pytest.raises(Died):
        stations.waiting.for_job("training-job", "job", "key", "token", start)
    assert [wait.token for wait in stations.ledger.waits("training-job/job")] == ["token"]


def test_a_token_is_answered_before_it_is_forgotten() -> None:
    with installed(World(Faults())) as world:
        world.upload(1)
        while not world.control.jobs:
            assert world._go_on() or world._deliver()
        [job] = world.control.jobs
        dies(world, world, "succeed")
        while not world.events:
            assert world.control.settle()
        world._deliver()
        assert world.ledger.waits(f"training-job/{job}") != []


def test_the_token_of_a_look_is_answered_before_it_is_forgotten() -> None:
    with installed(World(Faults())) as world:
        in_rollout(world)
        run_id = str(world.ledger.active("digits"))
        dies(world, world, "succeed")
        for _ in range(5):
            world._look()
        assert world.executions[("retrain", run_id)].status == "RUNNING"
        world.play()
        assert world.states() == {1: "PROMOTED", 2: "PROMOTED"}


def test_evidence_is_in_the_books_before_it_is_marked_as_read() -> None:
    with installed(World(Faults())) as world:
        in_rollout(world)
        run_id = str(world.ledger.active("digits"))
        dies(world, world.items, "put", lambda item, **_: str(item["sk"]).startswith("BLOCK#"))
        world._look()
        assert world.ledger.blocks(run_id) == ()
        assert "watermark" not in (world.ledger.rollout(run_id) or {})


def test_a_run_is_marked_as_running_before_its_execution_starts(stations: Stations) -> None:
    dies(World(), stations.executions, "start_retrain")
    with pytest.raises(Died):
        stations.drop("digits/train/v1.csv", csv_of(1))
    [run] = stations.ledger.runs("digits")
    assert run["state"] == "RUNNING"


def settling(stations: Stations, state: str) -> Run:
    run = stations.a_run()
    stations.artifacts.write(f"digits/evaluations/{run.run_id}/evaluation.json", b'{"artifact_sha256": "cd"}')
    stations.executions.succeeds(run.run_id, state)
    return run


def test_a_record_is_written_before_the_state_says_that_the_run_ended(stations: Stations) -> None:
    run = settling(stations, "REJECTED")
    dies(World(), stations.artifacts, "write", lambda key, *_: "/decisions/" in key)
    with pytest.raises(Died):
        stations.settle_run.restored(run)
    assert stations.state(run) is RunState.RUNNING


def test_a_model_is_champion_before_its_run_is_closed(stations: Stations) -> None:
    run = settling(stations, "PROMOTED")
    dies(World(), stations.items, "put", lambda item, **_: item["sk"] == "CHAMPION")
    with pytest.raises(Died):
        stations.settle_run.restored(run)
    assert stations.state(run) is RunState.RUNNING
    assert stations.artifacts.list("digits/decisions/") == []


def test_a_place_is_free_only_when_its_run_has_ended(stations: Stations) -> None:
    run = settling(stations, "REJECTED")
    dies(World(), stations.artifacts, "write", lambda key, *_: "/decisions/" in key)
    with pytest.raises(Died):
        stations.settle_run.restored(run)
    assert stations.ledger.active("digits") == run.run_id


def test_a_place_is_free_when_its_run_has_ended(stations: Stations) -> None:
    run = settling(stations, "REJECTED")
    stations.settle_run.restored(run)
    assert stations.ledger.active("digits") is None


def test_a_run_does_not_end_before_the_endpoint_is_the_champions_alone(stations: Stations) -> None:
    champion, run = stations.champion(), stations.a_run()
    names = Names(PREFIX, "digits", run.run_id)
    stations.ledger.save_rollout(run.run_id, {"model": "digits"})
    stations.control.put_endpoint(
        names.endpoint, names.canary_config, {champion.run_id: 90.0, run.run_id: 10.0}
    )
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id))
    assert stations.state(run) is RunState.RESTORING
    assert stations.ledger.active("digits") == run.run_id
    assert list(stations.executions.restores) == [f"{run.run_id}-restore-1"]


def test_an_alpha_endpoint_does_not_outlive_its_run(stations: Stations) -> None:
    run = stations.a_run()
    alpha = Names(PREFIX, "digits", run.run_id).alpha
    stations.control.put_endpoint(alpha, alpha, {run.run_id: 1.0})
    stations.settle_run.ended(run, stations.executions.breaks(run.run_id))
    stations.control.settle()
    assert alpha not in stations.control.endpoints


# a run that is struck at every effect ends as it would have


@pytest.mark.parametrize("mode", ["before", "after", "throttled", "repeated"])
def test_a_run_that_is_struck_at_any_effect_ends_as_it_would_have(mode: str) -> None:
    [scenario] = [each for each in SCENARIOS if each.name == "a better model"]
    found = [
        said
        for at in range(0, moments(scenario, mode), 3)
        for said in struck(scenario, frozenset({(mode, at)}))
    ]
    assert found == []


@pytest.mark.parametrize("name", ["a model that is worse live", "a training that fails", "three at once"])
def test_every_way_a_run_can_end_leaves_the_house_in_order(name: str) -> None:
    [scenario] = [each for each in SCENARIOS if each.name == name]
    assert broken(played(scenario), scenario, was_aborted=False) == []
