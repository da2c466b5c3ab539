"""Lines on a local stack with live clients: rollouts stopped, killed or undone by hand, and when all is whole again."""

from __future__ import annotations

import itertools
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.checks import Check
from cli.demo.clients import LiveClients, Load, in_background
from cli.demo.data import load_digits, make_demo_data, to_row
from cli.demo.stage import PIPELINE
from cli.records.ledger import read_lines
from cli.records.run_state import is_terminal
from cli.stack.faults import are_used_up, faults
from cli.stack.home import Home
from cli.stack.stack import Stack
from tests.e2e.support import (
    LIVE_ENDPOINT,
    MODEL,
    await_line,
    drop,
    fresh_rows,
    kill,
    line_of,
    live_endpoint,
    put_artifact,
    stack_of_its_own,
    switchyard,
    until,
)
from tests.proof.line import Size

REQUESTS_PER_SECOND = 120.0
RUN_SECONDS = 400.0
LOAD_SECONDS = 3_600.0
MOMENTS = (  # a state of the rollout machine, and the challenger's share meanwhile
    ("StartRollout", None),
    ("JudgeWindow", 0.10),
    ("ShiftTraffic", None),
    ("JudgeWindow", 0.25),
    ("JudgeWindow", 0.50),
    ("ShiftAllTraffic", None),
    ("PromoteChallenger", None),
)
TRIES = 3  # to meet a state that lasts a moment
MOVES = ("UpdateEndpoint", "UpdateEndpointWeightsAndCapacities")  # slow, so that their states are met
SLOW = [{"fault": "slow", "operation": operation, "seconds": 5} for operation in MOVES]


@dataclass
class Rig:
    """A stack with a champion, and datasets to drop on it."""

    home: Home
    seeds: Iterator[int] = field(default_factory=lambda: itertools.count(100))

    @property
    def stack(self) -> Stack:
        return Stack.load(self.home)

    def prepare(self) -> None:
        holdout = make_demo_data(load_digits()).holdout
        put_artifact(self.stack, f"{MODEL}/holdout/holdout.csv", holdout)
        put_artifact(self.stack, f"{MODEL}/pipeline.yaml", PIPELINE.read_bytes())
        assert await_line(self.stack, MODEL, self.begin(), RUN_SECONDS).state == "PROMOTED"

    def clients(self) -> AbstractContextManager[LiveClients]:
        rows = [to_row(digit) for digit in load_digits()[:200]]
        asked = (self.stack.plane_url, LIVE_ENDPOINT, rows, REQUESTS_PER_SECOND)
        return in_background(LiveClients(Load(*asked, max_seconds=LOAD_SECONDS, keys=self.stack.keys)))

    def begin(self) -> str:
        key = f"{MODEL}/train/proof-{(seed := next(self.seeds))}.csv"
        drop(self.stack, key, fresh_rows(seed))
        return key

    def promote(self) -> None:
        line = await_line(self.stack, MODEL, self.begin(), RUN_SECONDS)
        assert line.state == "PROMOTED", line

    def go_back(self) -> None:
        back = switchyard(self.home, "rollback", MODEL, "--reason", "proof", "--json")
        assert back.returncode == 0, back.stdout + back.stderr

    # what happens to a rollout; each answers the seconds until the champion has everything again

    def stop_in(self, state: str, share: float | None) -> float:
        with faults(self.stack, SLOW):
            return self.strike(state, share, self._stop)

    def kill_in_rollout(self, service: str) -> float:
        return self.strike("JudgeWindow", 0.10, partial(self._kill, service))

    def undo_in_rollout(self, undo: Callable[[Rig], None]) -> float:
        return self.strike("JudgeWindow", 0.10, partial(undo, self))

    def strike(self, state: str, share: float | None, strike: Callable[[], None]) -> float:
        """As soon as a rollout is in that state."""
        return self._timed(self.meet(state, share), strike)

    def meet(self, state: str, share: float | None) -> str:
        """Begins rollouts until one is seen in that state; the key of its dataset."""
        for _ in range(TRIES):
            key = self.begin()
            if self._is_in(key, state, share):
                return key
        raise AssertionError(f"no rollout was seen in {state} at {share}")

    def _timed(self, key: str, strike: Callable[[], None]) -> float:
        began = time.monotonic()
        strike()
        until(lambda: self._is_whole(key), RUN_SECONDS, "the champion to have everything again")
        return time.monotonic() - began

    def _is_whole(self, key: str) -> bool:
        """The run has ended, and the champion of the ledger serves alone."""
        line = line_of(self.stack, MODEL, key)
        if line is None or not is_terminal(line.state):
            return False
        promoted = [each.run_id for each in read_lines(self.stack, MODEL) if each.state == "PROMOTED"]
        found = next(iter(self._serving()), None)
        return found is not None and found in promoted

    def _serving(self) -> list[str]:
        """The variant that serves alone, where one does."""
        found = self.stack.client("sagemaker").list_endpoints(
            NameContains=LIVE_ENDPOINT, StatusEquals="InService"
        )
        if LIVE_ENDPOINT not in [each["EndpointName"] for each in found["Endpoints"]]:
            return []
        weights = live_endpoint(self.stack).weights
        return [weights[0][0]] if len(weights) == 1 and weights[0][1] == 1.0 else []

    def _is_in(self, key: str, state: str, share: float | None) -> bool:
        """Once the key's rollout is there; False when its run has ended before that was seen."""

        def look() -> str:
            if self._state() == state and (share is None or self._share() == share):
                return "there"
            line = line_of(self.stack, MODEL, key)
            return "ended" if line and is_terminal(line.state) else ""

        return until(look, RUN_SECONDS, f"a rollout in {state}") == "there"

    def _share(self) -> float:
        weights = live_endpoint(self.stack).weights
        return round(weights[1][1], 2) if len(weights) == 2 else 0.0

    def _state(self) -> str:
        """The state that the rollout under way is in."""
        steps = self.stack.client("stepfunctions")
        machine = self.stack.output("RolloutMachineArn")
        for each in steps.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]:
            events = steps.get_execution_history(
                executionArn=each["executionArn"], reverseOrder=True, maxResults=20
            )
            for event in events["events"]:
                if "stateEnteredEventDetails" in event:
                    return str(event["stateEnteredEventDetails"]["name"])
        return ""

    def _stop(self) -> None:
        steps, machine = self.stack.client("stepfunctions"), self.stack.output("RetrainMachineArn")
        for each in steps.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]:
            steps.stop_execution(executionArn=each["executionArn"], error="Aborted", cause="proof")

    def _kill(self, service: str) -> None:
        kill(self.home, service, signal.SIGKILL)
        up = switchyard(self.home, "up")
        assert up.returncode == 0, up.stdout + up.stderr


