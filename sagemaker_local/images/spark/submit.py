"""The program `smspark-submit`: one Spark application, its exit code, and a reason in /opt/ml/output/message."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sagemaker_local.images import layout
from sagemaker_local.images.spark.command import parse, spark_submit
from sagemaker_local.images.spark.configuration import read_configuration
from sagemaker_local.images.spark.errors import NO_HDFS, NO_HDFS_HOST, NO_S3, SubmitError
from sagemaker_local.images.spark.java import require_java

_S3_SIGNS = ("S3AFileSystem not found", 'No FileSystem for scheme "s3"', 'No FileSystem for scheme "s3n"')
_MESSAGE_BYTES = 1024


def main() -> int:
    """Submit what the command line says; the exit code is Spark's."""
    try:
        require_java()
        _check_hosts()
        code, advice = _submit(sys.argv[1:])
    except SubmitError as error:
        return _give_up(1, str(error))
    return _give_up(code, advice) if code and advice else code


def _submit(words: list[str]) -> tuple[int, str]:
    """Spark's exit code, and what to do where its log shows a path that cannot be read here."""
    job = parse(words)
    configuration = read_configuration(layout.base() / "processing" / "input" / "conf" / "configuration.json")
    for name in configuration.ignored:
        print(f"smspark-submit: {name} is for a cluster, and has no effect here", flush=True)
    if job.event_logs:
        job.event_logs.mkdir(parents=True, exist_ok=True)
    home = _spark_home()
    argv = [str(home / "bin" / "spark-submit"), *spark_submit(job, configuration.conf)]
    return _run(argv, _environment(home, configuration.environment))


def _run(argv: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
    found = ""
    with subprocess.Popen(
        argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            print(line, end="", flush=True)
            found = found or remedy(line)
    return (process.returncode if process.returncode >= 0 else 128 - process.returncode), found


def remedy(line: str) -> str:
    """What to do about a line of Spark's log; "" where it is not about a path that cannot be read here."""
    if any(sign in line for sign in _S3_SIGNS):
        return NO_S3
    return NO_HDFS if NO_HDFS_HOST in line else ""


def _spark_home() -> Path:
    package = importlib.util.find_spec("pyspark")
    if package is None or package.origin is None:
        raise SubmitError("PySpark is not installed in the local Spark image. Next: make images")
    return Path(package.origin).parent


def _environment(home: Path, given: Mapping[str, str]) -> dict[str, str]:
    python = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    return {**os.environ, "SPARK_HOME": str(home), **python, **given}


def _check_hosts() -> None:
    """Threads of one JVM are no cluster, and each host would see its own files alone."""
    file = layout.base() / "config" / "resourceconfig.json"
    hosts = json.loads(file.read_bytes()).get("hosts", []) if file.is_file() else []
    if len(hosts) > 1:
        raise SubmitError(
            f"{len(hosts)} instances given: the local Spark image runs on one; set InstanceCount to 1"
        )


def _give_up(code: int, reason: str) -> int:
    print(reason, file=sys.stderr, flush=True)
    message = layout.base() / "output" / "message"
    message.parent.mkdir(parents=True, exist_ok=True)
    message.write_text(reason[:_MESSAGE_BYTES], encoding="utf-8")
    return code
