"""Days on which SageMaker itself shifts the traffic."""

from tests.contract.aws import RecordedWorld
from tests.contract.moves import at_once, run
from tests.fakes.pipelines import text
from tests.fakes.world import GATE

GUARDED = {
    "deployment": {"instance_count": 2},
    "rollout": {"strategy": "guardrails", "guardrails": {"latency_milliseconds": 50}},
}


def shifts_in_sagemakers_hands(world: RecordedWorld) -> None:
    """Given back, stopped on the way, and an alarm that stayed."""
    world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, **GUARDED).encode())
    for seed in (1, 3):
        run(world, seed)
    world.upload(7)
    while not world.alarms.made:
        assert world._go_on() or world._deliver() or world.control.settle()
    world.abort()
    left = dict(world.alarms.made)
    world.play()
    world.alarms.made |= left
    world.handle("sweep", {})
    assert not world.alarms.made


def shifts_at_once(world: RecordedWorld) -> None:
    """Taken before anybody looks, and one in which the endpoint breaks."""
    at_once(world)
    world.artifacts.write("digits/pipeline.yaml", text(evaluation=GATE, **GUARDED).encode())
    run(world, 1)
    run(world, 2)
    real = world.control.ensure_endpoint

    def breaks(name: str, config: str, guard: object = None) -> None:
        real(name, config, guard)  # type: ignore[arg-type]
        if guard is not None:
            world.control.fail(name)

    world.control.ensure_endpoint = breaks  # type: ignore[method-assign,assignment]
    run(world, 7)


DAYS = [shifts_in_sagemakers_hands, shifts_at_once]
