"""Runs MiniStack on the loopback interface, patched (`patches.py`), until SIGTERM.

    .venvs/ministack/bin/python -m cli.stack.ministack.launcher --port N --keys-file FILE

Settings come from the environment that `cli/stack/services.py` gives it. Lives in MiniStack's own environment:
imports the standard library, ministack, what ministack depends on, and `sagemaker_local.access`, which needs no more.

A clean stop saves the state and leaves `clean-stop` beside it. When MiniStack is gone and there is no such file, it
was killed, and only S3 is left, and what was deployed (`deployment.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

from cli.stack.ministack import deployment
from cli.stack.ministack.access import give_functions_sessions, guarded
from cli.stack.ministack.own_paths import answering, own_paths
from cli.stack.ministack.patches import patch
from cli.stack.ministack.stepfunctions import cut_short
from sagemaker_local.access.guard import App, Receive, Scope, Send
from sagemaker_local.access.keys import Keys, KeysError, read_keys

CLEAN_STOP = "clean-stop"
GRACE_SECONDS = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Run MiniStack on the loopback interface, patched.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--keys-file", type=Path, required=True)
    arguments = parser.parse_args()
    port = arguments.port
    state_dir = Path(os.environ["STATE_DIR"])
    state_dir.mkdir(parents=True, exist_ok=True)
    refuse_taken(port)
    pair = keys_in(arguments.keys_file)
    forget_unsaved(state_dir)
    for left in Path(os.environ["TMPDIR"]).glob("ministack-lambda-*"):  # a kill leaves them behind
        shutil.rmtree(left, ignore_errors=True)

    from ministack import app as ministack_app
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc, stepfunctions

    patch(limit=max(6, 3 * (os.cpu_count() or 2)), code_dir=state_dir.parent / "code")
    give_functions_sessions(lambda_runtime, lambda_svc, pair)
    app = answering(ministack_app.app, own_paths(state_dir, ministack_app))
    app = forgetting(guarded(app, pair), state_dir)
    asyncio.new_event_loop().run_until_complete(serve(app, port, lambda: cut_short(stepfunctions)))
    (state_dir / CLEAN_STOP).touch()
    lambda_runtime.kill_workers([worker for pool in lambda_runtime._workers.values() for worker in pool])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the threads of running executions would hold the process for up to a minute


def keys_in(file: Path) -> Keys:
    try:
        return read_keys(file)
    except KeysError as error:
        raise SystemExit(str(error)) from error


def refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SystemExit(
                f"Port {port} is taken: stop what listens there, or `switchyard down --purge` for new ports."
            )


def forget_unsaved(state_dir: Path) -> None:
    """Without the mark of a clean stop, MiniStack was killed, perhaps while it saved: a part of a state is worse than
    none, for it knows a deployment and no executions. It begins with the deployment alone, as when that was new."""
    if not (state_dir / CLEAN_STOP).exists():
        for saved in state_dir.glob("*.json*"):
            saved.unlink()
        deployment.begin_with(state_dir)


def forgetting(app: App, state_dir: Path) -> App:
    """Removes the saved state once it is loaded: after a kill, an old state must not pass for the present one."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_forget(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "lifespan.startup.complete":
                (state_dir / CLEAN_STOP).unlink(missing_ok=True)
                for saved in state_dir.glob("*.json"):
                    saved.unlink()
            await send(message)

        await app(scope, receive, send_and_forget if scope["type"] == "lifespan" else send)

    return wrapped


async def serve(app: App, port: int, stopping: Callable[[], None]) -> None:
    """Serves until SIGTERM or SIGINT, and calls `stopping` before the port closes; MiniStack saves its state while
    hypercorn closes the lifespan."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = GRACE_SECONDS
    stop = asyncio.Event()

    def end() -> None:
        stopping()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)
    await hypercorn_serve(app, config, shutdown_trigger=stop.wait)


if __name__ == "__main__":
    main()
