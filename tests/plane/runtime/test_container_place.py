"""What a container finds in its place: port 8080, a fresh image, its WORKDIR, folders that the host does not have."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from sagemaker_local.hosting.serving.instance import Instance
from sagemaker_local.hosting.serving.spec import VariantFailedError
from sagemaker_local.runtime.backend import ProgramSpec
from sagemaker_local.runtime.images import ImageFileError, Images
from sagemaker_local.runtime.isolation import Isolation
from sagemaker_local.runtime.process import ProcessBackend
from tests import patience

pytestmark = pytest.mark.anyio

SERVER = """
import http.server, socket, sys, threading, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(sys.argv[2].encode())
    log_message = lambda *_: None
class Six(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
kind = Six if ":" in sys.argv[3] else http.server.ThreadingHTTPServer
server = kind((sys.argv[3], int(sys.argv[1])), Handler)
print("up", flush=True)
threading.Thread(target=server.serve_forever).start()
if "itself" in sys.argv:
    print("itself:", urllib.request.urlopen("http://localhost:8080/ping").read().decode(), flush=True)
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "serve.py").write_text(SERVER)
    return folder


@pytest.fixture
def entry() -> dict[str, Any]:
    return {}


@pytest.fixture
def images(tmp_path: Path, image: Path, entry: dict[str, Any]) -> Images:
    file = tmp_path / "images.yaml"
    file.write_text(yaml.safe_dump([{"match": "python:*", "path": str(image)} | entry]))
    return Images([file])


@pytest.fixture
async def backend(tmp_path: Path, images: Images, isolation: Isolation) -> AsyncIterator[ProcessBackend]:
    backend = ProcessBackend(tmp_path / "plane", images, isolation=isolation)
    yield backend
    await backend.close(1.0)


def server(
    tmp_path: Path,
    image: Path,
    who: str,
    *words: str,
    port: int = 8080,
    host: str = "0.0.0.0",  # noqa: S104 - what servers bind
) -> Any:
    opt_ml = tmp_path / f"ml-{who}"
    opt_ml.mkdir(exist_ok=True)
    lines: list[str] = []
    arguments = ("-u", str(image / "serve.py"), str(port), who, host, *words)
    return lines, ProgramSpec(
        name=f"live/{who}",
        image="python:1",
        command="serve",
        arguments=arguments,
        environment={},
        opt_ml=opt_ml,
        log=lines.append,
        entrypoint=(sys.executable,),
    )


@pytest.fixture
def own_ports(isolation: Isolation) -> None:
    if not isolation.has_own_ports:
        pytest.skip("this host gives servers no ports of their own")


@pytest.mark.usefixtures("own_ports")
@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "::"])  # noqa: S104 - what servers bind
async def test_two_servers_with_8080_written_into_them_serve_at_once(
    tmp_path: Path, image: Path, backend: ProcessBackend, host: str
) -> None:
    found = []
    for who in ("first", "second"):
        _, spec = server(tmp_path, image, who, host=host)
        instance = Instance(backend, spec)
        await instance.start(patience.SECONDS)
        found.append((await instance.client.request(b"GET", b"/ping")).body)
    assert found == [b"first", b"second"]


@pytest.mark.usefixtures("own_ports")
async def test_a_server_reaches_itself_on_8080(tmp_path: Path, image: Path, backend: ProcessBackend) -> None:
    lines, spec = server(tmp_path, image, "mirror", "itself")
    await Instance(backend, spec).start(patience.SECONDS)
    async with asyncio.timeout(patience.SECONDS):
        while "itself: mirror" not in lines:
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("own_ports")
async def test_the_variable_names_the_port_that_all_containers_have(
    tmp_path: Path, image: Path, backend: ProcessBackend
) -> None:
    (image / "serve.py").write_text("import os; print(os.environ['SAGEMAKER_BIND_TO_PORT'])")
    lines, spec = server(tmp_path, image, "told")
    assert await (await backend.start(spec)).wait() == 0
    assert lines == ["8080"]


