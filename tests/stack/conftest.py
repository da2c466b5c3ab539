"""A real MiniStack of the test session's own, and Lambdas and state machines made by the plain API."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cli.stack.children import Child, stop
from cli.stack.home import Home
from cli.stack.loopback import local_client
from cli.stack.services import Ports, Service, await_ready, free_ports, launch, services
from tests import patience

T = TypeVar("T")
ROLE = "arn:aws:iam::000000000000:role/everything"


def until(look: Callable[[], T], seconds: float = patience.SECONDS) -> T:
    """The first true answer of `look`; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.05)
    return found


@dataclass
class MiniStack:
    """One MiniStack on its own state folder, which outlives its process."""

    home: Home
    ports: Ports
    child: Child | None = None
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        return services(self.home, self.ports)[0]

    @property
    def running(self) -> Child:
        assert self.child is not None
        return self.child

    def start(self) -> None:
        self.home.make_keys()
        self.child = launch(self.service, self.home)
        await_ready(self.service, self.child, self.home)

    def stop(self) -> None:
        stop(self.running, self.service.stop_seconds)

    def client(self, name: str) -> Any:
        if name not in self.clients:
            self.clients[name] = local_client(name, self.ports.ministack_url, self.home.keys())
        return self.clients[name]

    def function(self, name: str, code: str) -> str:
        """ARN of a function whose `handler(event, context)` is in `code`."""
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("main.py", code)
        created = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=ROLE,
            Handler="main.handler",
            Code={"ZipFile": package.getvalue()},
            Timeout=20,
        )
        return str(created["FunctionArn"])

    def machine(self, name: str, states: dict[str, Any]) -> str:
        """ARN of a machine that starts with its first state."""
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        created = self.client("stepfunctions").create_state_machine(
            name=name, definition=definition, roleArn=ROLE
        )
        return str(created["stateMachineArn"])

    def run(self, machine: str, given: dict[str, Any]) -> str:
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=machine, input=json.dumps(given)
        )
        return str(started["executionArn"])

    def describe(self, execution: str) -> dict[str, Any]:
        return dict(self.client("stepfunctions").describe_execution(executionArn=execution))

    def end_of(self, execution: str) -> dict[str, Any]:
        until(lambda: self.describe(execution)["status"] != "RUNNING")
        return self.describe(execution)


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    started = MiniStack(Home(tmp_path_factory.mktemp("home")), free_ports())
    try:
        started.start()
        make_role(started)
        yield started
    finally:
        started.stop()


def make_role(ministack: MiniStack) -> None:
    """The role of every test function: may do everything, because AUTH=true asks for one."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam = ministack.client("iam")
    iam.create_role(RoleName="everything", AssumeRolePolicyDocument=policy(trust))
    iam.put_role_policy(RoleName="everything", PolicyName="all", PolicyDocument=policy(everything))


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A file in which functions leave lines of JSON."""
    return tmp_path / "notes.jsonl"


def read_notes(notes: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []
