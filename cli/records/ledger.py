"""The ledger as people read it: one line an upload, and one for each run that no upload started."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.stack.access import Access
from switchyard.core.ledger.retirement import RETIRED
from switchyard.core.run import UNDER_WAY, RunState
from switchyard.spending.rules.cost import dollars


@dataclass(frozen=True)
class Line:
    """at, ended_at: ISO 8601 in UTC, "" while there is none. source: what started it, as `s3://...` or `schedule`."""

    model: str
    source: str
    state: str
    reason: str
    run_id: str
    at: str
    ended_at: str
    # Of the run, once it has ended; a part of it where `unpriced` names something.
    cost_usd: float | None = None
    estimated_usd: float | None = None  # what was expected of it before it started
    unpriced: tuple[str, ...] = ()

    @property
    def is_batch(self) -> bool:
        """A batch drop, which is scored and trains nothing."""
        return _is_batch(self.model, self.source)

    @property
    def cost(self) -> str:
        if self.cost_usd is not None:
            return ("> " if self.unpriced else "") + dollars(self.cost_usd)
        return f"~ {dollars(self.estimated_usd)}" if self.estimated_usd is not None else ""


Item = Mapping[str, str]
KINDS = ("UPLOAD#", "RUN#", "BATCH#", RETIRED)
STANDING = ("CHAMPION", "ACTIVE", "WAITING")
MONEY = ("cost", "estimate")
OF_A_LINE = ("pk", "sk", "source", "state", "reason", "run_id", "at", "started_at", "ended_at", "retirement")
OF_A_CHAMPION = ("champion", "former")


def read_lines(stack: Access, model: str = "") -> list[Line]:
    """The whole ledger, or one model's part of it, newest last."""
    wanted = (*OF_A_LINE, *MONEY)
    return lines(_partition(stack, model, KINDS, wanted) if model else _scan(stack, "MODEL#", KINDS, wanted))


def read_models(stack: Access) -> dict[str, list[Item]]:
    """What lines and standing of every model are made of, without what they cost. As it was a moment ago, at half the
    price of a consistent read.
    """
    found: dict[str, list[Item]] = defaultdict(list)
    wanted = (*OF_A_LINE, *OF_A_CHAMPION)
    for item in _scan(stack, "MODEL#", (*KINDS, *STANDING), wanted, consistent=False):
        found[item["pk"].removeprefix("MODEL#")].append(item)
    return found


def read_model(stack: Access, model: str) -> list[Item]:
    """The same of one model."""
    return list(_partition(stack, model, (*KINDS, *STANDING), (*OF_A_LINE, *OF_A_CHAMPION)))


def _partition(stack: Access, model: str, kinds: Sequence[str], wanted: Sequence[str]) -> Iterator[Item]:
    """Items of those kinds of one model, with the attributes that are wanted; nothing of other models is read."""
    names, projection = _named(wanted)
    pages = (
        stack.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=stack.output("LedgerTableName"),
            KeyConditionExpression="#n0 = :model",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":model": {"S": f"MODEL#{model}"}},
            ProjectionExpression=projection,
            ConsistentRead=True,
        )
    )
    items = (_plain(each) for page in pages for each in page["Items"])
    return (item for item in items if item["sk"].startswith(tuple(kinds)))


def _scan(
    stack: Access, model: str, kinds: Sequence[str], wanted: Sequence[str], *, consistent: bool = True
) -> Iterator[Item]:
    """Items of those kinds whose partition begins so, with the attributes that are wanted."""
    names, projection = _named(wanted)
    of_kinds = {f":k{number}": kind for number, kind in enumerate(kinds)}
    values = {name: {"S": text} for name, text in {":model": model, **of_kinds}.items()}
    pages = (
        stack.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=stack.output("LedgerTableName"),
            FilterExpression="begins_with(#n0, :model) AND ("
            + " OR ".join(f"begins_with(#n1, {name})" for name in of_kinds)
            + ")",
            ProjectionExpression=projection,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            ConsistentRead=consistent,
        )
    )
    return (_plain(item) for page in pages for item in page["Items"])


