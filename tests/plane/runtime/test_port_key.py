"""A model's server is asked by the plane alone: its port takes a key, and nobody else gets a connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from sagemaker_local.hosting.serving.connection import ContainerClient, ContainerRefusedError
from sagemaker_local.hosting.serving.streamed import streamed
from sagemaker_local.runtime import port_key
from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.isolation import Isolation
from sagemaker_local.runtime.process import ProcessBackend
from tests.plane.runtime.programs import runner
from tests.plane.support.variants import eventually

pytestmark = pytest.mark.anyio
KEY, OTHER = b"k" * 80, b"o" * 80
NOBODY_SECONDS = 0.5

SERVER = """
import http.server, os, socket, urllib.request
{family}
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"here")
    def do_POST(self):
        own = "http://127.0.0.1:" + os.environ["SAGEMAKER_BIND_TO_PORT"] + "/ping"
        self.send_response(200); self.end_headers(); self.wfile.write(urllib.request.urlopen(own).read())
port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
http.server.ThreadingHTTPServer(("{host}", port), Echo).serve_forever()
"""
DUAL = "http.server.ThreadingHTTPServer.address_family = socket.AF_INET6"
FORMS = {
    "IPv4": SERVER.format(family="", host="0.0.0.0"),  # noqa: S104 - of its own ports
    "both": SERVER.format(family=DUAL, host="::"),
}


@pytest.fixture
async def backend(tmp_path: Path, isolation: Isolation) -> AsyncIterator[ProcessBackend]:
    file = tmp_path / "images.yaml"
    file.write_text(yaml.safe_dump([{"match": "python:*"}]))
    made = ProcessBackend(tmp_path / "plane", Images([file]), isolation=isolation, locks=True)
    yield made
    await made.close()


@pytest.mark.parametrize("form", FORMS)
async def test_the_plane_alone_asks_a_server(
    backend: ProcessBackend, tmp_path: Path, isolation: Isolation, form: str
) -> None:
    program = (await runner(backend, tmp_path)(FORMS[form], command="serve")).program
    assert program.port
    await eventually(lambda: port_key.is_listened_on(program.port))
    for key, source in ((b"", ""), (b"", "127.0.0.2"), *[(OTHER, "")] * isolation.has_keys):
        assert await gets_in(program.port, key, source) == (not isolation.has_keys), source
    client = ContainerClient(program.port, key=program.key)
    assert (await client.request(b"GET", b"/ping")).body == b"here"
    assert (await client.request(b"POST", b"/invocations")).body == b"here"  # it asks itself, too
    async with streamed(client, [], b"") as answer:
        assert b"".join([part async for part in answer.parts()]) == b"here"


async def test_every_server_has_a_key_of_its_own(
    backend: ProcessBackend, tmp_path: Path, isolation: Isolation
) -> None:
    run = runner(backend, tmp_path)
    keys = {(await run("", command="serve")).program.key for _ in range(2)}
    assert [len(key) for key in keys] == ([port_key.LONGEST] * 2 if isolation.has_keys else [0])
    assert (await run("", command="train")).program.key == b""


async def test_a_port_that_nobody_listens_on_is_told_at_once(tmp_path: Path) -> None:
    """The kernel does not refuse a signed segment: it is silent, and the client looks for itself."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with pytest.raises(ContainerRefusedError, match="Connection refused"):
        await ContainerClient(free, key=KEY).request(b"GET", b"/ping")


async def gets_in(port: int, key: bytes, source: str) -> bool:
    with socket.socket() as tried:
        tried.setblocking(False)
        if source:
            tried.bind((source, 0))
        if key:
            port_key.lock(tried, key)
        try:
            async with asyncio.timeout(NOBODY_SECONDS):
                await asyncio.get_running_loop().sock_connect(tried, ("127.0.0.1", port))
        except TimeoutError:
            return False
    return True
