"""`python -m sagemaker_local --port N --data-dir DIR [--images FILE] [--faults FILE]`: the plane, on loopback alone."""

from __future__ import annotations

import logging
import os
import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from sagemaker_local.app import application, build
from sagemaker_local.fault_rules import FaultError
from sagemaker_local.runtime.images import ImageFileError
from sagemaker_local.settings import SettingsError, read_settings

_HOST = "127.0.0.1"


def main(
    data_dir: Annotated[Path, typer.Option(help="Where the plane keeps its resources and running jobs.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one and prints it.")] = 0,
    images: Annotated[
        list[Path] | None, typer.Option(help="File that maps images to local runtimes; may be repeated.")
    ] = None,
    faults: Annotated[
        list[Path] | None, typer.Option(help="File of scripted faults; may be repeated.")
    ] = None,
) -> None:
    """Run a SageMaker that really trains and really serves, on this machine."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = read_settings(os.environ, data_dir, tuple(images or ()), tuple(faults or ()))
        listening = _listen(port)
        plane = build(settings)
    except (SettingsError, ImageFileError, FaultError, OSError) as error:
        typer.echo(f"The local SageMaker does not start: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(
        f"SageMaker listens on http://{_HOST}:{listening.getsockname()[1]}, data in {settings.data_dir}"
    )
    config = uvicorn.Config(
        application(plane),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((_HOST, port))
    return listening


if __name__ == "__main__":
    typer.run(main)
