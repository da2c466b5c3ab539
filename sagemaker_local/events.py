"""State changes for EventBridge: written with the change itself, delivered in the background at least once.

AWS calls SageMaker's events best effort and unordered; here none is lost while the outbox file lives, one may
come twice, and a target that is away holds up nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import httpx

from sagemaker_local.access.signing import signed_headers
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Store, Transaction

_BATCH = 10  # PutEvents takes ten entries
_MAX_ATTEMPTS = 185  # as EventBridge retries a target
_KEPT_UNDELIVERED = 10_000
_FIRST_DELAY, _LAST_DELAY = 0.2, 15.0
_log = logging.getLogger(__name__)

Due = tuple[int, int, Document]  # outbox id, attempts so far, entry

# "IN_SERVICE", "OUT_OF_SERVICE": events spell the endpoint's status unlike the API.
_ENDPOINT_STATUS = {
    "OutOfService": "OUT_OF_SERVICE",
    "InService": "IN_SERVICE",
    "SystemUpdating": "SYSTEM_UPDATING",
    "RollingBack": "ROLLING_BACK",
    "UpdateRollbackFailed": "UPDATE_ROLLBACK_FAILED",
}


def training_job_event(now: float, job: Document, tags: dict[str, str]) -> Document:
    """`SageMaker Training Job State Change`: a DescribeTrainingJob with times as strings of milliseconds."""
    detail = {name: value for name, value in job.items() if not name.startswith("_")}
    for name in ("CreationTime", "LastModifiedTime", "TrainingStartTime", "TrainingEndTime"):
        if name in detail:
            detail[name] = str(int(detail[name] * 1000))
    detail["SecondaryStatusTransitions"] = []
    return _entry(now, "SageMaker Training Job State Change", job["TrainingJobArn"], detail | {"Tags": tags})


def job_event(now: float, noun: str, job: Document, tags: dict[str, str]) -> Document:
    """`SageMaker Transform Job State Change`, and `Processing`: a Describe answer with times in ISO 8601."""
    detail = {name: value for name, value in job.items() if not name.startswith("_")}
    for name in ("CreationTime", "LastModifiedTime", f"{noun}StartTime", f"{noun}EndTime"):
        if name in detail:
            detail[name] = _iso(detail[name])
    return _entry(now, f"SageMaker {noun} Job State Change", job[f"{noun}JobArn"], detail | {"Tags": tags})


def tuning_job_event(now: float, job: Document, tags: dict[str, str]) -> Document:
    """`SageMaker HyperParameter Tuning Job State Change`: times as strings of milliseconds, as of training jobs."""
    detail = {name: value for name, value in job.items() if not name.startswith("_")}
    detail.pop("BestTrainingJob", None)  # not a member of AWS's event
    for name in ("CreationTime", "LastModifiedTime", "HyperParameterTuningEndTime"):
        if name in detail:
            detail[name] = str(int(detail[name] * 1000))
    arn = job["HyperParameterTuningJobArn"]
    return _entry(now, "SageMaker HyperParameter Tuning Job State Change", arn, detail | {"Tags": tags})


def endpoint_event(now: float, endpoint: Document, tags: dict[str, str]) -> Document:
    """`SageMaker Endpoint State Change`: statuses in UPPER_SNAKE, times as numbers of milliseconds."""
    return _endpoint_event(now, "SageMaker Endpoint State Change", endpoint, tags)


def endpoint_deployment_event(now: float, endpoint: Document, tags: dict[str, str]) -> Document:
    """`SageMaker Endpoint Deployment State Change`: the same, told at each stage of a deployment."""
    return _endpoint_event(now, "SageMaker Endpoint Deployment State Change", endpoint, tags)


def _endpoint_event(now: float, kind: str, endpoint: Document, tags: dict[str, str]) -> Document:
    status = endpoint["EndpointStatus"]
    detail = {name: value for name, value in endpoint.items() if not name.startswith("_")}
    detail["EndpointStatus"] = _ENDPOINT_STATUS.get(status, status.upper())
    for name in ("CreationTime", "LastModifiedTime"):
        detail[name] = detail[name] * 1000
    return _entry(now, kind, endpoint["EndpointArn"], detail | {"Tags": tags})


def model_package_event(now: float, package: Document) -> Document:
    """`SageMaker Model Package State Change`, on creation and on each change; times are ISO 8601."""
    detail = dict(package)
    for name in ("CreationTime", "LastModifiedTime"):
        if name in detail:
            detail[name] = _iso(detail[name])
    return _entry(now, "SageMaker Model Package State Change", package["ModelPackageArn"], detail)


def _entry(now: float, detail_type: str, arn: str, detail: Document) -> Document:
    return {
        "Source": "aws.sagemaker",
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": [arn],
        "Time": _iso(now),
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Delivery(Enum):
    """What became of a batch."""

    DONE = "done"
    REFUSED = "refused"  # the target is there and does not want it
    AWAY = "away"  # the target cannot be reached


class EventPump:
    """Empties the outbox into the target, oldest first, with backoff while the target is away."""

    def __init__(
        self, store: Store, settings: Settings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._store, self._settings = store, settings
        self._url = settings.events_url
        self._client = httpx.AsyncClient(timeout=10.0, transport=transport, trust_env=False)
        self._misses = 0

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                self._store.changed.clear()
                await self._deliver_due()
                await self._rest()
        finally:
            await self._client.aclose()

    async def _deliver_due(self) -> None:
        if self._url is None:
            await self._store.run(lambda transaction: transaction.trim_outbox(_KEPT_UNDELIVERED))
            return
        while due := await self._store.run(lambda transaction: transaction.outbox(_BATCH)):
            if await self._deliver(due) is Delivery.AWAY:
                self._misses += 1
                await asyncio.sleep(_backoff(self._misses))
            else:
                self._misses = 0

    async def _rest(self) -> None:
        """Until something changed, or the next postponed event is due."""
        due, now = await self._store.run(lambda transaction: (transaction.next_due(), transaction.now))
        delay = None if due is None or self._url is None else max(0.0, due - now)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):  # wait_for loses a cancellation that comes with the change
                await self._store.changed.wait()

    async def _deliver(self, due: list[Due]) -> Delivery:
        outcome = await self._post([entry for _, _, entry in due])
        if outcome is Delivery.DONE:
            await self._store.run(lambda transaction: transaction.delivered([number for number, _, _ in due]))
        elif outcome is Delivery.REFUSED and len(due) > 1:
            for one in due:  # an entry that the target refuses must not hold up the others
                await self._deliver([one])
        elif outcome is Delivery.REFUSED:
            await self._store.run(lambda transaction: _postpone(transaction, *due[0]))
        return outcome

    async def _send(self, url: str, body: bytes) -> httpx.Response:
        headers, keys = {"Content-Type": "application/json"}, self._settings.keys
        if keys is not None:
            headers = signed_headers(keys, "POST", url, "events", self._settings.region, body, headers)
        return await self._client.post(url, content=body, headers=headers)

    async def _post(self, entries: list[Document]) -> Delivery:
        try:
            answer = await self._send(self._url or "", json.dumps({"Entries": entries}).encode())
        except httpx.HTTPError as error:
            _log.warning("%d events wait: %s cannot be reached (%r)", len(entries), self._url, error)
            return Delivery.AWAY
        if answer.is_success and not _failed_entries(answer):
            return Delivery.DONE
        _log.warning("%d events wait: %s answered %d", len(entries), self._url, answer.status_code)
        return Delivery.AWAY if answer.is_server_error else Delivery.REFUSED


def _failed_entries(answer: httpx.Response) -> int:
    """PutEvents answers 200 also when it refused entries: `FailedEntryCount` tells."""
    try:
        body: Any = answer.json()
    except ValueError:
        return 0
    return int(body.get("FailedEntryCount") or 0) if isinstance(body, dict) else 0


def _postpone(transaction: Transaction, number: int, attempts: int, entry: Document) -> None:
    if attempts + 1 >= _MAX_ATTEMPTS:
        _log.error(
            "event dropped after %d attempts: %s %s", attempts + 1, entry["DetailType"], entry["Resources"]
        )
        transaction.delivered([number])
    else:
        transaction.postpone(number, transaction.now + _backoff(attempts + 1))


def _backoff(misses: int) -> float:
    """Seconds before attempt number `misses` + 1: doubling, with jitter, up to 15."""
    ceiling = min(_LAST_DELAY, _FIRST_DELAY * 2.0 ** min(misses - 1, 10))
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - jitter is no secret
