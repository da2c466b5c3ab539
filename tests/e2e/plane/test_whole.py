"""The whole plane, nothing faked: train, deploy, shift traffic under load, and lose no request."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any

import httpx

from sagemaker_local.archive import unpack
from tests.plane.support.harness import BUCKET, channel, client, eventually, training_request, variant
from tests.plane.support.process import Process, deploy, settled


class Load:
    """Clients that ask the endpoint `live` without pause; `answers` counts what they got."""

    def __init__(self, url: str, clients: int = 3) -> None:
        self._url = url
        self._end = threading.Event()
        self.answers: Counter[str] = Counter()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def _ask(self) -> None:
        runtime = client("sagemaker-runtime", self._url)
        while not self._end.is_set():
            try:
                answer = runtime.invoke_endpoint(EndpointName="live", Body=b"x")["Body"].read().decode()
            except Exception as error:
                answer = repr(error)
            self.answers[answer] += 1

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int) -> Counter[str]:
        """The answers of the next `count` requests or so."""
        before = self.answers.copy()
        eventually(lambda: self.answers.total() - before.total() >= count)
        return self.answers - before


def test_a_model_is_trained_deployed_and_replaced_under_load(process: Process, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="whole/train/a.csv", Body=b"1,2\n")
    more = {
        "HyperParameters": {"eta": "0.5"},
        "InputDataConfig": [channel("train", f"s3://{BUCKET}/whole/train/")],
    }
    process.sm.create_training_job(**training_request("whole", **more))
    job = eventually(
        lambda: process.sm.describe_training_job(TrainingJobName="whole"),
        lambda seen: seen["TrainingJobStatus"] in ("Completed", "Failed"),
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    deploy(process, "red", "blue", model_data=job["ModelArtifacts"]["S3ModelArtifacts"])
    both = [variant("red", 1), variant("blue", 0)]
    process.sm.create_endpoint_config(EndpointConfigName="both", ProductionVariants=both)

    with Load(process.url) as load:
        assert set(load.more(20)) == {"red"}
        process.sm.update_endpoint(EndpointName="live", EndpointConfigName="both")
        settled(process)
        for red, blue in ((3, 1), (1, 1), (0, 1)):
            weights = {"red": red, "blue": blue}
            process.sm.update_endpoint_weights_and_capacities(
                EndpointName="live",
                DesiredWeightsAndCapacities=[
                    {"VariantName": v, "DesiredWeight": w} for v, w in weights.items()
                ],
            )
            settled(process)
            seen = load.more(100)
        assert seen["blue"] >= 90  # requests that were under way may still be red
        process.sm.update_endpoint(EndpointName="live", EndpointConfigName="blue")
        settled(process)
        seen = load.more(50)
    assert set(load.answers) == {"red", "blue"}, load.answers
    assert set(seen) == {"blue"}

    changes = httpx.get(f"{process.url}/_local/history", params={"endpoint": "live"}, trust_env=False).json()
    served = [each["weights"] for each in changes if each["status"] == "InService"]
    assert served == [
        {"red": 1.0},
        {"red": 1.0, "blue": 0.0},
        {"red": 3.0, "blue": 1.0},
        {"red": 1.0, "blue": 1.0},
        {"red": 0.0, "blue": 1.0},
        {"blue": 1.0},
    ]


def test_the_training_program_finds_the_contract_in_its_own_opt_ml(process: Process, s3: Any) -> None:
    process.sm.create_training_job(**training_request("own", HyperParameters={"depth": "3"}))
    eventually(
        lambda: process.sm.describe_training_job(TrainingJobName="own")["TrainingJobStatus"],
        lambda status: status == "Completed",
    )
    s3.download_file(BUCKET, "models/own/output/model.tar.gz", str(process.folder / "own.tar.gz"))
    unpack(process.folder / "own.tar.gz", process.folder / "own")
    assert json.loads((process.folder / "own" / "model.json").read_text()) == {"depth": "3"}
    eventually(lambda: not list((process.folder / "data" / "jobs").glob("*")))
