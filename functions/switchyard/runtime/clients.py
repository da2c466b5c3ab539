"""One botocore session a function; a client is made when it is first asked something."""

from functools import cache
from threading import Lock
from typing import Any

import botocore
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST, REGISTER_LAST
from botocore.session import Session

# Reads give up well before a function's own timeout, so that the error is ours to name. The User-Agent is given:
# botocore puts its own together anew for every call, which took an eighth of a call's CPU.
CONFIG = Config(
    connect_timeout=5,
    read_timeout=50,
    retries={"mode": "standard", "max_attempts": 4},
    user_agent=f"Botocore/{botocore.__version__} switchyard",
)
# InvokeEndpoint: "A model container must respond to requests within 60 seconds ... If your model is going to take 50-60
# seconds of processing time, the SDK socket timeout should be set to be 70 seconds."
READ_TIMEOUTS = {"sagemaker-runtime": 70}
# Services as events name them, by name or prefix of endpoints or id; "": events of all services.
OURS = frozenset({
    "", "application-auto-scaling", "application-autoscaling", "cloudwatch", "cloudwatch-logs", "dynamodb", "iam",
    "logs", "monitoring", "runtime.sagemaker", "s3", "sagemaker", "sagemaker-runtime", "sfn", "sns", "sqs", "states",
    "stepfunctions",
})  # fmt: skip

MAKING = Lock()  # threads share clients, and may not share the session that makes them


class Client:
    """A client of botocore's that is made when it is first asked something: what a function has no use for this time,
    or no right to, costs it nothing.
    """

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        with MAKING:
            made = _made(self._service)
        return getattr(made, name)


def client(service: str) -> Any:
    return Client(service)


@cache
def _made(service: str) -> Any:
    return _session().create_client(service, config=config(service))


def config(service: str) -> Config:
    if service not in READ_TIMEOUTS:
        return CONFIG
    return CONFIG.merge(Config(read_timeout=READ_TIMEOUTS[service]))


@cache
def _session() -> Session:
    """Not boto3's, which brings resources and threads of transfers that no function uses. Every client gets a copy of
    all handlers of its session, so it has those alone that our services' calls may come to.
    """
    session = Session(include_builtin_handlers=False)
    emitter = session.get_component("event_emitter")
    register = {
        None: emitter.register,
        REGISTER_FIRST: emitter.register_first,
        REGISTER_LAST: emitter.register_last,
    }
    for event, handler, *where in BUILTIN_HANDLERS:
        if may_happen(event):
            register[where[0] if where else None](event, handler)
    return session


def may_happen(event: str) -> bool:
    """Whether it is of every service or of one of ours, as `before-call.s3.PutObject`, and not for documentation."""
    kind, _, rest = event.partition(".")
    return kind != "docs" and rest.partition(".")[0] in OURS
