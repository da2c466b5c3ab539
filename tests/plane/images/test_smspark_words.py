"""smspark-submit's words and configuration, without Spark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.images.spark import submit
from sagemaker_local.images.spark.command import parse, spark_submit
from sagemaker_local.images.spark.configuration import Configuration, read_configuration
from sagemaker_local.images.spark.errors import NO_HDFS, NO_HDFS_HOST, SubmitError


@pytest.fixture
def app(tmp_path: Path) -> str:
    (tmp_path / "app.py").touch()
    return str(tmp_path / "app.py")


def test_folders_of_the_sdk_become_their_files(tmp_path: Path, app: str) -> None:
    folder = tmp_path / "jars"
    folder.mkdir()
    for name in ("b.jar", "a.jar"):
        (folder / name).touch()
    words = spark_submit(parse(["--jars", str(folder), "--class", "org.example.Main", app]), {})
    assert words[words.index("--jars") + 1] == f"{folder}/a.jar,{folder}/b.jar"
    assert words[words.index("--class") + 1] == "org.example.Main"


def test_what_follows_the_application_is_the_applications(app: str) -> None:
    assert spark_submit(parse([app, "--class", "1", "-v"]), {})[-4:] == [app, "--class", "1", "-v"]


def test_a_path_without_a_scheme_is_not_on_the_local_disk(app: str) -> None:
    """On AWS Spark's default file system is HDFS; a core-site of the user's wins, as there."""
    assert f"spark.hadoop.fs.defaultFS=hdfs://{NO_HDFS_HOST}" in spark_submit(parse([app]), {})
    own = {"spark.hadoop.fs.defaultFS": "file:///"}
    assert "spark.hadoop.fs.defaultFS=file:///" in spark_submit(parse([app]), own)
    said = f"java.net.UnknownHostException: {NO_HDFS_HOST}"
    assert submit.remedy(said) == NO_HDFS
    assert "file:///opt/ml/processing" in NO_HDFS
    assert submit.remedy("all is well") == ""


def test_the_users_properties_win_except_for_the_master(app: str) -> None:
    words = spark_submit(parse([app]), {"spark.ui.enabled": "true", "spark.master": "yarn"})
    assert "spark.ui.enabled=true" in words
    assert "spark.master=yarn" not in words
    assert words[:2] == ["--master", "local[*]"]


def test_event_logs_are_written_where_the_sdk_wants_them(app: str) -> None:
    words = spark_submit(parse(["--local-spark-event-logs-dir", "/opt/ml/processing/spark-events/", app]), {})
    assert "spark.eventLog.dir=file:///opt/ml/processing/spark-events" in words


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "the following arguments are required: app"),
        (["--nonsense", "x"], "nonsense|required"),
        (["s3://b/app.py"], "bring the application in as a ProcessingInput"),
        (["/nowhere/app.py"], "is not there"),
        (["--py-files", "s3a://b/x.py", "APP"], "bring it in as a ProcessingInput"),
        (["--py-files", "/nowhere/x.py", "APP"], "/nowhere/x.py is not there"),
        (["--spark-event-logs-s3-uri", "s3://b/", "APP"], "use --local-spark-event-logs-dir"),
    ],
)
def test_words_that_cannot_work_are_refused(app: str, words: list[str], text: str) -> None:
    with pytest.raises(SubmitError, match=text):
        parse([app if word == "APP" else word for word in words])


def write(folder: Path, document: Any) -> Path:
    file = folder / "configuration.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return file


def test_classifications_become_properties_and_variables(tmp_path: Path) -> None:
    export = {"Classification": "export", "Properties": {"COLOUR": "blue"}}
    document = [
        {"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "1g", "n": 3}},
        {"Classification": "core-site", "Properties": {"fs.x": "y"}},
        {"Classification": "spark-env", "Properties": {}, "Configurations": [export]},
        {"Classification": "yarn-env", "Configurations": [export | {"Properties": {"COLOUR": "red"}}]},
    ]
    assert read_configuration(write(tmp_path, document)) == Configuration(
        {"spark.executor.memory": "1g", "n": "3", "spark.hadoop.fs.x": "y"}, {"COLOUR": "blue"}, ("yarn-env",)
    )
    assert read_configuration(tmp_path / "none.json") == Configuration()


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("{", "not JSON"),
        ([{"Properties": {}}], 'needs a "Classification"'),
        ([{"Classification": "spork"}], "unknown Classification 'spork'"),
    ],
)
def test_a_faulty_configuration_is_refused(tmp_path: Path, document: Any, text: str) -> None:
    with pytest.raises(SubmitError, match=text):
        read_configuration(write(tmp_path, document))
