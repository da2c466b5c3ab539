"""How a container's program runs: the seam between SageMaker's resources and the machine.

A resource says what to run (`ProgramSpec`); a `Backend` runs it and hands back a `Program`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class BackendError(Exception):
    """The program could not be started."""


class UnknownImageError(BackendError):
    """No runtime is registered for an image, or it is not there yet; the message says what to do."""


@dataclass(frozen=True)
class ProgramSpec:
    """One container to run.

    `image` is the URI as the user gave it. `command` is `train`, `serve` or `process`;
    `entrypoint`, when given, replaces it. `opt_ml` is this container's private /opt/ml,
    already filled. `log` receives each line of stdout and stderr, without its newline.
    Without `has_network` it reaches nothing but itself, where the host can do that. `instance_type` says for which
    processor the image has to be made; "": any. What has more than `memory_mb` is killed, where the host shows how much
    it has; 0: no bound.
    """

    name: str
    image: str
    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    opt_ml: Path
    log: Callable[[str], None]
    entrypoint: tuple[str, ...] = ()
    has_network: bool = True
    instance_type: str = ""
    memory_mb: int = 0


class Program(Protocol):
    """A running container."""

    @property
    def port(self) -> int | None:
        """Where `serve` listens on loopback; None for programs that do not serve."""

    @property
    def key(self) -> bytes:
        """What connections to that port are signed with (port_key.py); empty where it takes no key."""

    @property
    def pid(self) -> int:
        """The leader of the program's process group."""

    def has_bound(self) -> bool:
        """Whether the port is its own by now, and no stranger's who was quicker; True where the host does not say."""

    def listening(self) -> str:
        """A sentence for a failed health check: the port it was asked on, and those it listens on."""

    async def wait(self) -> int:
        """The exit code, 128 + n when signal n ended it (as Docker reports it)."""

    async def stop(self, grace_seconds: float) -> None:
        """SIGTERM to the whole group, SIGKILL to what is left after the grace."""


class Backend(Protocol):
    def check(self, image: str) -> None:
        """Raise `UnknownImageError` when nothing is registered for `image`, or it is not built."""

    async def start(self, spec: ProgramSpec, *, port: int | None = None) -> Program:
        """Start the program; `serve` gets a free port when none is given. Raises `BackendError`."""
