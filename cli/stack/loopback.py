"""The guard: the local stack talks to this machine alone, with its own keys, and can never touch a real account."""

from __future__ import annotations

import ipaddress
import os
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cli.stack.errors import RefusedError, StackError
from sagemaker_local.access.keys import PREFIX, Keys

if TYPE_CHECKING:  # what speaks to services is imported by whoever does: it takes a fifth of a second
    import boto3

HOST = "127.0.0.1"
REGION = "us-east-1"
SESSIONS = 8  # one a stack; a process speaks to one, tests to several
POST_SECONDS = 300.0  # on a busy machine
# The caller's profile and files are not read: (name in a file, variable, default, conversion).
NO_PROFILE = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def require_loopback(url: str) -> str:
    """The URL, if its host is this machine; RefusedError otherwise."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not _is_loopback(parts.hostname or ""):
        raise RefusedError(
            f"'{url}' is not on this machine, and the local stack never leaves it.",
            f"Use an address like http://{HOST}:4566, or deploy to AWS with `sam deploy` instead.",
        )
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_own(keys: Keys) -> Keys:
    """The keys, if they are those of a local stack; RefusedError otherwise."""
    if not keys.access_key_id.startswith(PREFIX):
        raise RefusedError(
            f"Access key {keys.access_key_id} is none of a local stack ({PREFIX}...).",
            "Use the keys of `switchyard env`; real ones are never sent.",
        )
    return keys


_making = threading.Lock()  # "Session objects are not thread safe" (boto3's guide)


@lru_cache(SESSIONS)
def _session(keys: Keys) -> boto3.Session:
    """One for all clients: each reads botocore's megabytes of JSON anew."""
    import boto3
    from botocore.session import Session

    core = Session(session_vars=dict(NO_PROFILE))
    core.set_credentials(keys.access_key_id, keys.secret_access_key)
    return boto3.Session(botocore_session=core, region_name=REGION)


def local_client(service: str, url: str, keys: Keys, *, patience_seconds: float = 0.0) -> Any:
    """A boto3 client with the stack's keys; every request it sends is checked, whatever the profile says.

    patience_seconds: how long an answer may take of a call that must not be made twice; 0 for calls that may be.
    """
    from botocore.config import Config

    config = Config(
        connect_timeout=5,
        read_timeout=patience_seconds or 60,
        retries={"mode": "standard", "total_max_attempts": 1 if patience_seconds else 4},
        proxies={},
        s3={"addressing_style": "path"},
        inject_host_prefix=False,
    )
    with _making:
        client = _session(require_own(keys)).client(  # type: ignore[call-overload]
            service, endpoint_url=require_loopback(url), config=config
        )
    client.meta.events.register("before-send", _check_request)
    return client


def post(url: str, keys: Keys, document: bytes) -> None:
    """Sends JSON to one of MiniStack's paths that are the stack's own (`ministack/own_paths.py`). Raises StackError."""
    import httpx

    from sagemaker_local.access.signing import signed_headers

    headers = {"Content-Type": "application/json"}
    headers = signed_headers(
        require_own(keys), "POST", require_loopback(url), "own", REGION, document, headers
    )
    try:
        answer = httpx.post(url, content=document, headers=headers, trust_env=False, timeout=POST_SECONDS)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise StackError(
            f"MiniStack did not take what was sent to {url}: {type(error).__name__}: {error}",
            "Read its log in the state folder, then `switchyard up` again.",
        ) from error


def _check_request(request: Any, **_: Any) -> None:
    require_loopback(request.url)
