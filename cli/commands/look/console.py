"""`switchyard console`: models, runs and their graphs as a web page on this machine."""

from __future__ import annotations

import atexit
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer

from cli.commands.found import Where
from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.display import fail, print_json, reporting, say
from cli.stack.access import Access, DeployedStack
from cli.stack.loopback import HOST
from cli.stack.stack import Stack

PORT = 8750
LOCAL_SECONDS, DEPLOYED_SECONDS = 1.0, 5.0


@reporting
def console(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help=f"Without it {PORT}, or a free one where that is taken."),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Nobody can act on its pages.")] = False,
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Serve web pages that show models and runs as they go, and act on them.

    Whoever has the address that it prints may act on them; with --read-only nobody.
    """
    import uvicorn  # with all that draws, it would slow down every other command

    from cli.console.address import base_of, new_token
    from cli.console.server import application
    from cli.console.shared_reads import Board

    seconds = DEPLOYED_SECONDS if stack else LOCAL_SECONDS
    where = stack, profile, region
    look, advice = _deployed(where) if stack else _local()
    title, token = f"stack {stack}" if stack else "local stack", "" if read_only else new_token()
    act = None if read_only else lambda: connect(*where, may_change=True)
    app = application(Board(look, seconds, advice), title, seconds, token, act)
    with _listen(port) as listening:
        root = f"http://{HOST}:{listening.getsockname()[1]}"
        url = f"{root}{base_of(token)}/"
        say(f"Console of the {title}: {url} (Ctrl-C ends it)")
        if token:
            say(f"Whoever has this address may act on the {title}; {root}/ only shows it.")
        if as_json:
            print_json({"url": url, "read_only_url": f"{root}/"})
        if open_it:
            _show(url)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="on",
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        uvicorn.Server(config).run(sockets=[listening])


def _local() -> tuple[Callable[[], Access], str]:
    """Asked at each look: the stack may stop, and come back elsewhere."""
    return Stack.load, "Look at `switchyard status`; `switchyard up` starts what does not run."


def _deployed(where: Where) -> tuple[Callable[[], Access], str]:
    found = DeployedStack.load(*where)
    advice = "Look at your credentials (`aws sts get-caller-identity`), and whether they may read this stack."
    return lambda: found, advice


def _show(url: str) -> None:
    """In the browser, by way of a file: unlike that, a browser's command line is open to all users of the machine."""
    with NamedTemporaryFile("w", prefix="switchyard-console-", suffix=".html", delete=False) as file:
        file.write(f'<meta http-equiv="refresh" content="0;url={url}">')
    atexit.register(Path(file.name).unlink, missing_ok=True)
    webbrowser.open(Path(file.name).as_uri())


def _listen(port: int | None) -> socket.socket:
    """A socket of this machine alone, on `port`; without one on the usual one, or on any where that is taken."""
    last: OSError | None = None
    for wanted in (PORT, 0) if port is None else (port,):
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
