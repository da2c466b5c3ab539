"""Training, tuning, processing and transform jobs in dicts; like all of FakeControl they end when they are told to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from switchyard.core.errors import MismatchError, ResourceLimitError
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline

Job = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """What the descriptions of one kind of job call its name and status; `failure`: what a broken one says."""

    word: str
    resource: str
    failure: str

    def name(self, job: Job) -> str:
        return str(job[f"{self.word}Name"])

    def is_under_way(self, job: Job) -> bool:
        return job[f"{self.word}Status"] in ("InProgress", "Stopping")

    def count(self, jobs: Mapping[str, Job]) -> int:
        """How many are under way."""
        return sum(self.is_under_way(job) for job in jobs.values())

    def stop(self, job: Job | None) -> None:
        if job is not None and job[f"{self.word}Status"] == "InProgress":
            job[f"{self.word}Status"] = "Stopping"


QUOTAS = {
    "training": "ml.m5.large for training job",
    "processing": "ml.m5.xlarge for processing job",
    "transform": "ml.m5.large for transform job",
    "endpoint": "ml.m5.large for endpoint",
}
TRAINING = Kind("TrainingJob", "training-job", "AlgorithmError: no convergence")
TUNING = Kind("HyperParameterTuningJob", "hyper-parameter-tuning-job", "all training jobs failed")
PROCESSING = Kind("ProcessingJob", "processing-job", "AlgorithmError: exit code 1")
TRANSFORM = Kind("TransformJob", "transform-job", "AlgorithmError: See job logs")


@dataclass
class FakeJobs:
    """`prepared` is told what a processing job read and where it writes, `dataset_read` the order of a dataset job;
    a tuning job's best job lands in `jobs`; `quota` says how many jobs (of endpoints: variants) there may be at once,
    by usage.
    """

    jobs: dict[str, Job] = field(default_factory=dict)
    tunings: dict[str, Job] = field(default_factory=dict)
    processings: dict[str, Job] = field(default_factory=dict)
    transforms: dict[str, Job] = field(default_factory=dict)
    broken_jobs: set[str] = field(default_factory=set)
    quota: dict[str, int] = field(default_factory=dict)
    trained: Callable[[str], None] = lambda _artifact: None
    prepared: Callable[[str, str], None] = lambda _source, _output: None
    dataset_read: Callable[[str], None] = lambda _order: None
    transformed: Callable[[str, str, str], None] = lambda _model, _source, _output: None
    changed: Callable[[str], None] = lambda _resource: None
    is_crowded: bool = False
    refused: set[str] = field(default_factory=set)
    billable: int = 600  # seconds of each training job

    def describe_training(self, name: str) -> Mapping[str, Any] | None:
        return self.jobs.get(name)

    def ensure_training(
        self, names: Names, pipeline: Pipeline, channels: Mapping[str, str], output: str
    ) -> None:
        wanted = dict(pipeline.training.hyperparameters)
        found = self.jobs.get(names.training_job)
        if found is None:
            self._refuse_full("training", TRAINING.count(self.jobs), what=names.training_job)
            artifact = f"{output.rstrip('/')}/{names.training_job}/output/model.tar.gz"
            self.jobs[names.training_job] = {
                "TrainingJobName": names.training_job,
                "TrainingJobStatus": "InProgress",
                "HyperParameters": wanted,
                "ModelArtifacts": {"S3ModelArtifacts": artifact},
                "Channels": dict(channels),
            }
        elif found["HyperParameters"] != wanted:
            raise MismatchError(f"training job {names.training_job} exists with other hyperparameters")

    def stop_training(self, name: str) -> None:
        TRAINING.stop(self.jobs.get(name))

    def describe_tuning(self, name: str) -> Mapping[str, Any] | None:
        return self.tunings.get(name)

    def ensure_tuning(
        self, names: Names, pipeline: Pipeline, channels: Mapping[str, str], output: str
    ) -> None:
        path = output.rstrip("/")
        found = self.tunings.get(names.tuning_job)
        if found is None:
            self._refuse_full("training", TUNING.count(self.tunings), what=names.tuning_job)
            self.tunings[names.tuning_job] = {
                "HyperParameterTuningJobName": names.tuning_job,
                "HyperParameterTuningJobStatus": "InProgress",
                "TrainingJobDefinition": {"OutputDataConfig": {"S3OutputPath": path}},
                "Channels": dict(channels),
            }
        elif found["TrainingJobDefinition"]["OutputDataConfig"]["S3OutputPath"] != path:
            raise MismatchError(f"tuning job {names.tuning_job} exists for another model")

    def stop_tuning(self, name: str) -> None:
        TUNING.stop(self.tunings.get(name))

    def tuning_jobs(self, name: str) -> Sequence[Mapping[str, Any]]:
        return [job for job in self.jobs.values() if job["TrainingJobName"].startswith(f"{name}-")]

    def describe_processing(self, name: str) -> Mapping[str, Any] | None:
        return self.processings.get(name)

    def ensure_processing(self, names: Names, pipeline: Pipeline, source: str, output: str) -> None:
        entry_point = pipeline.prepare.entry_point if pipeline.prepare else ""
        self._ensure_processing(names.preparation_job, entry_point, source, output)

    def ensure_program(self, names: Names, pipeline: Pipeline, source: str, output: str) -> None:
        entry_point = pipeline.program.entry_point if pipeline.program else ""
        self._ensure_processing(names.program_job, entry_point, source, output)

    def ensure_dataset_job(self, names: Names, pipeline: Pipeline, order: str) -> None:
        if pipeline.dataset_job is None:
            raise MismatchError(f"{names.run_id} has no dataset job")
        self._ensure_processing(names.dataset_job, "", order, "")

    def _ensure_processing(self, name: str, entry_point: str, source: str, output: str) -> None:
        wanted = {"entry_point": entry_point}
        found = self.processings.get(name)
        if found is None:
            self._refuse_full("processing", PROCESSING.count(self.processings), what=name)
            self.processings[name] = {
                "ProcessingJobName": name,
                "ProcessingJobStatus": "InProgress",
                "AppSpecification": wanted,
                "Source": source,
                "Output": output,
            }
        elif found["AppSpecification"] != wanted:
            raise MismatchError(f"processing job {name} exists with another program")

    def stop_processing(self, name: str) -> None:
        PROCESSING.stop(self.processings.get(name))

    def describe_transform(self, name: str) -> Mapping[str, Any] | None:
        return self.transforms.get(name)

    def ensure_transform(
        self, names: Names, pipeline: Pipeline, name: str, model: str, source: str, output: str
    ) -> None:
        found = self.transforms.get(name)
        if found is None:
            self._refuse_full("transform", TRANSFORM.count(self.transforms), what=name)
            job = {"TransformJobName": name, "TransformJobStatus": "InProgress", "ModelName": model}
            self.transforms[name] = {**job, "Source": source, "Output": output}
        elif found["ModelName"] != model:
            raise MismatchError(f"transform job {name} exists with another model")

    def stop_transform(self, name: str) -> None:
        TRANSFORM.stop(self.transforms.get(name))

    def _refuse_full(self, usage: str, used: int, asked: int = 1, what: str = "") -> None:
        """what: is refused the first time that it is asked for, where everything is."""
        limit = self.quota.get(usage, 1_000)
        if self.is_crowded and what not in self.refused:
            self.refused.add(what)
            used = limit
        if used + asked > limit:
            raise ResourceLimitError(_full(usage, limit, used, asked))

    def _settle_jobs(self) -> bool:
        """Ends every job that is under way; False when there was none."""
        under_way = [
            (kind, job, completed)
            for kind, jobs, completed in (
                (TRAINING, self.jobs, self._trained),
                (TRANSFORM, self.transforms, self._transformed),
                (TUNING, self.tunings, self._tuned),
                (PROCESSING, self.processings, self._prepared),
            )
            for job in jobs.values()
            if kind.is_under_way(job) and self._is_over(f"{kind.resource}/{kind.name(job)}")
        ]
        for kind, job, completed in under_way:
            self._end(kind, job, completed)
        return bool(under_way)

    def _is_over(self, _resource: str) -> bool:
        """Whether what is under way comes to its end now; in fair weather whenever it is looked at."""
        return True

    def _end(self, kind: Kind, job: Job, completed: Callable[[Job], None]) -> None:
        status, name = f"{kind.word}Status", kind.name(job)
        if kind is TRAINING:
            job["BillableTimeInSeconds"] = self.billable
        if job[status] == "Stopping":
            job[status] = "Stopped"
        elif name in self.broken_jobs:
            job.update({status: "Failed", "FailureReason": kind.failure})
        else:
            job[status] = "Completed"
            completed(job)
        self.changed(f"{kind.resource}/{name}")

    def _trained(self, job: Job) -> None:
        self.trained(job["ModelArtifacts"]["S3ModelArtifacts"])

    def _transformed(self, job: Job) -> None:
        self.transformed(job["ModelName"], job["Source"], job["Output"])

    def _prepared(self, job: Job) -> None:
        if job["ProcessingJobName"].endswith("-data"):
            self.dataset_read(job["Source"])
        else:
            self.prepared(job["Source"], job["Output"])

    def _tuned(self, job: Job) -> None:
        """The best of its training jobs lands in `jobs`."""
        best = f"{TUNING.name(job)}-001-0a1b2c3d"
        artifact = (
            f"{job['TrainingJobDefinition']['OutputDataConfig']['S3OutputPath']}/{best}/output/model.tar.gz"
        )
        self.jobs[best] = {
            "TrainingJobName": best,
            "TrainingJobStatus": "Completed",
            "HyperParameters": {},
            "ModelArtifacts": {"S3ModelArtifacts": artifact},
        }
        self.trained(artifact)
        job["BestTrainingJob"] = {
            "TrainingJobName": best,
            "TunedHyperParameters": {"max_depth": "4"},
            "FinalHyperParameterTuningJobObjectiveMetric": {
                "MetricName": "validation:logloss",
                "Value": 0.25,
            },
        }


def _full(usage: str, limit: int, used: int, asked: int) -> str:
    """In SageMaker's words; the names of its quotas are those of Service Quotas."""
    return (
        f"The account-level service limit '{QUOTAS[usage]} usage' is {limit} Instances, with current "
        f"utilization of {used} Instances and a request delta of {asked} Instances. Please use AWS Service Quotas to "
        f"request an increase for this quota."
    )
