"""One worker: the connections that it is handed, until no more come and the last one is answered."""

import asyncio
import socket
from collections.abc import Callable

import uvloop

from container.serving.connection import Application, Connection, Service

_GRACE_SECONDS = 25  # SageMaker kills a server 30 seconds after SIGTERM
_IDLE_SECONDS = 120  # longer than callers keep idle connections, so that none is closed under a request
_LOOK_SECONDS = 10


def work(make_app: Callable[[], Application], channel: socket.socket) -> None:
    """Serve what comes through the channel, until its other end is closed."""
    uvloop.run(_work(Service(make_app()), channel))


async def _work(service: Service, channel: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    channel.setblocking(False)
    loop.add_reader(channel, _take, loop, service, channel, ended)
    watch = loop.create_task(_close_idle(service))
    await ended.wait()
    loop.remove_reader(channel)
    watch.cancel()
    await _emptied(service, loop.time() + _GRACE_SECONDS)


def _take(
    loop: asyncio.AbstractEventLoop, service: Service, channel: socket.socket, ended: asyncio.Event
) -> None:
    """The next connection, or the end."""
    data, descriptors, _flags, _address = socket.recv_fds(channel, 1, 1)
    for descriptor in descriptors:
        connection = socket.socket(fileno=descriptor)
        connection.setblocking(False)
        task = loop.create_task(loop.connect_accepted_socket(lambda: Connection(service), connection))
        _accepting.add(task)
        task.add_done_callback(_accepting.discard)
    if not data:
        ended.set()


_accepting: set[asyncio.Task[object]] = set()  # the loop itself holds its tasks weakly


async def _close_idle(service: Service) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        service.close_idle(loop.time() - _IDLE_SECONDS)


async def _emptied(service: Service, deadline: float) -> None:
    loop = asyncio.get_running_loop()
    service.leave()
    while (service.connections or _accepting) and loop.time() < deadline:
        await asyncio.sleep(0.01)
        service.leave()
