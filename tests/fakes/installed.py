"""Where the handlers' wiring ends while a world is played: in its fakes, each behind what the faults strike."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pkgutil import iter_modules
from types import SimpleNamespace
from unittest.mock import patch

from switchyard.config import door, pipeline_json, snapshot
from switchyard.core.ledger.ledger import Ledger
from switchyard.runtime import adapters, wiring
from switchyard.runtime.settings import Settings
from switchyard.runtime.wiring import rollout
from switchyard.stats import eprocess
from tests.fakes.flow import FakeAutoscaling, FakeNotices, FakeScorer
from tests.fakes.world import ARN, World

SETTINGS = {
    "PREFIX": "switchyard",
    "RETRAIN_MACHINE_ARN": f"{ARN}retrain",
    "METRIC_PERIOD_SECONDS": "60",
    "METRIC_LAG_SECONDS": "180",
    "LABEL_WINDOW_SECONDS": "300",
}
WIRING = [f"{wiring.__name__}.{module.name}" for module in iter_modules(wiring.__path__)]
ONCE = [  # pure, and most of the time a run takes: thousands of worlds play the same run
    (door, "_spec", cache(door._spec)),
    (snapshot, "pipeline_from_json", cache(pipeline_json.pipeline_from_json)),
    (eprocess, "bets_below", cache(eprocess.bets_below)),
    (eprocess, "bets_above", cache(eprocess.bets_above)),
    (eprocess, "coefficients", cache(eprocess.coefficients)),
]


def unwire() -> None:
    """Forgets every use case that wiring has joined: the next one is joined to what is there now."""
    for module in (adapters, *filter(None, map(sys.modules.get, WIRING))):
        for made in list(vars(module).values()):
            if hasattr(made, "cache_clear") and made.__module__ == module.__name__:
                made.cache_clear()


@contextmanager
def computed_once() -> Iterator[None]:
    """What is pure is computed for the first world that asks, and remembered for all others."""
    with ExitStack() as stack:
        for module, name, once in ONCE:
            stack.enter_context(patch.object(module, name, once))
        yield


def settings_of(world: World) -> dict[str, str]:
    """What the stack of a world is deployed with."""
    image = "switchyard-dataset:1" if world.large_megabytes else ""
    large = {"DATASET_IMAGE": image, "LARGE_DATASET_MEGABYTES": str(world.large_megabytes)}
    return {"INSTANCE_LIMITS": world.limits, **large}


@contextmanager
def installed(world: World, notices: FakeNotices | None = None) -> Iterator[World]:
    """The handlers' wiring ends in this world instead of in AWS."""
    strike = world.faults.around
    artifacts = strike("artifacts", world.artifacts)
    items, control, flow = (
        strike("items", world.items),
        strike("control", world.control),
        strike("flow", world),
    )
    fakes = {
        "settings": Settings(SETTINGS | settings_of(world)),
        "ledger": Ledger(items, world.clock),
        "artifacts": artifacts,
        "control": control,
        "tokens": flow,
        "executions": flow,
        "notices": strike("notices", notices or FakeNotices()),
        "dead_letters": strike("dead_letters", world.dead_letters),
        "alarms": strike("alarms", world.alarms),
        "autoscaling": strike("autoscaling", FakeAutoscaling(world.control)),
        "log_groups": strike("log_groups", world.log_groups),
        "drop_retries": flow,
        "label_retries": flow,
        "batch_retries": flow,
        "requests": flow,
        "batch_arrivals": strike(
            "batch_arrivals", SimpleNamespace(send=lambda body: world.arrive(body["object"]["key"]))
        ),
        "evidence": world.evidence(),
        "looks": flow,
        "joins": SimpleNamespace(send=world.join_labels),
        "scorer": FakeScorer(world.prediction),
    }
    with ExitStack() as stack:
        for name, fake in fakes.items():
            stack.enter_context(patch.object(adapters, name, lambda fake=fake: fake))
        stack.enter_context(patch.object(rollout, "HISTORY_PERIODS", 0))
        stack.enter_context(computed_once())
        stack.enter_context(patch.object(adapters, "bucket", lambda _name: world.data))
        stack.enter_context(patch.object(adapters, "time", SimpleNamespace(time=world.clock)))
        unwire()
        yield world
    unwire()