async def test_a_failed_health_check_names_the_port_asked_and_those_listened_on(
    tmp_path: Path, image: Path, backend: ProcessBackend, isolation: Isolation
) -> None:
    _, spec = server(tmp_path, image, "astray", port=18_081)
    with pytest.raises(
        VariantFailedError, match=r"did not pass the ping health check\. .* listens on 18081\."
    ) as failed:
        await Instance(backend, spec).start(10)
    asked = "asked on port 8080" if isolation.has_own_ports else "listen on SAGEMAKER_BIND_TO_PORT"
    assert asked in str(failed.value)


@pytest.fixture
def private(isolation: Isolation) -> None:
    if not isolation.is_private:
        pytest.skip(f"this host allows no mount namespaces: {isolation.reason}")


async def said(tmp_path: Path, backend: ProcessBackend, code: str) -> list[str]:
    lines: list[str] = []
    opt_ml = tmp_path / "ml"
    opt_ml.mkdir(exist_ok=True)
    spec = ProgramSpec(
        name="job",
        image="python:1",
        command="train",
        arguments=("-u", "-c", code),
        environment={},
        opt_ml=opt_ml,
        log=lines.append,
        entrypoint=(sys.executable,),
    )
    assert await (await backend.start(spec)).wait() == 0, lines
    return lines


LEAVE = """
import os, pathlib
print(sorted(os.listdir(".")), os.getcwd())
pathlib.Path("left-behind.txt").write_text("x")
if pathlib.Path("serve.py").exists(): pathlib.Path("serve.py").write_text("changed")
print(sorted(os.listdir(".")))
"""


@pytest.mark.usefixtures("private")
async def test_every_container_starts_from_its_image(
    tmp_path: Path, image: Path, backend: ProcessBackend
) -> None:
    before = (image / "serve.py").read_text()
    for _ in range(2):
        assert await said(tmp_path, backend, LEAVE) == [
            f"['serve.py'] {image}",
            "['left-behind.txt', 'serve.py']",
        ]
    assert [each.name for each in image.iterdir()] == ["serve.py"]
    assert (image / "serve.py").read_text() == before


@pytest.mark.parametrize("isolation", [Isolation(False)])
async def test_without_namespaces_a_container_works_in_a_folder_of_its_own(
    tmp_path: Path, image: Path, backend: ProcessBackend
) -> None:
    for _ in range(2):
        first, _ = await said(tmp_path, backend, LEAVE)
        assert str(image) not in first
        assert "left-behind" not in first
    assert [each.name for each in image.iterdir()] == ["serve.py"]


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize(
    "entry",
    [{"folders": {"/opt/program": "./image"}, "workdir": "/opt/program", "search": ["./tools"]}],
)
async def test_a_folder_is_where_the_container_expects_it(
    tmp_path: Path, image: Path, backend: ProcessBackend
) -> None:
    code = "import os; print(os.getcwd(), os.listdir('/opt/program'), os.environ['PATH'].split(':')[0])"
    assert await said(tmp_path, backend, code) == [f"/opt/program ['serve.py'] {tmp_path / 'tools'}"]
    assert not Path("/opt/program").exists()
    await said(tmp_path, backend, "open('/opt/program/new', 'w').write('x')")
    assert [each.name for each in image.iterdir()] == ["serve.py"]


def test_folders_are_named_by_places_of_the_container(tmp_path: Path) -> None:
    file = tmp_path / "images.yaml"
    file.write_text(yaml.safe_dump([{"match": "x:*", "folders": {"program": "./p"}}]))
    with pytest.raises(ImageFileError, match="folders must say"):
        Images([file])


async def test_an_image_for_another_processor_does_not_begin(
    tmp_path: Path, image: Path, backend: ProcessBackend
) -> None:
    """Graviton under an image for x86: the container ends before its first /ping."""
    lines, spec = server(tmp_path, image, "arm")
    with pytest.raises(VariantFailedError, match="did not pass the ping health check"):
        await Instance(backend, replace(spec, instance_type="ml.c7g.large")).start(patience.SECONDS)
    assert "exec format error" in lines[0]
