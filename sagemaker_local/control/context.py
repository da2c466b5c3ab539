"""What every operation gets: its transaction, the plane's settings, and what it may set in motion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sagemaker_local.runtime.backend import Backend
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Transaction


class Jobs(Protocol):
    """Runs the jobs of one kind; called in the event loop, after the commit that asks for it."""

    def start(self, name: str) -> None:
        """Begin the life of a job that was just created."""

    def stop(self, name: str) -> None:
        """Let a job end early: its program gets SIGTERM, its artifacts are kept."""


class Endpoints(Protocol):
    """Brings what serves in line with what the store says; called in the event loop after the commit."""

    def converge(self, name: str) -> None:
        """Carry out the change that the endpoint's document describes."""


@dataclass(frozen=True)
class Context:
    """One call of one operation."""

    transaction: Transaction
    settings: Settings
    backend: Backend
    training_jobs: Jobs
    transform_jobs: Jobs
    processing_jobs: Jobs
    tuning_jobs: Jobs
    endpoints: Endpoints

    @property
    def now(self) -> float:
        return self.transaction.now

    def arn(self, kind: str, name: str) -> str:
        return self.settings.arn(kind, name)


Request = dict[str, Any]
Operation = Callable[[Context, Request], Document | None]
