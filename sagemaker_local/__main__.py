"""The plane, on loopback alone: `python -m sagemaker_local --data-dir DIR [--port N] [--images FILE] ...`."""

from __future__ import annotations

import logging
import os
import socket
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from sagemaker_local.app import ClosingBackend, application, build
from sagemaker_local.fault_rules import FaultError
from sagemaker_local.runtime.docker import DockerBackend
from sagemaker_local.runtime.images import ImageFileError
from sagemaker_local.settings import Settings, SettingsError, read_settings
from sagemaker_local.weather import WEATHERS

_HOST = "127.0.0.1"


class BackendName(StrEnum):
    """--backend"""

    PROCESS = "process"
    DOCKER = "docker"


def main(
    data_dir: Annotated[Path, typer.Option(help="Where the plane keeps its resources and running jobs.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one and prints it.")] = 0,
    images: Annotated[
        list[Path] | None, typer.Option(help="File that maps images to local runtimes; may be repeated.")
    ] = None,
    faults: Annotated[
        list[Path] | None, typer.Option(help="File of scripted faults; may be repeated.")
    ] = None,
    weather: Annotated[
        str, typer.Option(envvar="SAGEMAKER_LOCAL_WEATHER", help=f"How kind it is: {', '.join(WEATHERS)}.")
    ] = "fair",
    keys_file: Annotated[
        Path | None,
        typer.Option(
            envvar="SAGEMAKER_LOCAL_KEYS_FILE",
            help="Ask callers for signatures by the keys in this file, which is made when it is not there.",
        ),
    ] = None,
    backend: Annotated[
        BackendName, typer.Option(help="What runs containers: processes of this machine, or Docker's engine.")
    ] = BackendName.PROCESS,
) -> None:
    """Run a SageMaker that really trains and really serves, on this machine."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        files = (tuple(images or ()), tuple(faults or ()))
        settings = read_settings(os.environ, data_dir, *files, keys_file, weather)
        listening = _listen(port)
        plane = build(settings, _backend(backend, settings))
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


def _backend(name: BackendName, settings: Settings) -> ClosingBackend | None:
    """None: the one that the plane makes by itself."""
    if name is BackendName.DOCKER:
        return DockerBackend(settings.data_dir, settings.docker)
    return None


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((_HOST, port))
    listening.listen()  # who reads the line below may call at once: the call waits until the plane has begun
    return listening


if __name__ == "__main__":
    typer.run(main)
