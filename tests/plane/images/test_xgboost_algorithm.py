"""The built-in XGBoost algorithm, by the image's own name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sagemaker_local.images.xgboost_algorithm.errors import UserError
from sagemaker_local.images.xgboost_algorithm.hyperparameters import read_hyperparameters
from sagemaker_local.runtime.isolation import Isolation
from tests.plane.images.containers import Container, invoke
from tests.plane.images.xgboost import IMAGE, table

pytestmark = pytest.mark.anyio

ENVIRONMENT = Path(__file__).parents[3] / ".venvs" / "container" / "bin" / "python"

Make = Callable[[str], Container]


@pytest.fixture
def job(container: Make) -> Container:
    assert ENVIRONMENT.exists(), "`make test` builds it from requirements/container.txt"
    return container(IMAGE)


def libsvm(csv: str) -> str:
    lines = [line.split(",") for line in csv.splitlines()]
    return "".join(
        f"{label} {' '.join(f'{at}:{value}' for at, value in enumerate(values) if value)}\n"
        for label, *values in lines
    )


async def test_a_binary_model_is_trained_and_served(job: Container) -> None:
    job.hyperparameters(objective="binary:logistic", num_round="5", eval_metric="auc,logloss")
    job.channel("train", table(2)).channel("validation", table(2, seed=1))
    assert await job.train() == 0, job.output
    assert [path.name for path in (job.opt_ml / "model").iterdir()] == ["xgboost-model"]
    first = next(line for line in job.lines if line.startswith("[0]"))
    assert [part.partition(":")[0] for part in first.split("\t")[1:]] == [
        *("train-auc", "train-logloss"),
        *("validation-auc", "validation-logloss"),
    ]
    async with job.serving() as client:
        answer = await invoke(client, "0.1,1,1,1\n1.9,1,,1\n")
        low, high = map(float, answer.text.splitlines())
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv")
        assert 0 < low < 0.3 < 0.7 < high < 1
        as_json = (await invoke(client, "0.1,1,1,1", accept="application/json")).json()
        assert as_json == {"predictions": [{"score": low}]}
        as_lines = (await invoke(client, "0.1,1,1,1\n1.9,1,,1", accept="application/jsonlines")).text
        assert [json.loads(line)["score"] for line in as_lines.splitlines()] == [low, high]
        sparse = await invoke(client, "0:1.9 1:1 3:1", content_type="text/libsvm")
        assert float(sparse.text) == high


async def test_what_a_server_cannot_read_or_answer_gets_the_algorithms_status(job: Container) -> None:
    job.hyperparameters(num_round="1").channel("train", table(2))
    assert await job.train() == 0, job.output
    async with job.serving() as client:
        assert (await invoke(client, "")).status_code == 204
        assert (await invoke(client, "1,2,3,4", content_type="application/pdf")).status_code == 415
        assert (await invoke(client, "1,2,x,4")).status_code == 415
        assert "field 3" in (await invoke(client, "1,2,secret,4")).text
        assert (await invoke(client, "1,2", accept="text/csv")).status_code == 400
        assert (await invoke(client, "1,2,3,4", accept="image/png")).status_code == 406
        assert (await client.get("/execution-parameters")).json()["MaxPayloadInMB"] == 6


async def test_class_probabilities_come_as_a_list_a_line(job: Container) -> None:
    job.hyperparameters(objective="multi:softprob", num_class="3", num_round="3").channel("train", table(3))
    assert await job.train() == 0, job.output
    async with job.serving() as client:
        lines = (await invoke(client, "0.1,1,1,1\n2.9,1,1,1\n")).text.splitlines()
    probabilities = [json.loads(line) for line in lines]
    assert [each.index(max(each)) for each in probabilities] == [0, 2]
    assert all(abs(sum(each) - 1) < 1e-5 for each in probabilities)


async def test_libsvm_is_the_default_format_and_says_the_same_as_csv(container: Make) -> None:
    logs = []
    for content, content_type in ((table(2), "text/csv; label_size=1"), (libsvm(table(2)), None)):
        job = container(IMAGE).hyperparameters(objective="binary:logistic", num_round="3", nthread="1")
        assert await job.channel("train", content, content_type).train() == 0, job.output
        logs.append([line for line in job.lines if line.startswith("[")])
    assert logs[0] == logs[1]
    assert len(logs[0]) == 3


async def test_weights_stand_in_the_second_column(job: Container) -> None:
    weighted = "".join(f"{line[0]},{2 - int(line[0])}{line[1:]}\n" for line in table(2).splitlines())
    job.hyperparameters(objective="binary:logistic", num_round="1", csv_weights="1").channel(
        "train", weighted
    )
    assert await job.train() == 0, job.output
    assert "300 rows and 4 columns" in job.output


async def test_early_stopping_keeps_the_best_round(job: Container) -> None:
    job.hyperparameters(objective="binary:logistic", num_round="500", early_stopping_rounds="2", eta="1")
    job.channel("train", table(2)).channel("validation", table(2, seed=1))
    assert await job.train() == 0, job.output
    assert 3 <= sum(line.startswith("[") for line in job.lines) < 500


async def test_a_job_goes_on_after_its_last_checkpoint(job: Container) -> None:
    job.file("input/config/checkpointconfig.json", '{"LocalPath": "/opt/ml/checkpoints"}')
    job.hyperparameters(objective="binary:logistic", num_round="7", eta="0.3").channel("train", table(2))
    assert await job.train() == 0, job.output
    kept = sorted(path.name for path in (job.opt_ml / "checkpoints").iterdir())
    assert kept == [f"xgboost-checkpoint.{number}" for number in range(2, 7)]
    for number in (4, 5, 6):
        (job.opt_ml / f"checkpoints/xgboost-checkpoint.{number}").unlink()
    whole = (job.opt_ml / "model/xgboost-model").read_bytes()
    job.lines.clear()
    assert await job.train() == 0, job.output
    assert sum(line.startswith("[") for line in job.lines) == 3
    assert len((job.opt_ml / "model/xgboost-model").read_bytes()) == len(whole)


@pytest.mark.parametrize(
    "backend",
    [None, Isolation(False, "asked for by the test")],
    ids=["as the host allows", "shared"],
    indirect=True,
)
async def test_two_hosts_train_one_model_each_on_its_rows(container: Make) -> None:
    lines = table(2).splitlines(keepends=True)
    hosts = ["algo-1", "algo-2"]
    parts = {"algo-1": lines[:150], "algo-2": lines[150:]}
    jobs = [container(IMAGE) for _ in hosts]
    for job, host in zip(jobs, hosts, strict=True):
        resources = {"current_host": host, "hosts": hosts}
        job.file("input/config/resourceconfig.json", json.dumps(resources)).channel(
            "train", "".join(parts[host])
        )
        job.hyperparameters(objective="binary:logistic", num_round="3", tree_method="hist", nthread="1")
    assert await asyncio.gather(*(job.train() for job in jobs)) == [0, 0], [job.output for job in jobs]
    assert [(job.opt_ml / "model/xgboost-model").exists() for job in jobs] == [True, False]
    alone = container(IMAGE).channel("train", "".join(lines))
    alone.hyperparameters(objective="binary:logistic", num_round="3", tree_method="hist", nthread="1")
    assert await alone.train() == 0, alone.output
    assert abs(last_loss(jobs[0]) - last_loss(alone)) < 0.02


def last_loss(job: Container) -> float:
    """Several hosts' lines begin with the time."""
    return float(next(line for line in job.lines if "[2]\t" in line).rpartition(":")[2])


