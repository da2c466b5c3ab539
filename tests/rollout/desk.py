"""A rollout at its first step, and somebody who looks at its evidence."""

import json
from types import SimpleNamespace
from typing import Any

from switchyard.config.pipeline_json import policy_from_json
from switchyard.core.evidence import Block
from switchyard.core.names import Names
from switchyard.core.policy import RolloutPolicy
from switchyard.core.run import Run
from switchyard.labels.windows import LabelWindows
from switchyard.rollout.judge_window import JudgeWindow
from switchyard.rollout.rules.steering import Order, Steering
from switchyard.rollout.window_evidence import WindowEvidence
from tests.fakes.flow import FakeLooks, FakeReader
from tests.fakes.stations import PREFIX, Stations

NO_LABELS = SimpleNamespace(send=lambda _body: None)
LAG, PERIOD = 180.0, 60.0
HISTORY_SECONDS = 120_000.0
SHARES = {0: 0.10, 1: 0.25, 2: 0.50}


class Desk:
    """A rollout at its first step, and somebody who looks."""

    def __init__(
        self,
        requests: int = 0,
        champion_errors: float = 0.0,
        challenger_errors: float = 0.0,
        history: tuple[int, int, float] | None = None,
        mode: str = "realtime",
        **policy: Any,
    ) -> None:
        """history: periods of the champion alone, requests in each, and errors in each."""
        self.history, self.mode = history, mode
        self.stations = Stations()
        self.stations.has_pipeline(rollout=policy, deployment={"mode": mode})
        self.stations.champion(mode=mode)
        self.run: Run = self.stations.a_run()
        self.requests, self.errors = requests, (champion_errors, challenger_errors)
        self.looks, self.reader = FakeLooks(), FakeReader(self._blocks)
        stations = self.stations
        windows = LabelWindows(stations.ledger, NO_LABELS, stations.clock, 300)
        evidence = WindowEvidence(
            PREFIX,
            stations.ledger,
            self.reader,
            windows,
            stations.clock,
            LAG,
            PERIOD,
            HISTORY_SECONDS if history else 0.0,
        )
        self.judge_window = JudgeWindow(
            PREFIX,
            stations.ledger,
            stations.snapshots,
            stations.control,
            evidence,
            stations.tokens,
            self.looks,
            stations.clock,
        )
        started = {
            "model": "digits",
            "champion": "digits-champion0000",
            "stage": 0,
            "started_at": str(stations.clock()),
        }
        stations.ledger.save_rollout(self.run.run_id, started)
        self.started_at = stations.clock()
        self.broken: Exception | None = None

    def _past(self, since: float) -> list[Block]:
        periods, requests, errors = self.history or (0, 0, 0.0)
        names = (str(int(since) + 60 * at) for at in range(periods))
        return [Block("errors", name, 0, requests, errors, 0, 0) for name in names]

    def _blocks(self, champion: str, challenger: str, since: float, until: float, stage: int) -> list[Block]:
        if self.broken:
            raise self.broken
        if until <= self.started_at:
            return self._past(since)
        if not self.requests:
            return []
        n1 = int(self.requests * SHARES[stage])
        n0 = self.requests - n1
        sums = n0 * self.errors[0], n1 * self.errors[1]
        return [Block("errors", str(int(until)), stage, n0, round(sums[0]), n1, round(sums[1]))]

    def look(self, seconds: float = 300.0) -> bool:
        self.stations.clock.pass_(seconds)
        return self.judge_window.look("digits", self.run.run_id)

    def begin(self, stage: int = 0, token: str = "t") -> None:  # noqa: S107
        self.serves(stage)
        self.judge_window.begin(self.run, stage, token)

    def serves(self, stage: int) -> None:
        """The live endpoint as the step before has left it, and the trail that says so."""
        self._note_step(stage)
        names = Names(PREFIX, "digits", self.run.run_id)
        share = 100 * SHARES[stage]
        canary = names.canary_config, {"digits-champion0000": 100 - share, self.run.run_id: share}
        alone = names.full_config, {self.run.run_id: 100.0}
        self.stations.control.put_endpoint(names.endpoint, *(alone if self.mode != "realtime" else canary))

    def _note_step(self, stage: int) -> None:
        now, trail = self.stations.clock(), json.loads(str(self.record().get("trail", "[]")))
        if not trail or trail[-1]["stage"] != stage:
            step = {"asked": now, "at": now, "stage": stage, "weight": 100 * SHARES[stage]}
            self.stations.ledger.save_rollout(self.run.run_id, {"trail": json.dumps([*trail, step])})

    @property
    def answers(self) -> list[tuple[Any, ...]]:
        return self.stations.tokens.answers

    def record(self) -> dict[str, Any]:
        return dict(self.stations.ledger.rollout(self.run.run_id) or {})


def policy_of(desk: Desk) -> tuple[RolloutPolicy, str]:
    kept = desk.stations.ledger.policy(desk.run.run_id)
    assert kept is not None
    return policy_from_json(str(kept["policy"])), str(kept["source"])


def order(desk: Desk, what: Order, reason: str = "a person's reason") -> None:
    given = Steering(what, reason, 0, desk.stations.clock())
    desk.stations.ledger.give_order(desk.run.run_id, given.to_dict())
