"""Guarded deployments with servers that answer, under load over boto3: not one request is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests import patience
from tests.plane.hosting.deployments import ONE, blue_green, config_of, rolling, update
from tests.plane.support.harness import IMAGE, Harness, client, eventually, pack_model, serve, settings_in
from tests.plane.support.serving import ServingBackend


@pytest.fixture
def live(tmp_path: Path, aws_url: str, s3: Any) -> Iterator[Harness]:
    """The endpoint `live` on four servers of `old`, and a config for `new`."""
    backend = ServingBackend()
    backend.handlers[IMAGE] = lambda asked: asked.spec.environment["WHO"].encode()
    pack_model(tmp_path, s3)
    with serve(settings_in(tmp_path / "plane", aws_url), backend) as harness:
        for model in ("old", "new"):
            harness.create_model(model, WHO=model)
            config_of(harness, model)
        harness.sm.create_endpoint(EndpointName="live", EndpointConfigName="old-4")
        harness.endpoint("live")
        yield harness


class Load:
    """Three clients that ask until the block ends; `answers` counts who answered, `errors` what went wrong."""

    def __init__(self, url: str) -> None:
        self.answers: Counter[str] = Counter()
        self.errors: list[Exception] = []
        self._url, self._over = url, threading.Event()

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=self._ask) for _ in range(3)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(patience.SECONDS)

    def _ask(self) -> None:
        runtime = client("sagemaker-runtime", self._url)
        while not self._over.is_set():
            try:
                answer = runtime.invoke_endpoint(EndpointName="live", Body=b"x")["Body"].read().decode()
                self.answers[answer] += 1
            except (BotoCoreError, ClientError) as error:
                self.errors.append(error)


@pytest.mark.parametrize("deployment", [
    blue_green("LINEAR", LinearStepSize={"Type": "INSTANCE_COUNT", "Value": 2}), rolling(1)
])  # fmt: skip
def test_moves_all_traffic_and_loses_nothing(live: Harness, deployment: dict[str, Any]) -> None:
    with Load(live.url) as load:
        eventually(lambda: load.answers["old"] >= 20)
        update(live, deployment)
        assert live.endpoint("live")["EndpointConfigName"] == "new-4"
        already = load.answers["new"]
        before = load.answers["old"]
        eventually(lambda: load.answers["new"] >= already + 20)
    assert load.errors == []
    # three requests may have been on their way when the last step was taken
    assert load.answers["old"] - before <= 3


def test_a_rollback_brings_all_traffic_back_and_loses_nothing(live: Harness) -> None:
    with Load(live.url) as load:
        eventually(lambda: load.answers["old"] >= 20)
        update(live, blue_green("CANARY", wait=1, alarms=("never-made",), CanarySize=ONE))
        assert "never-made" in live.endpoint("live")["FailureReason"]
        already = load.answers["old"]
        eventually(lambda: load.answers["old"] >= already + 20)
    assert load.errors == []
