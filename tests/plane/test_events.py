"""State changes for EventBridge: what they say, and that each arrives although the target is away, slow or picky."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sagemaker_local.access.keys import new_pair
from sagemaker_local.events import EventPump
from sagemaker_local.settings import Settings
from sagemaker_local.store import Store, Transaction
from tests import patience
from tests.plane.registry.specification import INFERENCE
from tests.plane.support.events import details, outbox
from tests.plane.support.harness import BUCKET, Harness, eventually, training_request


class Target:
    """An EventBridge that answers as it is told, and remembers what it took."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.calls = 0
        self.answer: Callable[[list[Any]], httpx.Response] = lambda _: httpx.Response(200, json={})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        entries = json.loads(request.content)["Entries"]
        response = self.answer(entries)
        if response.is_success and not response.json().get("FailedEntryCount"):
            self.taken += [json.loads(entry["Detail"])["n"] for entry in entries]
        return response


SETTINGS = Settings(Path(), "http://127.0.0.1:1", events_url="http://127.0.0.1:1/events", keys=new_pair())


@pytest.fixture
def target() -> Target:
    return Target()


@contextlib.asynccontextmanager
async def pumping(folder: Path, target: Target) -> AsyncIterator[Store]:
    store = Store(folder / "events.sqlite3")
    pump = EventPump(store, SETTINGS, httpx.MockTransport(target))
    task = asyncio.create_task(pump.run())
    try:
        yield store
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        store.close()


async def emit(store: Store, *numbers: int) -> None:
    def work(transaction: Transaction) -> None:
        for number in numbers:
            detail = json.dumps({"n": number})
            transaction.emit({"Source": "s", "DetailType": "t", "Detail": detail, "Resources": []})

    await store.run(work)


async def taken(target: Target, count: int) -> list[Any]:
    async with asyncio.timeout(patience.SECONDS):
        while len(target.taken) < count:
            await asyncio.sleep(0.01)
    return target.taken


class TestThePump:
    def test_delivers_in_order_ten_at_a_time(self, tmp_path: Path, target: Target) -> None:
        async def scenario() -> None:
            async with pumping(tmp_path, target) as store:
                await emit(store, *range(25))
                assert await taken(target, 25) == list(range(25))
                assert target.calls == 3
                assert await store.run(lambda transaction: transaction.events_waiting()) == 0

        asyncio.run(scenario())

    def test_waits_for_a_target_that_is_away_without_holding_anybody_up(
        self, tmp_path: Path, target: Target
    ) -> None:
        def away(entries: list[Any]) -> httpx.Response:
            raise httpx.ConnectError("nobody there")

        async def scenario() -> None:
            came_back = target.answer
            target.answer = away
            async with pumping(tmp_path, target) as store:
                await emit(store, 1, 2)
                async with asyncio.timeout(patience.SECONDS):
                    while target.calls < 3:
                        await asyncio.sleep(0.01)
                await emit(store, 3)
                target.answer = came_back
                assert await taken(target, 3) == [1, 2, 3]

        asyncio.run(scenario())

    def test_an_entry_that_is_refused_holds_up_no_other(self, tmp_path: Path, target: Target) -> None:
        def picky(entries: list[Any]) -> httpx.Response:
            bad = any(json.loads(entry["Detail"])["n"] == 2 for entry in entries)
            return httpx.Response(400 if bad else 200, json={})

        async def scenario() -> None:
            target.answer = picky
            async with pumping(tmp_path, target) as store:
                await emit(store, 1, 2, 3, 4)
                assert await taken(target, 3) == [1, 3, 4]
                assert await store.run(lambda transaction: transaction.events_waiting()) == 1

        asyncio.run(scenario())

    def test_success_with_failed_entries_is_no_success(self, tmp_path: Path, target: Target) -> None:
        answers = iter([httpx.Response(200, json={"FailedEntryCount": 1})])

        async def scenario() -> None:
            target.answer = lambda _: next(answers, httpx.Response(200, json={}))
            async with pumping(tmp_path, target) as store:
                await emit(store, 1)
                assert await taken(target, 1) == [1]
                assert target.calls == 2

        asyncio.run(scenario())

    def test_what_one_life_could_not_deliver_the_next_one_does(self, tmp_path: Path, target: Target) -> None:
        async def scenario() -> None:
            store = Store(tmp_path / "events.sqlite3")
            await emit(store, 1, 2)
            store.close()
            async with pumping(tmp_path, target):
                assert await taken(target, 2) == [1, 2]

        asyncio.run(scenario())


class TestWhatTheySay:
    def test_a_training_job_tells_each_step_with_milliseconds_as_text(self, plane: Harness) -> None:
        plane.sm.create_training_job(**training_request("told", Tags=[{"Key": "run", "Value": "r1"}]))
        job = plane.job("told")
        told = details(plane, "SageMaker Training Job State Change")
        steps = [(each["TrainingJobStatus"], each["SecondaryStatus"]) for each in told]
        assert steps[0] == ("InProgress", "Starting")
        assert steps[-1] == ("Completed", "Completed")
        assert len(steps) == 6
        last = told[-1]
        assert last["TrainingJobArn"] == job["TrainingJobArn"]
        assert last["CreationTime"].isdigit()
        assert len(last["CreationTime"]) == 13
        assert last["Tags"] == {"run": "r1"}
        assert last["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/models/told/output/model.tar.gz"
        assert outbox(plane)[0]["Resources"] == [job["TrainingJobArn"]]
        assert outbox(plane)[0]["Source"] == "aws.sagemaker"

    def test_an_endpoint_spells_its_status_unlike_the_api_and_hides_what_is_ours(
        self, plane: Harness
    ) -> None:
        plane.create_model("one")
        plane.create_config("one", {"one": 1})
        plane.sm.create_endpoint(EndpointName="told", EndpointConfigName="one")
        plane.endpoint("told")
        plane.sm.delete_endpoint(EndpointName="told")
        eventually(lambda: not plane.sm.list_endpoints()["Endpoints"])
        told = details(plane, "SageMaker Endpoint State Change")
        assert [each["EndpointStatus"] for each in told] == ["CREATING", "IN_SERVICE", "DELETING"]
        assert told[1]["ProductionVariants"][0]["DesiredWeight"] == 1.0
        assert not [name for each in told for name in each if name.startswith("_")]

    def test_a_model_package_tells_its_creation_and_its_approval(self, plane: Harness) -> None:
        plane.sm.create_model_package_group(ModelPackageGroupName="digits")
        created = plane.sm.create_model_package(
            ModelPackageGroupName="digits", InferenceSpecification=INFERENCE
        )
        plane.sm.update_model_package(
            ModelPackageArn=created["ModelPackageArn"], ModelApprovalStatus="Approved"
        )
        told = details(plane, "SageMaker Model Package State Change")
        assert [each["ModelApprovalStatus"] for each in told] == ["PendingManualApproval", "Approved"]
        assert (told[1]["ModelPackageGroupName"], told[1]["ModelPackageVersion"]) == ("digits", 1)
        assert told[1]["CreationTime"].endswith("Z")
