"""The programme `serve`: loads the model, listens, and on SIGTERM finishes what it has begun."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from container.layout import Layout
from container.serving.app import App
from container.serving.engine import Engine, EngineError

_GRACE_SECONDS = 25  # SageMaker kills a server 30 seconds after SIGTERM
_KEEP_ALIVE_SECONDS = 120  # longer than callers keep idle connections, so that none is closed under a request


class ModelError(Exception):
    """The model folder cannot be served; the text says what is there and what is expected."""


def main(make_app: Callable[[Engine, int], App] = App) -> int:
    """Serve until SIGTERM. `make_app(engine, max_payload_mb)` may wrap or replace the application."""
    environment = os.environ
    threads = int(environment.setdefault("OMP_NUM_THREADS", "1"))
    signal.signal(signal.SIGTERM, _leave)
    try:
        engine = load_engine(Layout.from_environment(environment).model, threads)
    except ModelError as error:
        print(f"serving failed: {error}", file=sys.stderr)
        return 1
    _listen(make_app(engine, int(environment.get("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6"))), environment)
    return 0


def load_engine(folder: Path, threads: int) -> Engine:
    """Load model.ubj or model.json of a model folder. Raises ModelError."""
    path = next((folder / name for name in ("model.ubj", "model.json") if (folder / name).is_file()), None)
    if path is None:
        found = ", ".join(sorted(item.name for item in folder.iterdir())) if folder.is_dir() else "no folder"
        raise ModelError(f"{folder} has no model.ubj or model.json (found: {found or 'nothing'})")
    try:
        return Engine(path, threads)
    except EngineError as error:
        raise ModelError(f"{path.name} cannot be loaded: {error}") from None


def _listen(app: App, environment: Mapping[str, str]) -> None:
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
