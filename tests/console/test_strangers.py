"""Who is let in: this machine alone, no page of another site, and whoever only looks changes nothing."""

import re

import pytest

from cli.console.server import application
from cli.console.shared_reads import Board
from cli.stack.errors import NotRunningError
from tests.cli.settled_runs import RUN_ID
from tests.console.browser import Browser
from tests.console.site import Site
from tests.fakes.store import Clock

FRAME = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
ADDRESS = f"/models/digits/runs/{RUN_ID}"


def bare() -> Browser:
    """The console of a stack that does not run."""

    def connect() -> Site:
        raise NotRunningError("The local stack was not started yet.", "Start it with `switchyard up`.")

    return Browser(application(Board(connect, 1.0, "advice", Clock()), "local stack", 1.0))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.2", "10.0.0.1", ""])
def test_another_host_is_refused(host: str) -> None:
    answer = bare().get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "switchyard" not in answer.text


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, FRAME])
def test_a_page_of_another_site_is_refused(headers: dict[str, str]) -> None:
    assert bare().get("/", headers={"Host": "127.0.0.1:8750"} | headers).status_code == 403


def test_a_page_of_another_site_may_link_here() -> None:
    link = FRAME | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert bare().get("/", headers={"Host": "127.0.0.1:8750"} | link).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8750", "localhost:1", "localhost"])
def test_this_machine_is_served(host: str) -> None:
    answer = bare().get("/", headers={"Host": host})
    assert answer.status_code == 200
    assert "Next: Start it with <code>switchyard up</code>." in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize(
    "address", ["/", "/models/digits", ADDRESS, f"{ADDRESS}/report", "/static/console.css"]
)
def test_nothing_but_looking_is_possible(method: str, address: str) -> None:
    assert bare().request(method, address).status_code == 405


@pytest.mark.parametrize(
    "address", ["/", "/models/nothing", "/nothing", "/static/console.js", "/static/report.css"]
)
def test_every_answer_has_the_policy_and_loads_nothing_from_elsewhere(address: str) -> None:
    answer = bare().get(address)
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    elsewhere = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+", answer.text)) - {
        "//data",
        "//www.w3.org",
        "http://www.w3.org",
    }
    assert not {each for each in elsewhere if "." in each}
    assert "style=" not in answer.text
