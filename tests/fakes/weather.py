"""How kind the world is that a test plays in; docs/weather.md says what is documented where.

fair: everything is over when it is looked at, and every read sees the last write.
real: changes of endpoints take 8 to 40 minutes, jobs ten; what was just created is not visible at first, Describe is a
call behind, failures give no reason, SageMaker does maintenance, events are late and come twice.
storm: all of that oftener; events are lost, updates fall back, calls are throttled and Lambdas die.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any

import yaml

from switchyard.aws.cloudwatch import CloudWatchEvidence
from switchyard.core.errors import TransientError
from switchyard.core.pipeline import REALTIME, Pipeline
from switchyard.core.ports import EvidenceReader, Variant
from switchyard.core.resources.guardrails import Guard
from tests.fakes.asl import Execution, StatesError
from tests.fakes.executions import DEFINITIONS, LAPS
from tests.fakes.faults import EFFECT_MODES, Faults
from tests.fakes.flow import FakeAlarms
from tests.fakes.metrics.late_metrics import Delays, LateCloudWatch
from tests.fakes.sagemaker import FakeControl
from tests.fakes.store import Clock, MemoryItems
from tests.fakes.turns import Event
from tests.fakes.world import World

MINUTE = 60.0
SWEEP = 15 * MINUTE
MAINTENANCE = 20 * MINUTE


@dataclass(frozen=True)
class Weather:
    """Chances, each between 0 and 1. changes: seconds that one of an endpoint may take; maintenance: seconds between
    two of SageMaker's own, on average.
    """

    name: str
    unseen: float
    behind: float
    silent: float
    late: float
    twice: float
    maintenance: float
    lost: float = 0.0
    gives_up: float = 0.0
    struck: float = 0.0
    metrics: Delays = field(default_factory=Delays)
    changes: Sequence[float] = (8 * MINUTE, 12 * MINUTE, 40 * MINUTE)
    job: float = 10 * MINUTE


REAL = Weather("real", unseen=0.3, behind=0.3, silent=0.5, late=0.1, twice=0.1, maintenance=21_600.0)
STORM = Weather(
    "storm",
    unseen=0.5,
    behind=0.5,
    silent=0.7,
    late=0.2,
    twice=0.2,
    maintenance=5_400.0,
    lost=0.3,
    gives_up=0.03,
    struck=0.02,
    metrics=Delays(late=360.0, never=0.01, partial=0.15),
)
WEATHERS = {each.name: each for each in (REAL, STORM)}


@dataclass
class StormFaults(Faults):
    """Any effect may be struck, in any way, and any invocation be made twice."""

    random: Random = field(default_factory=Random)
    chance: float = 0.0

    def _strikes(self, mode: str, number: int, name: str) -> bool:
        chance = self.chance / len(EFFECT_MODES) if mode in EFFECT_MODES else self.chance
        if mode in ("lost", "aborted") or self.random.random() >= chance:
            return False
        self.struck.append(f"{mode} {name}")
        return True


@dataclass
class WeatheredControl(FakeControl):
    """A SageMaker whose changes take time of the clock and are seen late."""

    weather: Weather = REAL
    random: Random = field(default_factory=Random)
    clock: Clock = field(default_factory=Clock)
    due: dict[str, float] = field(default_factory=dict)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    shown: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)
    maintained_at: float = 0.0

    def _is_over(self, resource: str) -> bool:
        """When it was first looked at, it takes its time from then."""
        if resource not in self.due:
            seconds = self._happens_in(resource)
            self.due[resource] = self.clock() + seconds
        if self.clock() < self.due[resource]:
            return False
        del self.due[resource]
        return True

    def _happens_in(self, resource: str) -> float:
        return (
            self.random.choice(self.weather.changes) if resource.startswith("endpoint/") else self.weather.job
        )

    def settle(self) -> bool:
        self._maintain()
        return super().settle()

    def _maintain(self) -> None:
        """ "SystemUpdating: Endpoint is undergoing maintenance and cannot be updated or deleted or re-scaled"."""
        if not self.maintained_at:
            self._plan_maintenance()
        serving = [name for name, e in self.endpoints.items() if e["EndpointStatus"] == "InService"]
        if self.clock() >= self.maintained_at and serving:
            name = self.random.choice(serving)
            self.endpoints[name]["EndpointStatus"] = "SystemUpdating"
            self.due[f"endpoint/{name}"] = self.clock() + MAINTENANCE
            self._touch(name)
            self._plan_maintenance()

    def _plan_maintenance(self) -> None:
        self.maintained_at = self.clock() + self.random.expovariate(1 / self.weather.maintenance)

    # reads are a call behind

    def _touch(self, name: str) -> None:
        if self.random.random() < self.weather.behind:
            self.shown[name] = self.known.get(name)
        super()._touch(name)
        self.endpoints[name]["LastModifiedTime"] = datetime.fromtimestamp(self.clock(), UTC)
        self.known[name] = deepcopy(self.endpoints[name])

    def describe_endpoint(self, name: str) -> Mapping[str, Any] | None:
        if name in self.shown:
            return self.shown.pop(name)
        return super().describe_endpoint(name)

    def ensure_config(self, name: str, pipeline: Pipeline, variants: Sequence[Variant], folder: str) -> None:
        is_new = name not in self.configs
        super().ensure_config(name, pipeline, variants, folder)
        self._hide(is_new, name)

    def ensure_model(self, name: str, pipeline: Pipeline, artifact: str) -> None:
        is_new = name not in self.models
        super().ensure_model(name, pipeline, artifact)
        self._hide(is_new, name)

    def _hide(self, is_new: bool, name: str) -> None:
        if is_new and self.random.random() < self.weather.unseen:
            raise TransientError(f"Could not find {name}")

    # changes that fail

    def _end_change(self, name: str) -> None:
        endpoint = self.endpoints[name]
        if endpoint["EndpointStatus"] == "SystemUpdating":
            endpoint.update(EndpointStatus="InService")
            self._touch(name)
            self.changed(f"endpoint/{name}")
        elif endpoint["EndpointStatus"] == "Updating" and self.random.random() < self.weather.gives_up:
            self._fall(endpoint, "Unable to provision requested ML compute capacity")
            self._end_deployment(endpoint)
            self._touch(name)
            self.changed(f"endpoint/{name}")
        else:
            super()._end_change(name)

    def _fall(self, endpoint: dict[str, Any], reason: str) -> None:
        """ "the endpoint returns to InService ... and the FailureReason may become empty"."""
        is_silent = endpoint["EndpointStatus"] != "Creating" and self.random.random() < self.weather.silent
        super()._fall(endpoint, "" if is_silent else reason)

    def ensure_endpoint(self, name: str, config: str, guard: Guard | None = None) -> None:
        super().ensure_endpoint(name, config, guard)
        if name in self.endpoints and self.endpoints[name]["EndpointStatus"] in ("Creating", "Updating"):
            self._is_over(f"endpoint/{name}")  # its time begins now


@dataclass
class WeatherWorld(World):
    """A world in which time passes from one thing that is due to the next."""

    control: WeatheredControl = field(default_factory=WeatheredControl)
    weather: Weather = REAL
    random: Random = field(default_factory=Random)
    late: list[tuple[float, Event]] = field(default_factory=list)
    entered: dict[str, float] = field(default_factory=dict)
    began_at: float = 0.0
    swept_at: float = 0.0
    is_quiet: bool = False

    @cached_property
    def mode(self) -> str:
        """Of the endpoint, as its owner declares it."""
        declared = yaml.safe_load(self.artifacts.read("digits/pipeline.yaml"))
        return str(declared.get("deployment", {}).get("mode", REALTIME))

    def fails(self, variant: str) -> bool:
        return self._is_bad(variant, self.bad_live)

    def evidence(self) -> EvidenceReader:
        """The product's own reader, over metrics that are late, partial and sometimes lost."""
        metrics = LateCloudWatch(self, self.weather.metrics, str(self.began_at), self.random)
        return CloudWatchEvidence(metrics, int(MINUTE))  # type: ignore[arg-type]

    def _turns(self) -> tuple[Callable[[], bool], ...]:
        return (self._go_on, self._deliver, self._settle, self._look, self._pass_time)

    def _go_on(self) -> bool:
        return self._is_something(super()._go_on())

    def _deliver(self) -> bool:
        return self._is_something(super()._deliver())

    def _is_something(self, happened: bool) -> bool:
        """After it the sweep has to come once more."""
        self.is_quiet = self.is_quiet and not happened
        return happened

    def _wait_for_changes(self) -> None:
        """They have a time of their own."""

    def _changed(self, resource: str) -> None:
        """Events are lost, late and twice."""
        before = len(self.events)
        super()._changed(resource)
        event = self.events.pop()
        assert len(self.events) == before
        times = 0 if self._happens(self.weather.lost) else 2 if self._happens(self.weather.twice) else 1
        for _ in range(times):
            if self._happens(self.weather.late):
                self.late.append((self.clock() + self.random.uniform(MINUTE, 30 * MINUTE), event))
            else:
                self.events.append(Event(event.function, event.document))

    def _happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def _look(self) -> bool:
        """A look takes a window; who is due meanwhile comes first."""
        if self.looks and self._next() <= self.clock() + MINUTE:
            return self._pass_time()
        return super()._look()

    def _pass_time(self) -> bool:
        """On to the next thing that is due. False once nothing runs and the sweep has found nothing."""
        running = [e for e in self.executions.values() if e.status == "RUNNING"]
        if self.is_quiet and not (running or self.late or self.looks or self.control.due):
            return False
        self.clock.now = max(self.clock.now, self._next())
        now = self.clock()
        self.events += [event for due, event in self.late if due <= now]
        self.late = [(due, event) for due, event in self.late if due > now]
        if now >= self.swept_at + SWEEP:
            self.swept_at = now
            self.is_quiet = not self._sweep()
        self._end_laps(now)
        return True

    def _sweep(self) -> bool:
        self.clock.pass_(-SWEEP)  # the moment is ours
        return super()._sweep()

    def _next(self) -> float:
        """The earliest moment at which something is due."""
        laps = [at + lap for at, lap, _ in self._laps()]
        return min([*self.control.due.values(), *(due for due, _ in self.late), *laps, self.swept_at + SWEEP])

    def _laps(self) -> list[tuple[float, float, Execution]]:
        """When each token was left, and the seconds of its lap."""
        found = []
        for execution in self.executions.values():
            if execution.status == "RUNNING" and execution.waiting and execution.waiting.token:
                token = execution.waiting.token
                found.append((self.entered.setdefault(token, self.clock()), _lap_of(execution), execution))
        return found

    def _end_laps(self, now: float) -> None:
        for at, lap, execution in self._laps():
            assert execution.waiting is not None
            if now >= at + lap and execution.waiting.token not in self.answers:
                execution.go_on(error=StatesError("States.Timeout"))
                if execution.status != "RUNNING":
                    self._announce(execution)


def _lap_of(execution: Execution) -> float:
    state = DEFINITIONS[execution.machine]["States"].get(execution.states[-1], {})
    return float(LAPS[state.get("TimeoutSecondsPath", "$.laps.training").rpartition(".")[2]])


def under(weather: Weather, seed: int, world: World) -> WeatherWorld:
    """This world from here on, in such weather."""
    random, clock = Random(f"{weather.name} {seed}"), Clock(world.clock.now)  # noqa: S311
    kept = {each.name: getattr(world.control, each.name) for each in fields(FakeControl)}
    kept = {name: deepcopy(value) for name, value in kept.items() if not callable(value)}
    control = WeatheredControl(**kept, weather=weather, random=random, clock=clock)
    control.known = {name: deepcopy(endpoint) for name, endpoint in control.endpoints.items()}
    faults = StormFaults(random=random, chance=weather.struck)
    made = WeatherWorld(
        faults, clock, MemoryItems(deepcopy(world.items.rows)), control, FakeAlarms(dict(world.alarms.made))
    )
    made.weather, made.random, made.most_turns = weather, random, 6_000
    made.began_at = made.swept_at = clock()
    made.take_over(world)
    made.note_traffic()
    return made
