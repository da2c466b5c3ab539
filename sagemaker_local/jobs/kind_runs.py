"""The jobs of a kind that is kept by a JobKind: what processing and transform jobs share while they live."""

from __future__ import annotations

import asyncio

from sagemaker_local.cloud import Cloud
from sagemaker_local.jobs.document import JobKind
from sagemaker_local.jobs.runs import JobRuns
from sagemaker_local.logs import LogShipper
from sagemaker_local.runtime.backend import Backend
from sagemaker_local.settings import Settings
from sagemaker_local.store import Store, Transaction


class KindRuns(JobRuns):
    """At most `at_once` jobs of `job_kind` work; the others wait, InProgress."""

    job_kind: JobKind

    def __init__(
        self, store: Store, backend: Backend, cloud: Cloud, logs: LogShipper, settings: Settings, at_once: int
    ) -> None:
        noun = self.job_kind.noun.lower()
        super().__init__(f"{noun} job", store, settings.data_dir / f"{noun}-jobs")
        self._backend = backend
        self._cloud = cloud
        self._logs = logs
        self._settings = settings
        self._slots = asyncio.Semaphore(at_once)

    def fail_interrupted(self, transaction: Transaction) -> list[str]:
        return self.job_kind.fail_interrupted(transaction)

    def waiting(self, transaction: Transaction) -> list[tuple[str, bool]]:
        return self.job_kind.waiting(transaction)
