"""smspark-submit's words become spark-submit's: a cluster of YARN on AWS, threads of one JVM here."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from sagemaker_local.images.spark.errors import NO_HDFS_HOST, NO_S3, SubmitError

# Loopback alone, and no web pages: nothing listens that others could reach.
# The user's properties win over all of these.
_LOCAL = {
    "spark.hadoop.fs.defaultFS": f"hdfs://{NO_HDFS_HOST}",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",  # Spark's 200 are for a cluster, and cost a laptop half a minute
    # Small jobs end before the JVM's second compiler has paid for itself: half the CPU time of the example.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
_FOLDERS = ("jars", "py_files", "files")


@dataclass(frozen=True)
class Job:
    """What `smspark-submit` was asked for. Lists of files are comma-separated in the words, folders resolved here."""

    app: str
    arguments: tuple[str, ...]
    main_class: str | None
    files: Mapping[str, tuple[str, ...]]
    event_logs: Path | None
    verbose: bool


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SubmitError(f"smspark-submit: {message}")


def parse(words: Sequence[str]) -> Job:
    """The options of the real smspark-submit. Raises SubmitError."""
    parser = _Parser(prog="smspark-submit", allow_abbrev=False)
    parser.add_argument("--class", dest="main_class")
    for name in _FOLDERS:
        parser.add_argument(f"--{name.replace('_', '-')}", default="")
    parser.add_argument("--local-spark-event-logs-dir", type=Path)
    parser.add_argument("--spark-event-logs-s3-uri")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("app")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    found = parser.parse_args(words)
    if found.spark_event_logs_s3_uri:
        raise SubmitError(
            "smspark-submit: --spark-event-logs-s3-uri: use --local-spark-event-logs-dir and an output"
        )
    files = {name.replace("_", "-"): _files(getattr(found, name)) for name in _FOLDERS}
    return Job(
        app=_app(found.app),
        arguments=tuple(found.arguments),
        main_class=found.main_class,
        files=files,
        event_logs=found.local_spark_event_logs_dir,
        verbose=found.verbose,
    )


def spark_submit(job: Job, conf: Mapping[str, str]) -> list[str]:
    """The words after `spark-submit`; the user's properties win over the local ones, except for the master."""
    properties = _LOCAL | _event_log(job.event_logs) | dict(conf)
    words = ["--master", "local[*]"]
    for name, value in sorted(properties.items()):
        if name not in ("spark.master", "spark.submit.deployMode"):
            words += ["--conf", f"{name}={value}"]
    if job.main_class:
        words += ["--class", job.main_class]
    for name, files in job.files.items():
        if files:
            words += [f"--{name}", ",".join(files)]
    return [*words, *(["--verbose"] if job.verbose else []), job.app, *job.arguments]


def _event_log(folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    return {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": f"file://{folder}",
        "spark.eventLog.rolling.enabled": "false",
    }


def _app(path: str) -> str:
    if _is_s3(path):
        raise SubmitError(
            f"smspark-submit: {path} is on S3: bring the application in as a ProcessingInput. {NO_S3}"
        )
    if not Path(path).is_file():
        raise SubmitError(
            f"smspark-submit: the application {path} is not there; look at the job's code input"
        )
    return path


def _files(text: str) -> tuple[str, ...]:
    """Files as they are, folders as their files, sorted: the SDK names the folder of an input."""
    files: list[str] = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        if _is_s3(word):
            raise SubmitError(f"smspark-submit: {word} is on S3: bring it in as a ProcessingInput. {NO_S3}")
        path = Path(word.removeprefix("file://"))
        if not path.exists():
            raise SubmitError(f"smspark-submit: {word} is not there")
        files += sorted(map(str, path.iterdir())) if path.is_dir() else [str(path)]
    return tuple(files)


def _is_s3(text: str) -> bool:
    return text.startswith(("s3://", "s3a://", "s3n://"))
