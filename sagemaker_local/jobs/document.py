"""The document of a transform or processing job: its statuses, its times, its events.

InProgress -> Completed | Failed        InProgress -> Stopping -> Stopped
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sagemaker_local.control import tags
from sagemaker_local.control.context import Context, Jobs, Request
from sagemaker_local.events import job_event
from sagemaker_local.jobs.life import INTERNAL_ERROR
from sagemaker_local.store import Document, Transaction
from sagemaker_local.wire.errors import resource_in_use, resource_not_found, validation

_REASON_CHARACTERS = 1024
_ENDED = ("Completed", "Failed", "Stopped")


@dataclass(frozen=True)
class JobKind:
    """`noun` is `Transform` or `Processing`: the members are called <noun>JobName, <noun>JobStatus, ..."""

    noun: str

    @property
    def kind(self) -> str:
        return f"{self.noun.lower()}-job"

    def name(self, job: Document) -> str:
        return str(job[f"{self.noun}JobName"])

    def status(self, job: Document) -> str:
        return str(job[f"{self.noun}JobStatus"])

    def create(self, context: Context, request: Request, jobs: Jobs) -> Document:
        """Store a new job, InProgress, and begin its life after the commit; answers with its ARN."""
        name = self.name(request)
        arn = context.arn(self.kind, name.lower())
        job = {key: value for key, value in request.items() if key != "Tags"}
        job |= {
            f"{self.noun}JobArn": arn,
            f"{self.noun}JobStatus": "InProgress",
            "CreationTime": context.now,
        }
        tags.attach(context, arn, request.get("Tags"))
        self._save(context.transaction, job)
        context.transaction.after_commit(lambda: jobs.start(name))
        return {f"{self.noun}JobArn": arn}

    def require_new(self, context: Context, request: Request) -> None:
        """Raise ResourceInUse for a name that was ever used: names are never free again."""
        name = self.name(request)
        if context.transaction.name_like(self.kind, name):
            raise resource_in_use(
                "Job name must be unique within an AWS account and region, and a job with this name "
                f"already exists ({context.arn(self.kind, name.lower())})"
            )

    def describe(self, context: Context, request: Request) -> Document:
        document = context.transaction.get(self.kind, self.name(request))
        if document is None:
            raise validation(f"Could not find requested job with name: {self.name(request)}")
        return document

    def request_stop(self, context: Context, request: Request, jobs: Jobs) -> None:
        """Stop<noun>Job; stopping twice is fine, stopping what has ended is refused."""
        name = self.name(request)
        job = context.transaction.get(self.kind, name)
        if job is None:
            raise validation(f"Could not find job to update with name {name}")
        status = self.status(job)
        if status in _ENDED:
            raise validation(
                f"The request was rejected because the {self.noun.lower()} job is in status {status}."
            )
        self.stop(context.transaction, name)
        context.transaction.after_commit(lambda: jobs.stop(name))

    def delete(self, context: Context, request: Request) -> None:
        """Forget a job that has ended: "you can reuse its name"; what it wrote stays in S3."""
        name = self.name(request)
        job = context.transaction.get(self.kind, name)
        if job is None:
            raise resource_not_found(f"Could not find requested job with name: {name}")
        if self.status(job) not in _ENDED:
            raise resource_in_use(
                f"The request was rejected because the {self.noun.lower()} job is in status {self.status(job)}."
            )
        context.transaction.delete(self.kind, name)
        tags.detach(context, job[f"{self.noun}JobArn"])

    def began(self, transaction: Transaction, name: str) -> None:
        """Its instances are there: <noun>StartTime."""
        job = transaction.get(self.kind, name)
        if job is not None and self.status(job) == "InProgress":
            job[f"{self.noun}StartTime"] = transaction.now
            self._save(transaction, job)

    def stop(self, transaction: Transaction, name: str) -> None:
        """The job is asked to stop, by a caller or because its time is over."""
        job = transaction.get(self.kind, name)
        if job is not None and self.status(job) == "InProgress":
            job[f"{self.noun}JobStatus"] = "Stopping"
            self._save(transaction, job)

    def end(
        self, transaction: Transaction, name: str, status: str, reason: str | None, **members: Any
    ) -> None:
        """The end of a job; `members` are added to its document. A job ends once."""
        job = transaction.get(self.kind, name)
        if job is None or self.status(job) in _ENDED:
            return
        job |= {f"{self.noun}JobStatus": status, f"{self.noun}EndTime": transaction.now} | members
        if reason is not None:
            job["FailureReason"] = reason[:_REASON_CHARACTERS]
        self._save(transaction, job)

    def fail_interrupted(self, transaction: Transaction) -> list[str]:
        """After a start of the plane: jobs whose programs its last life had begun have none any more."""
        began = [job for job in self._live(transaction) if f"{self.noun}StartTime" in job]
        for job in began:
            self.end(transaction, self.name(job), "Failed", INTERNAL_ERROR)
        return [self.name(job) for job in began]

    def waiting(self, transaction: Transaction) -> list[tuple[str, bool]]:
        """Jobs that nothing was begun for yet, oldest first; with whether they are Stopping."""
        return [(self.name(job), self.status(job) == "Stopping") for job in self._live(transaction)]

    def _live(self, transaction: Transaction) -> list[Document]:
        return transaction.every(self.kind, "InProgress", "Stopping")

    def _save(self, transaction: Transaction, job: Document) -> None:
        job["LastModifiedTime"] = transaction.now
        transaction.put(self.kind, self.name(job), job, status=self.status(job))
        tag_map = tags.tag_map(transaction, job[f"{self.noun}JobArn"])
        transaction.emit(job_event(transaction.now, self.noun, job, tag_map))


TRANSFORM = JobKind("Transform")
PROCESSING = JobKind("Processing")
