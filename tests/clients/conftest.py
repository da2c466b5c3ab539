"""One plane and one local AWS for all stories; the stories run beside each other, for clients mostly wait."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.clients.plane import running_plane
from tests.clients.stories import Ending, Story, tell
from tests.plane.support.harness import channel, client, eventually, training_request
from tests.plane.support.local_aws import local_aws

BUCKET = "stories"
AT_ONCE = 6
_counts = {"passed": 0, "failed": 0}

# "The default bucket and telemetry ask hosts that no endpoint variable reaches": users switch telemetry off here.
SDK_CONFIG = """SchemaVersion: '1.0'
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""


@pytest.fixture(scope="session")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What a user's shell would have to work with the plane; the bucket has rows and a model in it."""
    folder = tmp_path_factory.mktemp("stories")
    (folder / "config.yaml").write_text(SDK_CONFIG)
    (folder / "aws").mkdir()
    with local_aws(folder / "aws") as aws_url, running_plane(folder / "plane", aws_url) as plane:
        url = plane.url
        prepare(client("s3", aws_url), client("sagemaker", url))
        yield {
            "AWS_ENDPOINT_URL": aws_url,
            "AWS_ENDPOINT_URL_SAGEMAKER": url,
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "SAGEMAKER_USER_CONFIG_OVERRIDE": str(folder / "config.yaml"),
            "SAGEMAKER_VALIDATE_ROLE": "false",
            "NO_PROXY": "127.0.0.1",
            "STORY_BUCKET": BUCKET,
        }


@pytest.fixture(scope="session")
def endings(
    request: pytest.FixtureRequest, variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[Story, Future[Ending]]]:
    """How each selected story ends."""
    folder = tmp_path_factory.mktemp("homes")
    selected: list[Any] = [
        item for item in request.session.items if item.path.parent == Path(__file__).parent
    ]
    callspecs = [item.callspec for item in selected if hasattr(item, "callspec")]
    stories: list[Story] = [each.params["story"] for each in callspecs]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {story: pool.submit(tell, story, folder / story.name, variables) for story in stories}
        pool.shutdown(cancel_futures=True)


def prepare(s3: Any, sm: Any) -> None:
    """Rows to train on and to ask about, and a model trained on them."""
    s3.create_bucket(Bucket=BUCKET)
    drawn = random.Random(4)  # noqa: S311 - rows, not secrets
    points = [(drawn.uniform(0, 5), drawn.uniform(0, 5)) for _ in range(400)]
    rows = [f"{x + 2 * y:.3f},{x:.3f},{y:.3f}" for x, y in points]
    for key, lines in {
        "train/rows": rows[:300],
        "validation/rows": rows[300:],
        "batch/rows": [f"{x:.3f},{y:.3f}" for x, y in points[:50]],
    }.items():
        s3.put_object(Bucket=BUCKET, Key=f"data/{key}.csv", Body=("\n".join(lines) + "\n").encode())
    trained = _train(sm)
    model = io.BytesIO(s3.get_object(Bucket=BUCKET, Key=trained.split(f"{BUCKET}/", 1)[1])["Body"].read())
    s3.upload_fileobj(model, BUCKET, "data/model/model.tar.gz")


def _train(sm: Any) -> str:
    """Where the model is."""
    request = training_request("prepared", InputDataConfig=[channel("train", f"s3://{BUCKET}/data/train/")])
    request["AlgorithmSpecification"]["TrainingImage"] = "switchyard-xgboost:1"
    request["HyperParameters"] = {"objective": "reg:squarederror", "num_round": "30"}
    request["OutputDataConfig"] = {"S3OutputPath": f"s3://{BUCKET}/prepared"}
    sm.create_training_job(**request)
    job = eventually(
        lambda: sm.describe_training_job(TrainingJobName="prepared"),
        lambda seen: seen["TrainingJobStatus"] in ("Completed", "Failed"),
        seconds=120,
    )
    assert job["TrainingJobStatus"] == "Completed", job
    return str(job["ModelArtifacts"]["S3ModelArtifacts"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(1800))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        _counts["passed"] += 1
    elif report.failed:
        _counts["failed"] += 1


def pytest_unconfigure() -> None:
    print(f"{_counts['passed']} passed, {_counts['failed']} failed")
