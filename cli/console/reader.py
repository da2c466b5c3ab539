"""What the console asks of AWS. It only reads, and what cannot change any more it reads once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from cli.console.known_run import KnownRun
from cli.console.machine import Scope, read_machine
from cli.console.models import GoingBack, Item, ModelView, model_view
from cli.console.offered_verbs import in_force, worthwhile
from cli.console.traffic import Split, Trail
from cli.console.views import ExecutionView, execution_view
from cli.records.endpoints import Endpoint, endpoint, statuses
from cli.records.executions import belongs, started_by
from cli.records.history import Visit, visits
from cli.records.ledger import Line, read_model, read_models
from cli.records.logs import LogLine, read_logs, sources_of_run
from cli.records.run_state import is_terminal
from cli.report.facts import Facts
from cli.report.sources import sources_of
from cli.requests.rollback import is_way_back
from cli.requests.verbs import Verb, allowed
from cli.stack.access import Access, prefix_of
from cli.stack.errors import StackError
from switchyard.aws.items import DynamoItems
from switchyard.aws.storage import S3Storage
from switchyard.core.champion import Champion
from switchyard.core.execution_end import readable
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names, is_model_name
from switchyard.rollout.rules.steering import Steering

PAGE = {"PageSize": 1000}
LOG_LINES, CLOCKS = 400, 1.0  # lines of a state; seconds by which two clocks may differ
LISTED = 200  # children are looked for among so many of the newest executions of their machine


class NotThereError(StackError):
    """What the address names is not there."""

    exit_code = 2


@dataclass(frozen=True)
class RunView:
    """A run, or a batch drop. known: None for a batch drop; execution: None before it began, or after its history is
    gone (90 days). verbs: what a person may do about it now; order: what one asked of the rollout."""

    model: ModelView
    line: Line
    execution: ExecutionView | None
    known: KnownRun | None
    verbs: tuple[Verb, ...] = ()
    order: Steering | None = None

    @property
    def facts(self) -> Facts | None:
        return self.known.facts if self.known else None

    @property
    def is_over(self) -> bool:
        """Nothing of it changes any more."""
        closed = is_terminal(self.line.state) and (self.facts is None or self.facts.settled_at is not None)
        return closed and (self.execution is None or self.execution.is_over)


class Reader:
    """One stack. Not for several threads at once."""

    def __init__(self, access: Access, clock: Callable[[], float] = time.time) -> None:
        self._access = access
        self._clock = clock
        self._trails: dict[str, Trail] = {}
        self._over: dict[str, ExecutionView] = {}
        self._machines: dict[str, Scope] = {}
        self._parents: dict[str, str] = {}
        self._runs: dict[str, KnownRun] = {}

    @cached_property
    def _items(self) -> DynamoItems:
        return DynamoItems(self._access.client("dynamodb"), self._access.output("LedgerTableName"))

    @cached_property
    def _prefix(self) -> str:
        return prefix_of(self._access)

    # models

    def models(self) -> tuple[ModelView, ...]:
        """Every model that has a folder in one of the two buckets. How traffic is split is asked of those that have a
        run under way: the others' champions have all of it.
        """
        s3, outputs = self._access.client("s3"), ("DataBucketName", "ArtifactBucketName")
        buckets = [S3Storage(s3, self._access.output(name)) for name in outputs]
        names = {name for bucket in buckets for name in bucket.folders() if is_model_name(name)}
        items, serving = read_models(self._access), statuses(self._access, f"{self._prefix}-")
        return tuple(self._listed(name, items.get(name, []), serving) for name in sorted(names))

    def _listed(self, name: str, items: Sequence[Item], serving: Mapping[str, str]) -> ModelView:
        found, endpoint_name = model_view(name, items), Names(self._prefix, name, "").endpoint
        if endpoint_name not in serving:
            return found
        if found.active:
            return self._with_endpoint(found)
        return replace(found, endpoint=Endpoint(endpoint_name, serving[endpoint_name], "", ()))

    def model(self, name: str) -> ModelView:
        """NotThereError where nothing was ever dropped for it, and it has no pipeline.yaml."""
        found = self._known(name)
        verbs = self._verbs(found.active, self._known_of(found.active).facts) if found.active else ()
        return replace(found, verbs=verbs, going_back=self._going_back(name))

    def _known(self, name: str) -> ModelView:
        found = self._model(name, read_model(self._access, name)) if is_model_name(name) else None
        if found is None or not (found.lines or found.champion):
            raise NotThereError(
                f"There is no model {name!r}, or nothing was dropped for it yet.", "See all models."
            )
        return found

    def _going_back(self, model: str) -> GoingBack | None:
        """The restore that a person began last, while it runs and where it did not go well."""
        client, arn = self._access.client("stepfunctions"), self._access.output("RestoreMachineArn")
        listed = client.list_executions(stateMachineArn=arn, maxResults=LISTED)["executions"]
        mine = [each for each in listed if is_way_back(str(each["name"]), model)]
        last = max(mine, key=lambda each: each["startDate"], default=None)
        if last is None or last["status"] == "SUCCEEDED":
            return None
        said = client.describe_execution(executionArn=last["executionArn"])
        error = readable(str(said.get("error", "")), str(said.get("cause", "")))
        return GoingBack(last["status"], last["startDate"], error)

    def _model(self, name: str, items: Sequence[Item]) -> ModelView:
        found = model_view(name, items)
        if found.champion is not None and not found.champion.has_endpoint:
            return found
        return self._with_endpoint(found)

    def _with_endpoint(self, found: ModelView) -> ModelView:
        name = Names(self._prefix, found.name, "").endpoint
        serving = endpoint(self._access, name)
        return replace(found, endpoint=serving, split=self._split(name, serving, found.champion))

    def _split(self, name: str, serving: Endpoint | None, champion: Champion | None) -> Split | None:
        self._trails[name] = self._trails.get(name, Trail()).look(serving, self._clock())
        return self._trails[name].split(champion.variant if champion else "")

    # runs

    def run(self, model: str, run_id: str) -> RunView:
        """NotThereError where the ledger knows no such run."""
        items = self._items_of(model, run_id)
        found = self._model(model, items)
        line = _line_of(found, run_id)
        if any(item["sk"] == f"BATCH#{run_id}" for item in items):
            return RunView(found, line, self._execution("TransformMachineArn", run_id, ()), None)
        children = ("RolloutMachineArn", "RestoreMachineArn")
        execution = self._execution("RetrainMachineArn", run_id, children)
        known = self._known_of(line)
        return RunView(found, line, execution, known, self._verbs(line, known.facts), in_force(known.facts))

    def facts(self, model: str, run_id: str) -> Facts:
        """For the report of a run."""
        return sources_of(self._access).facts(self.line(model, run_id))

    def line(self, model: str, run_id: str) -> Line:
        """What the ledger has of a run."""
        return _line_of(model_view(model, self._items_of(model, run_id)), run_id)

    def _items_of(self, model: str, run_id: str) -> list[Item]:
        """Of one run and its model's champion; a model may have thousands of others."""
        if not is_model_name(model):
            raise NotThereError(f"There is no model {model!r}.", "See all models.")
        keys = ("CHAMPION", "ACTIVE", f"RUN#{run_id}", f"BATCH#{run_id}")
        found = [self._items.get(f"MODEL#{model}", key) for key in keys]
        uploads = Ledger(self._items, self._clock).uploads_of(model, run_id)
        return [*(item for item in found if item is not None), *uploads]

    def record(self, model: str, run_id: str) -> bytes:
        """The decision record, as it lies in the artifact bucket."""
        bucket = S3Storage(self._access.client("s3"), self._access.output("ArtifactBucketName"))
        key = f"{model}/decisions/{run_id}.json"
        if not (is_model_name(model) and bucket.exists(key)):
            raise NotThereError(
                f"There is no {bucket.uri(key)}.", "A record is written when its run has ended."
            )
        return bucket.read(key)

    def _known_of(self, line: Line) -> KnownRun:
        """Read again where the run, its traffic or its last look is another one than before, and while it has neither:
        data and gate are then on their way, and the ledger does not say when they come.
        """
        state = self._items.get(f"ROLLOUT#{line.run_id}", "STATE")
        known, now, is_over = self._runs.get(line.run_id), (line, state), is_terminal(line.state)
        if known is None or known.as_of != now or not (state or is_over):
            facts = replace(sources_of(self._access), visits=lambda _: ()).facts(line)
            known = self._runs[line.run_id] = KnownRun(now, facts)
        if is_over and known.facts.settled_at is None:
            del self._runs[line.run_id]  # the record is about to be written
        return known

    def log(self, model: str, run_id: str, visits: Sequence[Visit]) -> list[LogLine]:
        """What the run's functions, jobs and servers printed while a state was visited."""
        names, now = Names(self._prefix, model, run_id), self._clock()
        spans = [
            (visit.entered.timestamp(), visit.exited.timestamp() if visit.exited else now) for visit in visits
        ]
        if not spans:
            return []
        between = min(begin for begin, _ in spans) - CLOCKS, max(end for _, end in spans) + CLOCKS
        found = read_logs(self._access.client("logs"), sources_of_run(names), LOG_LINES, between)
        return [line for line in found if any(a - CLOCKS <= line.at <= b + CLOCKS for a, b in spans)]

    def _verbs(self, line: Line, facts: Facts) -> tuple[Verb, ...]:
        return worthwhile(allowed(self._access, line), facts)

    # executions

    def _execution(self, machine: str, name: str, children: Sequence[str]) -> ExecutionView | None:
        arn = f"{self._access.output(machine).replace(':stateMachine:', ':execution:')}:{name}"
        try:
            return self._read(arn, children)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
                raise
            return None

    def _read(self, arn: str, children: Sequence[str]) -> ExecutionView:
        if arn in self._over:
            return self._over[arn]
        client = self._access.client("stepfunctions")
        described = client.describe_execution(executionArn=arn)
        pages = client.get_paginator("get_execution_history").paginate(
            executionArn=arn, PaginationConfig=PAGE
        )
        events = [event for page in pages for event in page["events"]]
        scope = self._machine(arn)
        reached = self._started_machines(scope, events, described)
        started = [self._read(child, children) for child in self._children(described, reached, children)]
        found = execution_view(described, events, scope, started)
        if found.is_over and found.status == "SUCCEEDED":
            self._over[arn] = found  # after another end a restore may still come
        return found

    def _started_machines(self, scope: Scope, events: Sequence[Any], described: dict[str, Any]) -> set[str]:
        """ARNs of the machines that this execution may have started by now; after a bad end SettleRun restores."""
        reached = {visit.name for visit in visits(events)}
        found = {node.starts for node in scope.walk() if node.starts and node.name in reached}
        bad_end = self._is_root(described) and described["status"] not in ("RUNNING", "SUCCEEDED")
        return found | ({self._access.output("RestoreMachineArn")} if bad_end else set())

    def _machine(self, arn: str) -> Scope:
        """The machine as it was when the execution began."""
        if arn not in self._machines:
            client = self._access.client("stepfunctions")
            found = client.describe_state_machine_for_execution(executionArn=arn)
            self._machines[arn] = read_machine(found["definition"])
        return self._machines[arn]

    def _children(self, parent: dict[str, Any], machines: set[str], wanted: Sequence[str]) -> list[str]:
        """ARNs of the executions that this one, or its end, started on machines that have an output in `wanted`."""
        client = self._access.client("stepfunctions")
        arns = [self._access.output(name) for name in wanted]
        listed = [
            each
            for arn in arns
            if arn in machines and arn != parent["stateMachineArn"]
            for each in client.list_executions(stateMachineArn=arn, maxResults=LISTED)["executions"]
        ]
        return [
            str(each["executionArn"])
            for each in listed
            if each["startDate"] >= parent["startDate"] and self._is_child(each, parent)
        ]

    def _is_child(self, each: dict[str, Any], parent: dict[str, Any]) -> bool:
        """What SettleRun started for a run belongs to the run, and not to its rollout of the same name."""
        run, family = str(parent["name"]) if self._is_root(parent) else " ", {str(parent["executionArn"])}
        return belongs(str(each["executionArn"]), run, family, self._starter)

    def _is_root(self, described: dict[str, Any]) -> bool:
        return bool(described["stateMachineArn"] == self._access.output("RetrainMachineArn"))

    def _starter(self, arn: str) -> str:
        """Asked once: an execution's input does not change."""
        if arn not in self._parents:
            self._parents[arn] = started_by(self._access.client("stepfunctions"), arn)
        return self._parents[arn]


def _line_of(found: ModelView, run_id: str) -> Line:
    line = found.line_of(run_id)
    if line is None:
        raise NotThereError(
            f"There is no run {run_id!r} of model {found.name}.", "See the runs of the model."
        )
    return line
