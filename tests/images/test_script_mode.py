"""scikit-learn and PyTorch images: the examples' scripts, trained by the real toolkit and served by their handlers."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plane.images.containers import Container, invoke

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
PYTORCH_TRAINING = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.3-cpu-py311"
PYTORCH_INFERENCE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.3-cpu-py311"
BUCKET = "code"

Make = Callable[[str], Container]


def packed(**files: str) -> bytes:
    """A sourcedir.tar.gz; `train_py` is train.py."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("_py", ".py"))
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


def rows(example: str, folder: Path, file: str) -> list[str]:
    """The rows of an example's data, without the header."""
    subprocess.run([sys.executable, ROOT / "examples" / example / "data.py", folder], check=True, cwd=ROOT)
    return (folder / file).read_text().splitlines()[1:]


@pytest.fixture
def submit(aws_url: str, s3: Any) -> Callable[..., dict[str, str]]:
    """Hyperparameters of script mode, as the SageMaker SDK sends them; the archive is on S3."""

    def put(files: dict[str, str], **hyperparameters: object) -> dict[str, str]:
        s3.put_object(Bucket=BUCKET, Key="job/sourcedir.tar.gz", Body=packed(**files))
        given = {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": f"s3://{BUCKET}/job/sourcedir.tar.gz",
            "sagemaker_container_log_level": 20,
            "sagemaker_job_name": "job",
            "sagemaker_region": "us-east-1",
        } | hyperparameters
        return {name: json.dumps(value) for name, value in given.items()}

    return put


@pytest.fixture
def cloud(aws_url: str) -> dict[str, str]:
    """What the plane gives containers to find S3."""
    return {
        "AWS_ENDPOINT_URL": aws_url,
        "S3_ENDPOINT_URL": aws_url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def example(name: str) -> dict[str, str]:
    code = ROOT / "examples" / name / "code"
    return {path.name.replace(".py", "_py"): path.read_text() for path in code.glob("*.py")}


def resources(container: Container) -> Container:
    hosts = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"}
    group = {"instance_group_name": "homogeneousCluster", "instance_type": "ml.m5.large", "hosts": ["algo-1"]}
    extra = {"current_instance_type": "ml.m5.large", "current_group_name": "homogeneousCluster"}
    return container.file(
        "input/config/resourceconfig.json", json.dumps(hosts | extra | {"instance_groups": [group]})
    )


SERVING = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}


async def test_the_scikit_learn_example_trains_and_serves(
    container: Make, submit: Callable[..., dict[str, str]], cloud: dict[str, str], tmp_path: Path
) -> None:
    table = rows("sklearn-script", tmp_path / "data", "second.csv")
    job = resources(container(SKLEARN)).hyperparameters(**submit(example("sklearn-script"), alpha=10.0))
    job.channel("train", "\n".join(table[60:])).channel("validation", "\n".join(table[:60]))
    assert await job.train(**cloud) == 0, job.output
    assert any(line.startswith("validation-mae=") for line in job.lines)
    async with job.serving(**SERVING, **cloud) as client:
        features = [row.partition(",")[2] for row in table[:3]]
        answer = await invoke(client, "\n".join(features) + "\n")
        assert answer.status_code == 200, answer.text
        assert [50 < float(line) < 300 for line in answer.text.splitlines()] == [True] * 3
        assert answer.headers["content-type"] == "text/csv"
        assert (await invoke(client, "1,2,3")).status_code == 500


async def test_the_example_of_typed_rows_trains_and_answers_in_its_own_shape(
    container: Make, submit: Callable[..., dict[str, str]], cloud: dict[str, str]
) -> None:
    penguin = {"species": 0, "island": "Dream", "bill_length_mm": 39.1, "sex": None}
    table = [
        json.dumps({**penguin, "species": kind, "bill_length_mm": 30.0 + 8 * kind + at % 3, "sex": sex})
        for at in range(40)
        for kind in (0, 1, 2)
        for sex in (None, "male")
    ]
    job = resources(container(SKLEARN)).hyperparameters(**submit(example("own-answers"), strength=1.0))
    job.channel("train", "\n".join(table)).channel("validation", "\n".join(table[:60]))
    assert await job.train(**cloud) == 0, job.output
    assert "validation-accuracy=1.00000" in job.output
    async with job.serving(**SERVING, **cloud) as client:
        answer = await invoke(client, "Dream,30.5,male\nBiscoe,,\n")
        assert answer.status_code == 200, answer.text
        first, unknown = answer.json()["penguins"]
        assert (first["species"], len(first["chances"])) == (0, 3)
        assert sum(unknown["chances"]) == pytest.approx(1.0)


