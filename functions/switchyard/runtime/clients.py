"""One botocore session a function; a client is made when it is first asked something."""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

# Reads give up well before a function's own timeout, so that the error is ours to name.
CONFIG = Config(connect_timeout=5, read_timeout=50, retries={"mode": "standard", "max_attempts": 4})
# InvokeEndpoint: "A model container must respond to requests within 60 seconds ... If your model is going to take 50-60
# seconds of processing time, the SDK socket timeout should be set to be 70 seconds."
READ_TIMEOUTS = {"sagemaker-runtime": 70}


class Client:
    """A client of botocore's that is made when it is first asked something: what a function has no use for this time,
    or no right to, costs it nothing.
    """

    def __init__(self, service: str) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(_made(self._service), name)


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
    """Not boto3's, which brings resources and threads of transfers that no function uses."""
    return get_session()