def _named(wanted: Sequence[str]) -> tuple[dict[str, str], str]:
    """Placeholders of attributes, as some are words of DynamoDB's own: #n0 is pk, #n1 is sk."""
    names = {f"#n{number}": name for number, name in enumerate(wanted)}
    return names, ", ".join(names)


def lines(items: Iterable[Mapping[str, str]]) -> list[Line]:
    """Lines from ledger items, oldest first: uploads, the runs that none of them started, and retired models."""
    items = list(items)
    runs = {item["sk"].removeprefix("RUN#"): item for item in items if item["sk"].startswith("RUN#")}
    batches = {item["sk"].removeprefix("BATCH#"): item for item in items if item["sk"].startswith("BATCH#")}
    uploads = [item for item in items if item["sk"].startswith("UPLOAD#")]
    started = {upload.get("run_id", "") for upload in uploads}
    found = [_upload_line(upload, _of(upload, runs, batches)) for upload in uploads]
    found += [_run_line(run_id, run) for run_id, run in runs.items() if run_id not in started]
    found += [_retired_line(item) for item in items if item["sk"] == "RETIRED"]
    return sorted(found, key=lambda line: (line.at, line.source))


def _of(
    upload: Mapping[str, str], runs: Mapping[str, Mapping[str, str]], batches: Mapping[str, Mapping[str, str]]
) -> Mapping[str, str]:
    """What an upload became, if it became anything."""
    is_batch = _is_batch(upload["pk"].removeprefix("MODEL#"), upload.get("source", ""))
    return (batches if is_batch else runs).get(upload.get("run_id", ""), {})


def _is_batch(model: str, source: str) -> bool:
    """A model may have any name, also `batch`."""
    return f"/{model}/batch/" in source


def _upload_line(upload: Mapping[str, str], run: Mapping[str, str]) -> Line:
    """A run's end is on record a moment before its uploads have it: nothing is half over."""
    is_ahead = bool(run.get("ended_at")) and upload.get("state") in UNDER_WAY
    return Line(
        upload["pk"].removeprefix("MODEL#"),
        upload.get("source", ""),
        (run if is_ahead else upload).get("state", ""),
        run.get("reason", "") if is_ahead else _reason(upload, run),
        upload.get("run_id", ""),
        upload.get("at", ""),
        run.get("ended_at", ""),
        **_money(run),
    )


def _reason(upload: Mapping[str, str], run: Mapping[str, str]) -> str:
    """The upload's; while its run is under way what that waits for, if it does."""
    waits = run.get("reason", "") if run.get("state") == upload.get("state") == RunState.RUNNING else ""
    return waits or upload.get("reason", "")


def _retired_line(item: Mapping[str, str]) -> Line:
    retirement, model = json.loads(item["retirement"]), item["pk"].removeprefix("MODEL#")
    source, reason = "pipeline.yaml", str(retirement["reason"])
    return Line(model, source, RETIRED, reason, "", item["at"], item["at"])


def _run_line(run_id: str, run: Mapping[str, str]) -> Line:
    return Line(
        run["pk"].removeprefix("MODEL#"),
        run.get("source", ""),
        run.get("state", ""),
        run.get("reason", ""),
        run_id,
        run.get("started_at", ""),
        run.get("ended_at", ""),
        **_money(run),
    )


def _money(run: Mapping[str, str]) -> dict[str, Any]:
    """What a run has cost, and what was expected of it."""
    cost, estimate = json.loads(run.get("cost", "{}")), json.loads(run.get("estimate", "{}"))
    expected = estimate.get("expected", {}).get("usd")
    unpriced = tuple((cost or estimate.get("expected", {})).get("unpriced", ()))
    return {"cost_usd": cost.get("usd"), "estimated_usd": expected, "unpriced": unpriced}


def _plain(item: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """DynamoDB's typed values as text: every attribute read here is one."""
    return {name: str(next(iter(value.values()))) for name, value in item.items()}
