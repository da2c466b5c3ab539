"""Puts one act on: drops the data, follows the run, and counts what clients saw meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from cli.demo.clients import LiveClients
from cli.demo.data import DemoData
from cli.demo.story import MODEL, Act, Scene
from cli.demo.tally import ClientReport
from cli.records.endpoints import endpoints
from cli.records.executions import Execution, read_execution
from cli.records.follow import follow
from cli.records.ledger import Line
from cli.stack.errors import StackError
from cli.stack.home import REPOSITORY
from cli.stack.stack import Stack

ACT_SECONDS = 300.0
PIPELINE = REPOSITORY / "examples" / MODEL / "pipeline.yaml"
MODEL_ERRORS = (
    424,
)  # "ModelError: Model (owned by the customer in the container) returned 4xx or 5xx": InvokeEndpoint


@dataclass(frozen=True)
class Glimpse:
    """An act as it goes, for whoever shows it."""

    state: str
    traffic: str
    requests: int
    client_errors: int


@dataclass(frozen=True)
class Stage:
    """One model on one local stack."""

    stack: Stack
    data: DemoData

    def prepare(self) -> None:
        """The owner's part: the frozen holdout."""
        self._put(self.stack.output("ArtifactBucketName"), f"{MODEL}/holdout/holdout.csv", self.data.holdout)

    def play(self, act: Act, clients: LiveClients | None, show: Callable[[Glimpse], None]) -> Scene:
        """Drops the act's dataset and follows its run to the terminal state."""
        began, before = time.monotonic(), _report(clients)
        self._put(self.stack.output("ArtifactBucketName"), f"{MODEL}/pipeline.yaml", _pipeline(act))
        self._put(self.stack.output("DataBucketName"), act.key, self.data.drops[act.version])
        for line in follow(self.stack, MODEL, act.key, ACT_SECONDS):
            show(self._glimpse(line, before, _report(clients)))
        seconds = time.monotonic() - began
        return self._scene(act, line, before, _report(clients), seconds)

    def _put(self, bucket: str, key: str, body: bytes) -> None:
        self.stack.client("s3").put_object(Bucket=bucket, Key=key, Body=body)

    def _glimpse(self, line: Line | None, before: ClientReport, now: ClientReport) -> Glimpse:
        serving = endpoints(self.stack, MODEL)
        traffic = "; ".join(each.traffic for each in serving if not each.name.endswith("-alpha"))
        requests, errors = now.requests - before.requests, now.error_count - before.error_count
        return Glimpse(line.state if line else "ARRIVING", traffic, requests, errors)

    def _scene(
        self, act: Act, line: Line | None, before: ClientReport, after: ClientReport, seconds: float
    ) -> Scene:
        if line is None:
            raise StackError(f"{act.version} left no record in the ledger.", "Look at `switchyard status`.")
        decision = self._decision(line.run_id)
        weights = tuple(float(step["weight"]) for step in decision.get("weights", []))
        return Scene(
            act,
            line.run_id,
            line.state,
            line.reason,
            weights,
            _requests(after, line.run_id) - _requests(before, line.run_id),
            after.requests - before.requests,
            after.error_count - before.error_count,
            _errors_by_rollout(after) - _errors_by_rollout(before),
            self._execution(line.run_id).transitions + self._chunks(line.run_id),
            seconds,
        )

    def _decision(self, run_id: str) -> dict[str, Any]:
        key = f"{MODEL}/decisions/{run_id}.json"
        body = self.stack.client("s3").get_object(Bucket=self.stack.output("ArtifactBucketName"), Key=key)[
            "Body"
        ]
        decision: dict[str, Any] = json.loads(body.read())
        return decision

    def _chunks(self, run_id: str) -> int:
        """States entered inside the Map: AWS counts them, MiniStack's history leaves them out."""
        prefix = f"{MODEL}/evaluations/{run_id}/chunk-"
        found = self.stack.client("s3").list_objects_v2(
            Bucket=self.stack.output("ArtifactBucketName"), Prefix=prefix
        )
        return int(found["KeyCount"])

    def _execution(self, run_id: str) -> Execution:
        arn = f"{self.stack.output('RetrainMachineArn').replace(':stateMachine:', ':execution:')}:{run_id}"
        return read_execution(
            self.stack.client("stepfunctions"), arn, [self.stack.output("RolloutMachineArn")]
        )


def _pipeline(act: Act) -> bytes:
    """The example's pipeline.yaml, with the act's image."""
    document = yaml.safe_load(PIPELINE.read_text())
    document["training"]["image"] = act.image
    return yaml.safe_dump(document, sort_keys=False).encode()


def _report(clients: LiveClients | None) -> ClientReport:
    return clients.snapshot() if clients else ClientReport(0.0, {})


def _requests(report: ClientReport, variant: str) -> int:
    return report.variants[variant].requests if variant in report.variants else 0


def _errors_by_rollout(report: ClientReport) -> int:
    """Errors that no model made: connections refused, endpoints not found, the router's own failures."""
    return sum(
        error.count
        for variant in report.variants.values()
        for status, error in variant.errors.items()
        if status not in MODEL_ERRORS
    )
