"""The life of tuning jobs: training jobs are launched, watched and stopped until the search is over.

All that a tuning job must not forget is in the store: a plane that starts again goes on where the last one was killed.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import time
import uuid

from sagemaker_local.control import tags
from sagemaker_local.control.context import Jobs
from sagemaker_local.jobs.life import INTERNAL_ERROR
from sagemaker_local.settings import Settings
from sagemaker_local.store import Document, Store, Transaction
from sagemaker_local.training import api
from sagemaker_local.training.tuning_progress import TuningProgress
from sagemaker_local.tuning.document import KIND, end, parents, save, training_jobs
from sagemaker_local.tuning.state import TuningState, read_state
from sagemaker_local.tuning.strategy.plan import End, Launch, Wait

_log = logging.getLogger(__name__)


class TuningRuns:
    """One task a tuning job. `jobs` runs the training jobs."""

    def __init__(self, store: Store, jobs: Jobs, settings: Settings, progress: TuningProgress) -> None:
        self._store = store
        self._jobs = jobs
        self._settings = settings
        self._progress = progress
        self._tasks: set[asyncio.Task[None]] = set()

    async def recover(self) -> None:
        """After a start of the plane: tuning jobs of its last life go on."""
        for job in await self._store.run(lambda each: each.every(KIND, "InProgress", "Stopping")):
            self.start(job["HyperParameterTuningJobName"])

    def start(self, name: str) -> None:
        """Begin the life of a tuning job, or take it up again."""
        task = asyncio.create_task(self._whole_life(name), name=f"tuning job {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self, name: str) -> None:
        """Have a look at a tuning job that was asked to stop."""
        self._progress.changed(name).set()

    async def close(self) -> None:
        """Leave all tuning jobs as they are: the next plane takes them up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _whole_life(self, name: str) -> None:
        try:
            await self._live(name)
        except Exception:
            _log.exception("tuning job %s broke the plane", name)
            await self._store.run(lambda each: end(each, name, "Failed", INTERNAL_ERROR))
        finally:
            self._progress.forget(name)

    async def _live(self, name: str) -> None:
        changed = self._progress.changed(name)
        while True:
            changed.clear()
            state = await self._store.run(lambda each: self._look(each, name))
            if state is None:
                return
            step = state.next_step(time.time())
            if isinstance(step, End):
                await self._store.run(
                    functools.partial(end, name=name, status=step.status, reason=step.reason)
                )
                return
            if isinstance(step, Launch):
                await self._launch(state, step.count)
                continue
            await self._stop_training_jobs(state, step)
            left = state.seconds_left(time.time())
            await _until(changed, left if left and left > 0 else None)

    def _look(self, transaction: Transaction, name: str) -> TuningState | None:
        job = transaction.get(KIND, name)
        if job is None:
            return None
        jobs = training_jobs(transaction, job)
        save(transaction, job, jobs)
        inherited = [
            each for parent in parents(transaction, job) for each in training_jobs(transaction, parent)
        ]
        return read_state(job, jobs, inherited, self._progress.curve)

    async def _launch(self, state: TuningState, count: int) -> None:
        """One training job after the other: each proposal knows of the ones before."""
        for _ in range(count):
            request = await asyncio.to_thread(state.next_request, uuid.uuid4().hex[:8])
            if not await self._store.run(functools.partial(self._begin, state=state, request=request)):
                return

    def _begin(self, transaction: Transaction, state: TuningState, request: Document) -> bool:
        """False when the tuning job was asked to stop meanwhile."""
        job = transaction.get(KIND, state.name)
        if job is None or job["HyperParameterTuningJobStatus"] != "InProgress":
            return False
        given = tags.tag_map(transaction, job["HyperParameterTuningJobArn"])
        request["Tags"] = [{"Key": key, "Value": value} for key, value in given.items()]
        begun = api.begin(transaction, self._settings, self._jobs, request)
        state.began(begun)
        job["_TrainingJobs"].append(begun["TrainingJobName"])
        save(transaction, job, training_jobs(transaction, job), _TrainingJobs=job["_TrainingJobs"])
        return True

    async def _stop_training_jobs(self, state: TuningState, step: Wait) -> None:
        names = state.live() if step.stop else state.hopeless()

        def stop(transaction: Transaction) -> None:
            for name in names:
                api.stop(transaction, name)
                transaction.after_commit(functools.partial(self._jobs.stop, name))

        if names:
            await self._store.run(stop)


async def _until(changed: asyncio.Event, seconds: float | None) -> None:
    """Until the changed rings, or the time is over."""
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return
