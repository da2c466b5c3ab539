"""`switchyard console`: models, runs and their graphs as a web page on this machine."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Callable
from typing import Annotated

import typer

from cli.display import fail, reporting, say
from cli.stack.access import Access, DeployedStack
from cli.stack.loopback import HOST
from cli.stack.stack import Stack

PORT = 8750
LOCAL_SECONDS, DEPLOYED_SECONDS = 1.0, 5.0


@reporting
def console(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=f"Without it {PORT}, or a free one where that is taken.")
    ] = -1,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    stack: Annotated[
        str, typer.Option(help="A CloudFormation stack in your AWS account; without it the local stack.")
    ] = "",
    profile: Annotated[str, typer.Option(help="With --stack: the AWS profile.")] = "",
    region: Annotated[str, typer.Option(help="With --stack: the AWS region.")] = "",
) -> None:
    """Serve a page that shows models, runs, their graphs, traffic and evidence as they go. It changes nothing."""
    import uvicorn  # with all that draws, it would slow down every other command

    from cli.console.board import Board
    from cli.console.server import application

    seconds = DEPLOYED_SECONDS if stack else LOCAL_SECONDS
    connect, advice = _deployed(stack, profile, region) if stack else _local()
    title = f"stack {stack}" if stack else "local stack"
    app = application(Board(connect, seconds, advice), title, seconds)
    with _listen(port) as listening:
        url = f"http://{HOST}:{listening.getsockname()[1]}/"
        say(f"Console of the {title}: {url} (Ctrl-C ends it)")
        if open_it:
            webbrowser.open(url)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        uvicorn.Server(config).run(sockets=[listening])


def _local() -> tuple[Callable[[], Access], str]:
    """Asked at each look: the stack may stop, and come back elsewhere."""
    return Stack.load, "Look at `switchyard status`; `switchyard up` starts what does not run."


def _deployed(name: str, profile: str, region: str) -> tuple[Callable[[], Access], str]:
    found = DeployedStack.load(name, profile, region)
    advice = "Look at your credentials (`aws sts get-caller-identity`), and whether they may read this stack."
    return lambda: found, advice


def _listen(port: int) -> socket.socket:
    """A socket of this machine alone, on `port`; below 0 on the usual one, or on any where that is taken."""
    last: OSError | None = None
    for wanted in (port,) if port >= 0 else (PORT, 0):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, wanted))
            listening.listen()  # whoever is told the address finds it answered, if only after a moment
        except OSError as error:
            listening.close()
            last = error
        else:
            return listening
    raise fail(f"{HOST}:{port} cannot be listened on: {last}.", "Name another --port, or none.", 2)
