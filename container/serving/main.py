"""The programme `serve`: loads the model, listens, and on SIGTERM finishes what it has begun."""

import csv
import os
import signal
import sys
from collections.abc import Callable, Mapping

from container.layout import Layout
from container.serving.app import App, Application, Model

_GRACE_SECONDS = 25  # SageMaker kills a server 30 seconds after SIGTERM
_KEEP_ALIVE_SECONDS = 120  # longer than callers keep idle connections, so that none is closed under a request


def main(make_app: Callable[[Model, int], App] = App) -> int:
    """Serve until SIGTERM. `make_app(model, max_payload_mb)` may wrap or replace the application."""
    csv.field_size_limit(1 << 30)  # a body or a file has its own limit
    environment = os.environ
    threads = int(environment.setdefault("OMP_NUM_THREADS", "1"))
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
    listen(make_app(model, int(environment.get("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6"))), environment)
    return 0


def listen(app: Application, environment: Mapping[str, str]) -> None:
    """Serve an ASGI application until SIGTERM, at the address that SageMaker and the environment say."""
    import uvicorn

    uvicorn.run(
        app,
        host=environment.get("SERVE_HOST", "127.0.0.1"),
        port=int(environment.get("SAGEMAKER_BIND_TO_PORT", "8080")),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _leave(_signal: int, _frame: object) -> None:
    """Nothing needs to finish before the server listens; after it drained, uvicorn raises SIGTERM again."""
    sys.exit(0)