async def test_the_pytorch_example_trains_and_serves(
    container: Make, submit: Callable[..., dict[str, str]], cloud: dict[str, str], tmp_path: Path
) -> None:
    table = rows("pytorch-script", tmp_path / "data", "first.csv")
    hyperparameters = submit(example("pytorch-script"), epochs=8, classes=10, **{"learning-rate": 0.003})
    job = resources(container(PYTORCH_TRAINING)).hyperparameters(**hyperparameters)
    job.channel("train", "\n".join(table[200:])).channel("validation", "\n".join(table[:200]))
    assert await job.train(**cloud) == 0, job.output
    accuracy = [line for line in job.lines if "validation-accuracy=" in line][-1].rpartition("=")[2]
    assert float(accuracy) > 0.85
    served = Container(job.backend, PYTORCH_INFERENCE, job.opt_ml)
    async with served.serving(**SERVING, **cloud) as client:
        answer = await invoke(client, "\n".join(row.partition(",")[2] for row in table[:100]))
        assert answer.status_code == 200, answer.text
    found = [[float(value) for value in line.split(",")] for line in answer.text.splitlines()]
    assert all(len(each) == 10 and abs(sum(each) - 1) < 1e-4 for each in found)
    right = [
        each.index(max(each)) == int(row.partition(",")[0]) for each, row in zip(found, table, strict=False)
    ]
    assert sum(right) / len(right) > 0.85


async def test_a_script_sees_its_hyperparameters_and_channels_as_on_sagemaker(
    container: Make, submit: Callable[..., dict[str, str]], cloud: dict[str, str]
) -> None:
    seen = "[sys.argv[1:], os.environ['SM_CHANNEL_TRAIN'], os.environ['SM_HPS']]"
    script = f"import json, os, sys\nprint('SEEN', json.dumps({seen}))"
    job = resources(container(SKLEARN)).hyperparameters(**submit({"train_py": script}, depth=3, name="oak"))
    assert await job.channel("train", "0,1\n").train(**cloud) == 0, job.output
    said = next(line for line in job.lines if line.startswith("SEEN"))
    assert json.loads(said.removeprefix("SEEN ")) == [
        ["--depth", "3", "--name", "oak"],
        "/opt/ml/input/data/train",
        json.dumps({"depth": 3, "name": "oak"}, separators=(",", ":")),
    ]


async def test_a_script_that_raises_fails_the_job(
    container: Make, submit: Callable[..., dict[str, str]], cloud: dict[str, str]
) -> None:
    job = resources(container(SKLEARN)).hyperparameters(**submit({"train_py": "raise ValueError('no luck')"}))
    assert await job.channel("train", "0,1\n").train(**cloud) == 1
    assert "ExecuteUserScriptError" in job.failure
    assert "no luck" in job.output


async def test_handlers_left_out_have_the_toolkits_defaults(container: Make) -> None:
    served = container(SKLEARN).file(
        "model/code/serve_it.py",
        "class Sum:\n    def predict(self, rows): return rows.sum(axis=1)\ndef model_fn(model_dir): return Sum()\n",
    )
    async with served.serving(SAGEMAKER_PROGRAM="serve_it.py") as client:
        assert (await invoke(client, "1,2\n3,4")).text == "3.0\n7.0\n"
        as_json = await invoke(client, "[[1, 2]]", "application/json", "application/json")
        assert as_json.json() == [3]
        assert (await invoke(client, "x", content_type="text/html")).status_code == 415
        assert (await invoke(client, "1,2", accept="text/html")).status_code == 406


async def test_code_may_come_from_s3_and_transform_fn_answers_alone(
    container: Make, cloud: dict[str, str], s3: Any
) -> None:
    script = (
        "def model_fn(model_dir): return 'm'\n"
        "def transform_fn(model, data, content_type, accept): return f'{model}:{data}:{content_type}', 'text/plain'\n"
    )
    s3.put_object(Bucket=BUCKET, Key="serving/sourcedir.tar.gz", Body=packed(inference_py=script))
    served = container(PYTORCH_INFERENCE)
    (served.opt_ml / "model").mkdir()
    uri = f"s3://{BUCKET}/serving/sourcedir.tar.gz"
    async with served.serving(SAGEMAKER_SUBMIT_DIRECTORY=uri, **cloud) as client:
        answer = await invoke(client, "1,2")
    assert (answer.text, answer.headers["content-type"]) == ("m:1,2:text/csv", "text/plain")


@pytest.mark.parametrize(
    ("files", "environment", "text"),
    [
        ({}, {}, "SAGEMAKER_PROGRAM is not set"),
        ({}, {"SAGEMAKER_PROGRAM": "inference.py"}, "has no inference.py"),
        ({"model/code/a.py": "x = 1"}, {"SAGEMAKER_PROGRAM": "a.py"}, "a has no model_fn(model_dir)"),
    ],
)
async def test_code_that_cannot_serve_is_named(
    container: Make, files: dict[str, str], environment: dict[str, str], text: str
) -> None:
    served = container(SKLEARN)
    for path, content in files.items():
        served.file(path, content)
    program = await served.backend.start(served.spec("serve", environment))
    assert await program.wait() == 1
    assert text in served.output
