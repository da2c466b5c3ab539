"""Plays a drill on the local stack: a challenger that misbehaves, live requests, and what becomes of both."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from cli.demo.clients import LiveClients, Load, in_background
from cli.drill.kinds import DRILLS, Drill, Kind, rules
from cli.drill.tables import mislabelled, reordered
from cli.records.endpoints import endpoint
from cli.records.follow import follow_run
from cli.records.ledger import Line, read_lines
from cli.report.facts import Sources
from cli.report.sources import sources_of
from cli.stack.access import prefix_of
from cli.stack.errors import RefusedError, StackError
from cli.stack.faults import faults
from cli.stack.stack import Stack
from switchyard.config.snapshot import Snapshots, prepared_prefix
from switchyard.core.champion import Champion
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.pipeline import REALTIME
from switchyard.core.ports import Storage

RUN_SECONDS, BACK_SECONDS, ARRIVAL_SECONDS = 900.0, 60.0, 120.0
MOST_ROWS = 5000


@dataclass(frozen=True)
class Ending:
    """What became of a drill. weights: the challenger's share in percent, step by step."""

    drill: str
    model: str
    run_id: str
    state: str
    reason: str
    expected: tuple[str, ...]
    weights: tuple[float, ...]
    requests: int
    failed: int
    champion: str
    is_back: bool
    seconds: float

    @property
    def is_as_expected(self) -> bool:
        return self.state in self.expected and self.is_back


@dataclass(frozen=True)
class Play:
    """One drill of one model; `show` is told what goes on."""

    stack: Stack
    model: str
    kind: Kind
    requests_per_second: float
    show: Callable[[str], None]

    @property
    def drill(self) -> Drill:
        return DRILLS[self.kind]

    @cached_property
    def sources(self) -> Sources:
        return sources_of(self.stack)

    @property
    def ledger(self) -> Ledger:
        return self.sources.ledger

    @property
    def artifacts(self) -> Storage:
        return self.sources.artifacts

    @property
    def endpoint(self) -> str:
        return Names(prefix_of(self.stack), self.model, "").endpoint

    def play(self) -> Ending:
        """Until the run has ended and the champion serves alone, or a minute has passed."""
        began, champion = time.monotonic(), self._champion()
        declared = yaml.safe_load(self.artifacts.read(f"{self.model}/pipeline.yaml"))
        metrics = (declared.get("rollout") or {}).get("metrics") or {}
        rules(self.kind, self.endpoint, "", metrics)  # refused before anything is begun
        with self._traffic(champion) as clients:
            run_id = self._begin(champion)
            with faults(self.stack, rules(self.kind, self.endpoint, run_id, metrics)):
                line = self._followed(run_id)
            is_back = self._is_back(champion)
        seen = clients.snapshot() if clients else None
        return Ending(
            self.kind.value,
            self.model,
            run_id,
            line.state,
            line.reason,
            self.drill.ends,
            self._weights(run_id),
            seen.requests if seen else 0,
            seen.error_count if seen else 0,
            champion.run_id,
            is_back,
            round(time.monotonic() - began, 1),
        )

    def _champion(self) -> Champion:
        champion = self.ledger.champion(self.model)
        if champion is None or champion.mode != REALTIME:
            raise RefusedError(
                f"{self.model} has no champion on a realtime endpoint: there is nothing to come back to.",
                "Drop a dataset first (`switchyard demo` makes the model digits), then drill again.",
            )
        if active := self.ledger.active(self.model):
            raise RefusedError(f"{active} is under way.", f"Wait for it: `switchyard watch {active}`.")
        return champion

    @contextmanager
    def _traffic(self, champion: Champion) -> Iterator[LiveClients | None]:
        """Requests made of the rows that the champion was validated on, or of those that it was trained on."""
        if not self.drill.has_traffic:
            yield None
            return
        load = Load(
            self.stack.plane_url,
            self.endpoint,
            self._rows(champion),
            self.requests_per_second,
            keys=self.stack.keys,
        )
        with in_background(LiveClients(load)) as clients:
            yield clients

    def _rows(self, champion: Champion) -> list[str]:
        prefix = prepared_prefix(self.ledger.run(self.model, champion.run_id))
        parts = [
            item.key
            for name in ("validation", "train")
            for item in self.artifacts.list(f"{prefix}{name}/part-")
        ]
        for key in parts:
            rows = [
                row.partition(",")[2] for row in self.artifacts.read(key).decode().splitlines()[:MOST_ROWS]
            ]
            if rows:
                return rows
        raise StackError(
            f"No rows of {champion.run_id} are left to ask with.", "Drop a dataset, then drill again."
        )

    def _begin(self, champion: Champion) -> str:
        """A challenger on the champion's own data, or on wrong labels; answers its run."""
        run, token = self.ledger.run(self.model, champion.run_id), uuid.uuid4().hex[:8]
        snapshots = Snapshots(self.artifacts)
        pipeline = snapshots.pipeline(run)
        tables = [self.artifacts.read(key).decode("utf-8-sig") for key in snapshots.data_files(run, pipeline)]
        wrong = self.drill.is_trained_wrong
        body = mislabelled(tables, pipeline.target, token) if wrong else reordered(tables, token)
        key = f"{self.model}/train/drill-{self.kind}-{token}.csv"
        bucket = self.stack.output("DataBucketName")
        self.stack.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())
        return self._run_of(key)

    def _run_of(self, key: str) -> str:
        deadline = time.monotonic() + ARRIVAL_SECONDS
        while time.monotonic() < deadline:
            for line in read_lines(self.stack, self.model):
                if line.source.endswith(f"/{key}") and line.run_id:
                    return line.run_id
                if line.source.endswith(f"/{key}") and line.state == "INVALID":
                    raise StackError(f"{key} was refused: {line.reason}", "This model cannot be drilled so.")
            time.sleep(0.5)
        raise StackError(f"{key} left no record.", "Look at `switchyard status`.")

    def _followed(self, run_id: str) -> Line:
        self.show(f"{run_id} is on its way: {self.drill.story}")
        return follow_run(self.stack, self.model, run_id, RUN_SECONDS)

    def _is_back(self, champion: Champion) -> bool:
        """The champion has all of the traffic, within a minute."""
        deadline = time.monotonic() + BACK_SECONDS
        while time.monotonic() < deadline:
            found = endpoint(self.stack, self.endpoint)
            if found and found.status == "InService" and found.weights == ((champion.variant, 1.0),):
                return True
            time.sleep(0.5)
        return False

    def _weights(self, run_id: str) -> tuple[float, ...]:
        trail: list[dict[str, Any]] = json.loads(str((self.ledger.rollout(run_id) or {}).get("trail", "[]")))
        return tuple(float(step["weight"]) for step in trail)
