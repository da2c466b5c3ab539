"""Free ports of loopback."""

from __future__ import annotations

import contextlib
import random
import socket
from itertools import chain

from sagemaker_local.runtime.backend import BackendError

# Below the range from which the kernel takes ports for outgoing connections (32768 up on Linux).
_PORTS = range(20_000, 32_000)


def free_port(taken: set[int | None]) -> int:
    """A loopback port that nobody listens on and that is not in `taken`. Raises `BackendError`."""
    begin = random.randrange(len(_PORTS))  # noqa: S311 - others look for ports, too
    for port in chain(_PORTS[begin:], _PORTS[:begin]):
        with socket.socket() as probe_socket, contextlib.suppress(OSError):
            if port not in taken:
                probe_socket.bind(("127.0.0.1", port))
                return port
    raise BackendError(
        f"no free port between {_PORTS.start} and {_PORTS.stop} on loopback; stop something that listens"
    )
