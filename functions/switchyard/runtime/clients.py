"""One boto3 session a function; a client is made when it is first asked for."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# Reads give up well before a function's own timeout, so that the error is ours to name.
CONFIG = Config(connect_timeout=5, read_timeout=50, retries={"mode": "standard", "max_attempts": 4})


@cache
def client(service: str) -> Any:
    return _session().client(service, config=CONFIG)


@cache
def _session() -> Any:
    return boto3.session.Session()
