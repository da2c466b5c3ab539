"""What looks at a stack need of it: clients and outputs, of the local stack or of a deployed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from cli.stack.errors import RefusedError, StackError

if TYPE_CHECKING:  # imported by whoever makes a client: it takes a tenth of a second
    from boto3.session import Session

READS = ("Get", "List", "Describe", "Query", "Scan", "Head", "BatchGet", "Filter", "Simulate")
USUAL: Mapping[str, Any] = {
    "connect_timeout": 5,
    "read_timeout": 20,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}


class Access(Protocol):
    """Fulfilled by Stack (this machine) and DeployedStack (an account)."""

    @property
    def outputs(self) -> Mapping[str, str]: ...

    def client(self, service: str) -> Any: ...

    def output(self, name: str) -> str: ...


@dataclass(frozen=True)
class DeployedStack:
    """A stack in an AWS account, seen with the caller's own profile; nothing can be changed unless `may_change`."""

    name: str
    session: Session
    outputs: Mapping[str, str]
    may_change: bool = False

    @classmethod
    def load(cls, name: str, profile: str = "", region: str = "", may_change: bool = False) -> DeployedStack:
        """StackError where the region is not known; botocore's errors where the stack is not there."""
        from boto3.session import Session

        session = Session(profile_name=profile or None, region_name=region or None)
        if not session.region_name:
            raise StackError(
                f"No region is known for stack {name}.", "Name it with --region, or in AWS_REGION."
            )
        client = reading_client(session, "cloudformation")
        found = client.describe_stacks(StackName=name)["Stacks"][0].get("Outputs", [])
        return cls(name, session, {each["OutputKey"]: each["OutputValue"] for each in found}, may_change)

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            made = _client(self.session, service)
            self._clients[service] = made if self.may_change else only_reading(made)
        return self._clients[service]

    def patient_client(self, service: str, seconds: float) -> Any:
        """A client for a call that takes so long, and must not be made twice."""
        made = _client(self.session, service, read_timeout=seconds, retries={"total_max_attempts": 1})
        return made if self.may_change else only_reading(made)

    def output(self, name: str) -> str:
        """StackError where the deployed template has no output of that name."""
        if name not in self.outputs:
            raise StackError(
                f"Stack {self.name} has no output {name}.",
                "Deploy the present template, or name another --stack.",
            )
        return self.outputs[name]


def prefix_of(access: Access) -> str:
    """The stack's name prefix, which its machines carry."""
    return access.output("RetrainMachineArn").rpartition(":")[2].removesuffix("-retrain")


def reading_client(session: Session, service: str) -> Any:
    """A client that refuses every call which could change something."""
    return only_reading(_client(session, service))


def _client(session: Session, service: str, **unusual: Any) -> Any:
    from botocore.config import Config

    return session.client(service, config=Config(**{**USUAL, **unusual}))  # type: ignore[call-overload]


def only_reading(client: Any) -> Any:
    """The same client, from now on without calls that change something."""
    client.meta.events.register("before-call", _refuse_changes)
    return client


def _refuse_changes(model: Any, **_: Any) -> None:
    if not model.name.startswith(READS):
        raise RefusedError(
            f"{model.name} would change something.", "The console only looks; use the command line."
        )


class Looking:
    """Another access, whose clients only read."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._clients: dict[str, Any] = {}

    @property
    def outputs(self) -> Mapping[str, str]:
        return self._access.outputs

    def output(self, name: str) -> str:
        return self._access.output(name)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = only_reading(self._access.client(service))
        return self._clients[service]
