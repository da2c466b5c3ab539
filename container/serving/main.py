"""The program `serve`: loads the model, listens, and on SIGTERM finishes what it has begun."""

import csv
import os
import signal
import sys
from collections.abc import Callable, Mapping

from container.layout import Layout
from container.serving.app import App, Model
from container.serving.connection import Application


def main(make_app: Callable[[Model, int], Application] = App) -> int:
    """Serve until SIGTERM. `make_app(model, max_payload_mb)` may wrap or replace the application."""
    csv.field_size_limit(1 << 30)  # a body or a file has its own limit
    environment = os.environ
    threads = int(environment.get("OMP_NUM_THREADS", "1"))
    environment["OMP_NUM_THREADS"] = "1"  # until the fork: a team of OpenMP's threads would not come along
    signal.signal(signal.SIGTERM, _leave)
    # Imported late: numpy and XGBoost read the number of threads when they load.
    from container.serving.model import ModelError, load_model

    try:
        model = load_model(
            Layout.from_environment(environment).model,
            threads,
            environment.get("SAGEMAKER_INFERENCE_OUTPUT", ""),
            environment.get("SERVE_ENGINE", "auto"),
        )
    except ModelError as error:
        print(f"serving failed: {error}", file=sys.stderr)
        return 1
    print(model.note, flush=True)
    max_payload_mb = int(environment.get("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6"))
    return serve(lambda: make_app(model, max_payload_mb), environment, threads)


def serve(make_app: Callable[[], Application], environment: Mapping[str, str], threads: int = 1) -> int:
    """Serve until SIGTERM, at the address that SageMaker and the environment say; each worker makes its own app."""
    from container.serving.worker import work
    from container.serving.workers import Workers, listen

    host, port = environment.get("SERVE_HOST", "127.0.0.1"), environment.get("SAGEMAKER_BIND_TO_PORT", "8080")
    try:
        listener = listen(host, int(port))
    except OSError as error:
        print(
            f"serving failed: {host}:{port} cannot be listened on: {os.strerror(error.errno or 0)}",
            file=sys.stderr,
        )
        return 1
    return Workers(
        listener, worker_count(environment, threads), lambda channel: work(make_app, channel)
    ).run()


def worker_count(environment: Mapping[str, str], threads: int) -> int:
    """SAGEMAKER_MODEL_SERVER_WORKERS, as SageMaker's own serving toolkit calls it, or what keeps each core busy."""
    cores = len(os.sched_getaffinity(0))
    return int(environment.get("SAGEMAKER_MODEL_SERVER_WORKERS") or max(1, cores // threads))


def _leave(_signal: int, _frame: object) -> None:
    """Nothing needs to finish before the server listens."""
    sys.exit(0)
