"""The running local stack, as every command sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.request import Request

from cli.stack.errors import NotRunningError
from cli.stack.home import Home
from cli.stack.loopback import REGION, local_client
from cli.stack.services import Ports
from cli.stack.state import State, read_state
from sagemaker_local.access.keys import Keys

ON_THE_PLANE = {"sagemaker", "sagemaker-runtime", "application-autoscaling"}


@dataclass(frozen=True)
class Stack:
    """urls are loopback; `keys`: both services take no others; `outputs`: of the deployed CloudFormation stack."""

    home: Home
    ministack_url: str
    plane_url: str
    keys: Keys
    outputs: Mapping[str, str]

    @classmethod
    def load(cls, home: Home | None = None) -> Stack:
        """The stack that `switchyard up` started. NotRunningError when it, or a part of it, does not run."""
        home = home or Home.locate()
        state = read_state(home.state_file)
        if state is None or not state.children:
            raise NotRunningError("The local stack was not started yet.", "Start it with `switchyard up`.")
        for name, title in (("ministack", "MiniStack"), ("plane", "The local SageMaker")):
            if not state.running(name):
                problem = f"{title} does not run any more (log: {home.log(name)})."
                raise NotRunningError(problem, "Run `switchyard up`: it starts what is missing and recovers.")
        if not state.outputs:
            raise NotRunningError("The local stack is not deployed yet.", "Run `switchyard up` to its end.")
        return cls.of(home, state)

    @classmethod
    def of(cls, home: Home, state: State) -> Stack:
        ports = Ports(state.ministack_port, state.plane_port)
        return cls(home, ports.ministack_url, ports.plane_url, home.keys(), dict(state.outputs))

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def client(self, service: str) -> Any:
        """A boto3 client of the local AWS, or of the local SageMaker for its two services; one a service."""
        if service not in self._clients:
            url = self.plane_url if service in ON_THE_PLANE else self.ministack_url
            self._clients[service] = local_client(service, url, self.keys)
        return self._clients[service]

    def patient_client(self, service: str, seconds: float) -> Any:
        """A client of the local AWS for a call that takes so long, and must not be made twice."""
        return local_client(service, self.ministack_url, self.keys, patience_seconds=seconds)

    def output(self, name: str) -> str:
        """One output of the deployed stack; says so when the deployed template has none of that name."""
        if name not in self.outputs:
            problem = f"The deployed template has no output {name}."
            raise NotRunningError(problem, "Run `switchyard up`: it deploys the present template.")
        return self.outputs[name]

    def signed(self, method: str, path: str, body: bytes = b"") -> Request:
        """A request for one of the local SageMaker's own pages, ready to be sent."""
        from sagemaker_local.access.signing import (
            signed_headers,
        )  # botocore's signer, which takes long to import

        url = f"{self.plane_url}{path}"
        headers = signed_headers(self.keys, method, url, "sagemaker", REGION, body, {})
        return Request(url, body or None, headers, method=method)  # noqa: S310 - on loopback

    def environment(self) -> dict[str, str]:
        """Variables with which the AWS CLI, boto3 and the SageMaker SDK talk to this stack and to nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.ministack_url,
            "AWS_ENDPOINT_URL_SAGEMAKER": self.plane_url,
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": self.plane_url,
            "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": self.plane_url,
            **self.keys.environment(),
            "AWS_SESSION_TOKEN": "",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }
