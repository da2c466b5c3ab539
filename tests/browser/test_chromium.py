"""What a page of another site can do to the local stack in a real browser: nothing. `make test-browser`"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sagemaker_local.hosting.serving.connection import ContainerClient
from sagemaker_local.runtime.port_key import lock
from tests.browser.conftest import Site, serving, text_of, visit
from tests.plane.support.harness import Harness
from tests.stack.conftest import MiniStack

LIST_QUEUES = "/?Action=ListQueues&Version=2012-11-05"
PATHS = ("/_ministack/reset", "/_ministack/config", "/_switchyard/events", "/kept/object", LIST_QUEUES)
PLANE_PATHS = ("/", "/_local/faults", "/_local/history", "/endpoints/live/invocations")
CAN_BE_SENT = {
    "simple fetch": "failed",
    "fetch with a preflight": "failed",
    "get": "failed",
    "web socket": "failed",
}
ALL_WAYS = (*CAN_BE_SENT, "fetch without cors", "image", "form")
KEY = b"k" * 80


class Locked(Site):
    """Answers every page, and has a port with a key."""

    def server_bind(self) -> None:
        lock(self.socket, KEY)
        super().server_bind()


def test_a_page_reads_nothing_and_changes_nothing(
    ministack: MiniStack, plane: Harness, site: Any, tmp_path: Path
) -> None:
    s3 = ministack.client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="object", Body=b"as it was")
    victim: Site = site.victim
    targets = [f"{ministack.ports.ministack_url}{path}" for path in PATHS]
    targets += [f"{plane.url}{path}" for path in PLANE_PATHS]
    seen = visit(site, tmp_path, [*targets, f"{victim.url}/open"])
    for target in targets:
        for way, outcome in CAN_BE_SENT.items():
            assert seen[f"{way} {target}"] == outcome, target
    assert s3.get_object(Bucket="kept", Key="object")["Body"].read() == b"as it was"
    open_to_all = {way: seen[f"{way} {victim.url}/open"] for way in CAN_BE_SENT}
    assert set(open_to_all.values()) == {"read 200", "failed"}  # no WebSocket there: the page is able to read
    assert {"GET /open", "POST /open", "PUT /open"} <= set(victim.asked)


def test_a_name_that_is_turned_to_this_machine_is_refused(
    ministack: MiniStack, plane: Harness, tmp_path: Path
) -> None:
    ready = f"127.0.0.1:{ministack.ports.ministack}/_ministack/ready"
    assert "completed" in text_of(tmp_path / "own", f"http://{ready}")
    for address in (ready, f"{plane.url.removeprefix('http://')}/_local/health"):
        turned = text_of(tmp_path / "turned", f"http://{address.replace('127.0.0.1', 'evil.example')}")
        assert "is not this server" in turned, turned


def test_a_port_of_a_model_takes_no_connection_of_a_page(site: Any, tmp_path: Path) -> None:
    """As the plane locks them: tests/plane/runtime/test_port_key.py."""
    with serving(Locked()) as model:
        address = f"{model.url}/invocations"
        seen = visit(site, tmp_path, [address])
        assert {way: seen[f"{way} {address}"] for way in ALL_WAYS} == dict.fromkeys(ALL_WAYS, "no answer")
        assert model.asked == []
        answer = asyncio.run(ContainerClient(model.server_port, key=KEY).request(b"GET", b"/open"))
        assert (answer.status, model.asked) == (200, ["GET /open"])