def deleted(rig: Rig) -> None:
    rig.stack.client("sagemaker").delete_endpoint(EndpointName=LIVE_ENDPOINT)


def failed(rig: Rig) -> None:
    """Made anew, with containers that do not start; whoever notices first that it is gone makes it."""
    sagemaker = rig.stack.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName=LIVE_ENDPOINT)["EndpointConfigName"]
    with faults(rig.stack, [{"fault": "fail", "endpoint": LIVE_ENDPOINT, "times": 1}]):
        deleted(rig)
        until(lambda: _status(sagemaker) != "Deleting", RUN_SECONDS, "the endpoint to be gone")
        with suppress(sagemaker.exceptions.ClientError):
            sagemaker.create_endpoint(EndpointName=LIVE_ENDPOINT, EndpointConfigName=config)
        until(lambda: are_used_up(rig.stack), RUN_SECONDS, "the endpoint to fail")


def _status(sagemaker: Any) -> str:
    """Of the live endpoint; "" where there is none."""
    found = sagemaker.list_endpoints(NameContains=LIVE_ENDPOINT)["Endpoints"]
    return next((str(each["EndpointStatus"]) for each in found if each["EndpointName"] == LIVE_ENDPOINT), "")


def changed(rig: Rig) -> None:
    """The champion's model, under a name and by a config that nobody knows."""
    sagemaker = rig.stack.client("sagemaker")
    now = sagemaker.describe_endpoint(EndpointName=LIVE_ENDPOINT)["EndpointConfigName"]
    variant = sagemaker.describe_endpoint_config(EndpointConfigName=now)["ProductionVariants"][0]
    sagemaker.create_endpoint_config(
        EndpointConfigName="foreign", ProductionVariants=[{**variant, "VariantName": "foreign"}]
    )
    sagemaker.update_endpoint(EndpointName=LIVE_ENDPOINT, EndpointConfigName="foreign")


def live(size: Size) -> Iterator[Check]:
    """Live clients ask through rollouts, a rollback by hand, stops in every state and a killed control plane."""
    moments = MOMENTS[:: size.stop_every]
    with tempfile.TemporaryDirectory(prefix="switchyard-proof-") as folder, stack_of_its_own(Path(folder)):
        rig = Rig(Home(Path(folder)))
        rig.prepare()
        with rig.clients() as clients:
            rig.promote()
            rig.go_back()
            stopped = [
                _told(f"stopped in {state} {share or ''}", rig.stop_in(state, share))
                for state, share in moments
            ]
            killed = [_told("MiniStack killed", rig.kill_in_rollout("ministack"))]
        seen = clients.snapshot()
        with rig.clients():
            undone = [_told(hand.__name__, rig.undo_in_rollout(hand)) for hand in (deleted, changed, failed)]
            killed.append(_told("the local SageMaker killed", rig.kill_in_rollout("plane")))
    yield Check("rollouts that were stopped, each in another state", len(stopped), at_least=len(moments))
    yield Check(
        "seconds until the champion has everything again: stopped", max(stopped), at_most=size.whole_seconds
    )
    yield Check(
        "the same: MiniStack or the local SageMaker killed, `up` included",
        max(killed),
        at_most=size.whole_seconds,
    )
    yield Check(
        "the same: endpoint deleted, changed or failed by hand", max(undone), at_most=size.whole_seconds
    )
    yield Check(
        "client requests through rollouts, a rollback, stops and a killed MiniStack",
        seen.requests,
        at_least=1_000 * len(moments),
    )
    yield Check("of them failed", seen.error_count, at_most=0)


def _told(what: str, seconds: float) -> float:
    print(f"       {what}: {seconds:.1f} s", file=sys.stderr, flush=True)
    return seconds