@pytest.mark.parametrize(
    ("hyperparameters", "text"),
    [
        ({}, "Missing required hyperparameter: num_round"),
        ({"num_round": "5", "rounds": "5"}, "Extraneous hyperparameter found: rounds"),
        ({"num_round": "many"}, "Hyperparameter num_round: could not parse value"),
        ({"num_round": "0"}, "Hyperparameter num_round: 0 is not in [1, +inf)"),
        ({"num_round": "5", "subsample": "0"}, "Hyperparameter subsample: 0.0 is not in (0, 1]"),
        (
            {"num_round": "5", "booster": "oak"},
            "Hyperparameter booster: oak is not in ['gbtree', 'gblinear', 'dart']",
        ),
        ({"num_round": "5", "objective": "multi:softmax"}, "Require input for parameter 'num_class'"),
        ({"num_round": "5", "eval_metric": "auc"}, "Metric 'auc' can only be applied for classification"),
        (
            {"num_round": "5", "eval_metric": "beauty"},
            "Hyperparameter eval_metric: value beauty not in range",
        ),
    ],
)
def test_faulty_hyperparameters_are_refused_in_the_algorithms_words(
    hyperparameters: dict[str, str], text: str
) -> None:
    with pytest.raises(UserError) as refusal:
        read_hyperparameters(hyperparameters)
    assert text in str(refusal.value)


def test_aliases_and_the_tuners_metric_are_taken() -> None:
    given = {"num_round": "5", "learning_rate": "0.3", "_tuning_objective_metric": "validation:rmse"}
    read = read_hyperparameters(given | {"eval_metric": "mae"})
    assert read.booster == {"eta": 0.3}
    assert read.eval_metrics == ("mae", "rmse")


async def test_a_faulty_job_ends_with_its_reason_in_the_failure_file(job: Container) -> None:
    job.hyperparameters(eta="0.3").channel("train", table(2))
    assert await job.train() == 1
    assert job.failure == "framework error: \nUserError: Missing required hyperparameter: num_round"


async def test_script_mode_is_refused(job: Container) -> None:
    job.hyperparameters(num_round="5", sagemaker_program="train.py").channel("train", table(2))
    assert await job.train() == 1
    assert "script mode (sagemaker_program) is not supported" in job.failure


@pytest.mark.parametrize(
    ("name", "content", "content_type", "mode", "text"),
    [
        ("validation", "0,1\n", "text/csv", "File", "Missing required channel: train"),
        ("train", "0,1\n", "text/plain", "File", "text/plain is not an accepted ContentType: csv, text/csv"),
        ("train", "0,1\n", "application/x-parquet", "File", "use text/csv or text/libsvm"),
        ("train", "0,1\n", "text/csv;label_size=2", "File", "label_size must be equal to 1"),
        ("train", "0,1\n", "text/csv", "Pipe", "Pipe mode is not supported"),
        ("train", "label,a\n0,1\n", "text/csv", "File", "no header, the label first"),
        ("train", "0,1\n", None, "File", "is not 'LIBSVM' format"),
        ("train", "7,1\n", "text/csv", "File", "label must be in [0,1]"),
    ],
)
async def test_faulty_channels_are_refused(
    job: Container, name: str, content: str, content_type: str | None, mode: str, text: str
) -> None:
    job.hyperparameters(objective="binary:logistic", num_round="1").channel(name, content, content_type, mode)
    assert await job.train() == 1
    assert text in job.failure


async def test_a_model_that_is_not_xgboosts_own_format_is_not_loaded(job: Container) -> None:
    job.file("model/xgboost-model", b"\x80\x04K\x01.")
    program = await job.backend.start(job.spec("serve"))
    assert await program.wait() == 1
    assert "pickled models are not loaded" in job.output
