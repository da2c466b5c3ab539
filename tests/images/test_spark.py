"""The Spark image: smspark-submit as PySparkProcessor calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plane.images.containers import Container

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
IMAGE = "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu"
CODE = "/opt/ml/processing/input/code"

Make = Callable[[str], Container]


@pytest.fixture
def job(container: Make) -> Container:
    return container(IMAGE)


async def test_the_example_makes_a_clean_table_of_a_raw_one(job: Container, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    subprocess.run([sys.executable, ROOT / "examples/spark/data.py", folder], check=True, cwd=ROOT)
    raw = (folder / "first.csv").read_text()
    job.file("processing/input/data/first.csv", raw)
    job.file("processing/input/code/prepare.py", (ROOT / "examples/spark/code/prepare.py").read_text())
    logs = "/opt/ml/processing/spark-events/"
    words = [
        "smspark-submit",
        "--local-spark-event-logs-dir",
        logs,
        f"{CODE}/prepare.py",
        "--target",
        "label",
    ]
    assert await job.run(*words) == 0, job.output
    (part,) = (job.opt_ml / "processing/output").glob("part-*.csv")
    header, *rows = part.read_text().splitlines()
    assert header == raw.partition("\n")[0]
    assert len(rows) == len(set(rows))
    assert 150 <= len(rows) <= 160  # 150 rows, and copies of some with a number left out
    assert all(float(field) >= 0 for row in rows for field in row.split(","))
    assert list((job.opt_ml / "processing/spark-events").iterdir())


async def test_configuration_py_files_and_arguments_reach_the_application(job: Container) -> None:
    job.file("processing/input/py-files/helper.py", "WORD = 'helped'\n")
    script = (
        "import os, sys, helper\nfrom pyspark.sql import SparkSession\n"
        "spark = SparkSession.builder.getOrCreate()\nconf = spark.sparkContext.getConf()\n"
        "print('SEEN', helper.WORD, conf.get('spark.sql.shuffle.partitions'), conf.get('spark.hadoop.x.y'),\n"
        "      conf.get('spark.master'), os.environ.get('COLOUR'), *sys.argv[1:])\n"
    )
    job.file("processing/input/code/app.py", script)
    configuration = [
        {"Classification": "spark-defaults", "Properties": {"spark.sql.shuffle.partitions": "3"}},
        {"Classification": "core-site", "Properties": {"x.y": "z"}},
        {"Classification": "yarn-site", "Properties": {"a": "b"}},
        {
            "Classification": "spark-env",
            "Configurations": [{"Classification": "export", "Properties": {"COLOUR": "blue"}}],
        },
    ]
    job.file("processing/input/conf/configuration.json", json.dumps(configuration))
    words = ["--py-files", "/opt/ml/processing/input/py-files", f"{CODE}/app.py", "--depth", "3"]
    assert await job.run("smspark-submit", *words) == 0, job.output
    assert "SEEN helped 3 z local[*] blue --depth 3" in job.lines
    assert any("yarn-site is for a cluster" in line for line in job.lines)


async def test_a_path_on_s3_is_refused_with_what_to_use_instead(job: Container) -> None:
    job.file(
        "processing/input/code/app.py",
        "from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate().read.csv('s3a://b/k').count()\n",
    )
    assert await job.run("smspark-submit", f"{CODE}/app.py") != 0
    message = (job.opt_ml / "output/message").read_text()
    assert "ProcessingInput" in message
    assert message in job.lines


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["s3://bucket/app.py"], "bring the application in as a ProcessingInput"),
        ([f"{CODE}/other.py"], "is not there"),
        (["--jars", "s3://bucket/a.jar", f"{CODE}/app.py"], "bring it in as a ProcessingInput"),
        (
            ["--files", "/opt/ml/processing/input/files", f"{CODE}/app.py"],
            "/opt/ml/processing/input/files is not there",
        ),
    ],
)
async def test_words_that_cannot_work_are_refused(job: Container, words: list[str], text: str) -> None:
    job.file("processing/input/code/app.py", "")
    assert await job.run("smspark-submit", *words) == 1
    assert text in (job.opt_ml / "output/message").read_text()


async def test_several_instances_are_refused(job: Container) -> None:
    job.file("processing/input/code/app.py", "")
    job.file(
        "config/resourceconfig.json", json.dumps({"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]})
    )
    assert await job.run("smspark-submit", f"{CODE}/app.py") == 1
    assert "set InstanceCount to 1" in job.output


async def test_without_java_the_error_says_what_to_install(job: Container) -> None:
    job.file("processing/input/code/app.py", "")
    without = (
        "/bin/sh",
        "-c",
        f'PATH=/nowhere JAVA_HOME= exec "$SMSPARK_PYTHON" "$SMSPARK_RUN" spark.submit {CODE}/app.py',
    )
    assert await job.run(*without) == 1
    assert "apt-get install openjdk-17-jre-headless" in job.output
