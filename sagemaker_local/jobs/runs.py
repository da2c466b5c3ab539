"""The jobs of one kind that live: begun, told to stop, and ended with the plane."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from pathlib import Path

from sagemaker_local.archive import clear
from sagemaker_local.store import Store, Transaction

_log = logging.getLogger(__name__)


class JobRuns(ABC):
    """One task a job. `folder` holds what jobs have on disk while they live."""

    def __init__(self, noun: str, store: Store, folder: Path) -> None:
        self._noun = noun
        self._store = store
        self._folder = folder
        self._stops: dict[str, asyncio.Event] = {}
        self._lives: dict[str, asyncio.Task[None]] = {}

    async def recover(self) -> None:
        """After a start of the plane: jobs that ran in its last life are Failed, jobs that waited wait again."""
        await self._end_interrupted()
        await asyncio.to_thread(clear, self._folder)
        for name, is_stopping in await self._store.run(self.waiting):
            self.start(name)
            if is_stopping:
                self.stop(name)

    def start(self, name: str) -> None:
        """Begin the life of a job that was just created."""
        stopping = self._stops[name] = asyncio.Event()
        life = self._whole_life(name, stopping, self._lives.get(name))
        self._lives[name] = asyncio.create_task(life, name=f"{self._noun} {name}")

    def stop(self, name: str) -> None:
        """Let a job end early; one that is over is left alone."""
        if name in self._stops:
            self._stops[name].set()

    async def close(self) -> None:
        """End all jobs with the plane: those that run fail, as they would by a crash."""
        lives = list(self._lives.values())
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        await self._end_interrupted()

    async def _whole_life(
        self, name: str, stopping: asyncio.Event, before: asyncio.Task[None] | None
    ) -> None:
        """`before`: a deleted job of the same name that still clears up."""
        if before is not None:
            await asyncio.wait({before})
        try:
            await self.live(name, stopping)
        finally:
            await asyncio.to_thread(clear, self._folder / name)
            if self._stops.get(name) is stopping:
                del self._stops[name], self._lives[name]

    async def _end_interrupted(self) -> None:
        interrupted = await self._store.run(self.fail_interrupted)
        if interrupted:
            _log.warning("%ss interrupted by the end of the plane: %s", self._noun, ", ".join(interrupted))

    @abstractmethod
    async def live(self, name: str, stopping: asyncio.Event) -> None:
        """See one job through to its final status; `stopping` is set when it is to end early."""

    @abstractmethod
    def fail_interrupted(self, transaction: Transaction) -> list[str]:
        """Mark as Failed what ran and cannot be running any more; returns the jobs' names."""

    @abstractmethod
    def waiting(self, transaction: Transaction) -> list[tuple[str, bool]]:
        """Jobs that have not ended and run nowhere, oldest first; with whether they were asked to stop."""
