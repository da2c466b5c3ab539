"""Days on which SageMaker fails, events are lost, runs are stopped, and the sweep or the restore machine helps."""

from collections.abc import Callable

from tests.contract.aws import RecordedWorld
from tests.contract.moves import Ending, at_once, names_of, run
from tests.fakes.turns import ENDPOINT


def a_failed_training(world: RecordedWorld) -> None:
    ensure = world.control.ensure_training

    def broken(names, *more):  # type: ignore[no-untyped-def]
        world.control.broken_jobs.add(names.training_job)
        ensure(names, *more)

    world.control.ensure_training = broken  # type: ignore[method-assign]
    run(world, 1)


def a_training_that_fails_at_once(world: RecordedWorld) -> None:
    at_once(world)
    a_failed_training(world)


def a_failed_challenger(world: RecordedWorld) -> None:
    run(world, 1)
    world.control.doomed = Ending("-canary")
    run(world, 2)


def configs_that_fail_at_once(world: RecordedWorld) -> None:
    at_once(world)
    run(world, 1)
    [champion] = names_of(world, 1)
    for seed, ending in ((2, "-alpha"), (7, "-canary"), (8, "-full")):
        world.control.doomed = Ending(ending, champion)
        run(world, seed)


def configs_that_fail_unseen(world: RecordedWorld) -> None:
    """A lap finds the failed endpoint, deletes it and makes it anew."""
    world.faults.strikes = frozenset(("lost", at) for at in range(200))
    for seed, ending in ((1, "-alpha"), (2, "-full")):
        world.control.doomed = Ending(ending)
        run(world, seed)


def weights_that_break_the_endpoint(world: RecordedWorld) -> None:
    at_once(world)
    run(world, 1)
    real = world.control.set_weights

    def breaks(name: str, weights: object, counts: object = None) -> None:
        real(name, weights, counts)  # type: ignore[arg-type]
        world.control.fail(name)

    world.control.set_weights = breaks  # type: ignore[method-assign]
    run(world, 2)


def a_way_back_that_is_barred_at_once(world: RecordedWorld) -> None:
    at_once(world)
    run(world, 1)
    world.upload(3)
    while not world.looks:
        assert world._go_on() or world._deliver()
    world.control.doomed = {f"switchyard-{name}-full" for name in names_of(world, 1)}
    for _ in range(60):
        world._go_on() or world._deliver() or world._look()
    world.control.doomed = set()
    world.play()


def an_endpoint_that_breaks(world: RecordedWorld) -> None:
    """While nothing is under way: the sweep finds it, and the restore machine makes it anew."""
    run(world, 1)
    world.control.fail(ENDPOINT)
    world.play()


def an_endpoint_that_breaks_at_canary(world: RecordedWorld) -> None:
    run(world, 1)
    world.upload(2)
    while not world.looks:
        assert world._go_on() or world._deliver() or world.control.settle()
    world.control.fail(ENDPOINT)
    world.abort()
    world.play()


def _lose_ledger(world: RecordedWorld, *more: str) -> None:
    for pk in ("MODEL#digits", *more):
        for item in world.ledger._items.query(pk):
            world.ledger._items.delete(pk, str(item["sk"]))


def a_lost_ledger(world: RecordedWorld) -> None:
    run(world, 1)
    _lose_ledger(world)
    world.handle("sweep", {"ledger_lost": True})


def a_ledger_that_is_lost_in_a_rollout(world: RecordedWorld) -> None:
    run(world, 1)
    world.upload(2)
    while not world.looks:
        assert world._go_on() or world._deliver() or world.control.settle()
    run_id = world.ledger.active("digits")
    _lose_ledger(world, f"ROLLOUT#{run_id}", f"WAIT#rollout/{run_id}")
    world.looks.clear()
    world.handle("sweep", {"ledger_lost": True})
    world.play()


def an_upload_that_no_function_could_handle(world: RecordedWorld) -> None:
    world.dead_letters.bodies.append('{"detail": {"object": {"key": "digits/train/v1.csv"}}}')
    world.handle("sweep", {})


def a_champion_that_is_deleted_by_hand(world: RecordedWorld) -> None:
    run(world, 1)
    [champion] = names_of(world, 1)
    world.control.models.clear()
    world.control.configs.pop(f"switchyard-{champion}-full")
    world.handle("sweep", {})
    world.control.models.clear()
    run(world, 2)


def everything_is_lost(world: RecordedWorld) -> None:
    """No event of SageMaker or Step Functions ever arrives: laps and the sweep do it all."""
    world.faults.strikes = frozenset(("lost", at) for at in range(500))
    run(world, 1)
    run(world, 2)


def a_run_that_is_stopped_while_it_trains(world: RecordedWorld) -> None:
    world.faults.strikes = frozenset({("aborted", 0)})
    run(world, 1)


def a_stop_that_only_the_sweep_finds(world: RecordedWorld) -> None:
    world.upload(1)
    while not world.control.jobs:
        assert world._go_on() or world._deliver()
    world.abort()
    world.events.clear()
    world.handle("sweep", {})
    world.play()


def a_start_that_never_was(world: RecordedWorld) -> None:
    world.upload(1)
    assert world._deliver()
    world.executions.clear()
    world.play()


def struck(mode: str, at: int) -> Callable[[RecordedWorld], None]:
    def day(world: RecordedWorld) -> None:
        run(world, 1)
        offset = world.faults.moments(mode)
        world.faults.strikes = frozenset({(mode, offset + at)})
        run(world, 2)

    day.__name__ = f"{mode}_{at}"
    return day


DAYS = [
    a_failed_training,
    a_training_that_fails_at_once,
    a_failed_challenger,
    configs_that_fail_at_once,
    configs_that_fail_unseen,
    weights_that_break_the_endpoint,
    a_way_back_that_is_barred_at_once,
    an_endpoint_that_breaks,
    an_endpoint_that_breaks_at_canary,
    a_lost_ledger,
    a_ledger_that_is_lost_in_a_rollout,
    an_upload_that_no_function_could_handle,
    a_champion_that_is_deleted_by_hand,
    everything_is_lost,
    a_run_that_is_stopped_while_it_trains,
    a_stop_that_only_the_sweep_finds,
    a_start_that_never_was,
    *(struck("aborted", at) for at in (1, 2, 5, 7, 9)),
]
