"""What is simulated: every world, rule and number of rollouts of the rollout benchmark, as data."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from cli.simulation.engine import Rule, run
from cli.simulation.experiment import summary
from cli.simulation.mixture import Oracle, Switchyard
from cli.simulation.peers import PEERS, fixed_horizon
from cli.simulation.several import Second, Several
from cli.simulation.world import Drift, Ramp, World
from switchyard.core.policy import MetricPolicy

ALPHA = 0.05


@dataclass(frozen=True)
class Setting:
    """A metric, and how many requests the time ramp gives each step."""

    name: str
    champion: float
    margin: float
    step_requests: int

    @property
    def policy(self) -> MetricPolicy:
        return MetricPolicy(margin=self.margin, baseline=self.champion)

    def world(self, margins: float, ramp: Ramp, drift: Drift = Drift.NONE) -> World:
        return World(
            self.champion, margins * self.margin, ramp=ramp, drift=drift, step_requests=self.step_requests
        )


ERRORS = Setting("errors 1 %, margin 0.5 pp", 0.01, 0.005, 10_000)
RARE = Setting("rare errors 0.1 %, margin 0.1 pp", 0.001, 0.001, 30_000)
ACCURACY = Setting("accuracy 90 %, margin 1 pp", 0.1, 0.01, 10_000)
SETTINGS = (ERRORS, RARE, ACCURACY)


@dataclass(frozen=True)
class Cell:
    """One world with the rules that judge it. `kind` says which table it belongs to."""

    kind: str
    setting: Setting
    margins: float
    world: World
    runs: int
    peers: bool = False
    second: Second | None = None

    @property
    def title(self) -> str:
        parts = [self.setting.name, str(self.world.ramp), f"{self.margins:g} margins"]
        if self.world.drift is not Drift.NONE:
            parts.append(f"baseline {self.world.drift}")
        if self.world.burst:
            parts.append(f"bursts {100 * self.world.burst:g} %, history {self.world.history}")
        if self.second:
            parts.append(f"latency {self.second.difference / self.second.policy.margin:g} margins")
        return ", ".join(parts)

    @property
    def seed(self) -> int:
        return zlib.crc32(f"{self.kind} {self.title}".encode())


def cells(runs: int) -> list[Cell]:
    """All of them, slowest first so that two workers end together."""
    found = [*_errors(runs), *_sizes(runs), *_several(runs), *_bursts(runs), *_peers(max(200, runs // 5))]
    return sorted(found, key=_cost, reverse=True)


def _cost(cell: Cell) -> float:
    slow = 20 if cell.world.burst else 6 if cell.peers else 1
    return slow * cell.runs * cell.world.wald(cell.setting.margin) / cell.world.look


def _errors(runs: int) -> Iterator[Cell]:
    """Both errors, at every ramp and drift."""
    for setting in SETTINGS:
        for ramp in Ramp:
            for drift in Drift:
                for margins in (0.0, 1.0):
                    yield Cell("errors", setting, margins, setting.world(margins, ramp, drift), runs)


def _sizes(runs: int) -> Iterator[Cell]:
    """Requests needed when the difference is large; 8 margins on 1 % is a 5x error rate."""
    for setting in SETTINGS:
        for ramp in (Ramp.FIXED, Ramp.TIME):
            for margins in (2.0, 8.0):
                yield Cell("sizes", setting, margins, setting.world(margins, ramp), runs)


def _several(runs: int) -> Iterator[Cell]:
    """Errors, and answers slower than a limit that 1 % of the champion's exceed: (both equal), (one at the margin)."""
    slow = MetricPolicy(margin=0.005, baseline=0.01, limit_milliseconds=250.0)
    for ramp in (Ramp.FIXED, Ramp.EVIDENCE):
        for errors, latency in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)):
            second = Second(0.01, latency * slow.margin, slow)
            yield Cell("several", ERRORS, errors, ERRORS.world(errors, ramp), runs, second=second)


def _bursts(runs: int) -> Iterator[Cell]:
    """One model's instance fails in a block of 500 requests: 20 % errors in it."""
    for burst in (0.002, 0.01):
        for history in (0, 2_000):
            for margins in (0.0, 1.0):
                world = replace(ERRORS.world(margins, Ramp.FIXED), look=500, burst=burst, history=history)
                yield Cell("bursts", ERRORS, margins, world, runs)


def _peers(runs: int) -> Iterator[Cell]:
    """All rules on the same streams."""
    for setting, ramp in (
        (ERRORS, Ramp.FIXED),
        (ERRORS, Ramp.TIME),
        (ACCURACY, Ramp.FIXED),
        (RARE, Ramp.FIXED),
    ):
        for margins in (0.0, 1.0, 2.0, 8.0):
            yield Cell("peers", setting, margins, setting.world(margins, ramp), runs, peers=True)
    for drift in (Drift.UP, Drift.DOWN):
        for margins in (0.0, 1.0):
            yield Cell("peers", ERRORS, margins, ERRORS.world(margins, Ramp.TIME, drift), runs, peers=True)


def simulate(cell: Cell) -> list[dict[str, Any]]:
    """One row a rule: shares, requests, ratio to Wald's bound."""
    policy = cell.setting.policy
    rules: list[Rule] = [
        Several(policy, {"latency": cell.second}, ALPHA, cell.seed)
        if cell.second
        else Switchyard(policy, ALPHA)
    ]
    if cell.peers:
        rules += [Oracle(policy, ALPHA), *(peer(policy, ALPHA) for peer in PEERS)]
    elif cell.world.burst and not cell.world.history:
        rules.append(Switchyard(replace(policy, correlation=0.0), ALPHA, name="switchyard, bursts ignored"))
    results = run(cell.world, rules, runs=cell.runs, seed=cell.seed, horizon=_horizon(cell))
    head = {
        "table": cell.kind,
        "cell": cell.title,
        "setting": cell.setting.name,
        "ramp": str(cell.world.ramp),
    }
    truth = {"margins": cell.margins, "drift": str(cell.world.drift), "burst": cell.world.burst}
    truth["worst"] = max(
        cell.margins, cell.second.difference / cell.second.policy.margin if cell.second else 0.0
    )
    return [
        head | truth | asdict(summary(name, result, cell.world, policy, ALPHA))
        for name, result in results.items()
    ]


def _horizon(cell: Cell) -> int:
    """Twice what one fixed-size test at the fixed split would need; bursts need longer."""
    size = 2 * fixed_horizon(cell.setting.policy, replace(cell.world, ramp=Ramp.FIXED), ALPHA)
    return int(size * (3 if cell.world.burst else 1))
