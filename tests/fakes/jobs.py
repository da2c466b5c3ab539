"""Tuning, processing and transform jobs in a dict; like everything of FakeControl they end when they are told to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from switchyard.domain.errors import MismatchError
from switchyard.domain.names import Names
from switchyard.domain.pipeline import Pipeline

UNDER_WAY = ("InProgress", "Stopping")


@dataclass
class FakeJobs:
    """`prepared` is told what a processing job read and where it writes; a tuning job's best job lands in `jobs`."""

    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    tunings: dict[str, dict[str, Any]] = field(default_factory=dict)
    processings: dict[str, dict[str, Any]] = field(default_factory=dict)
    transforms: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken_jobs: set[str] = field(default_factory=set)
    trained: Callable[[str], None] = lambda _artifact: None
    prepared: Callable[[str, str], None] = lambda _source, _output: None
    transformed: Callable[[str, str, str], None] = lambda _model, _source, _output: None
    changed: Callable[[str], None] = lambda _resource: None
    billable: int = 600  # seconds of each training job

    def describe_tuning(self, name: str) -> Mapping[str, Any] | None:
        return self.tunings.get(name)

    def ensure_tuning(
        self, names: Names, pipeline: Pipeline, channels: Mapping[str, str], output: str
    ) -> None:
        path = output.rstrip("/")
        found = self.tunings.get(names.tuning_job)
        if found is None:
            self.tunings[names.tuning_job] = {
                "HyperParameterTuningJobName": names.tuning_job,
                "HyperParameterTuningJobStatus": "InProgress",
                "TrainingJobDefinition": {"OutputDataConfig": {"S3OutputPath": path}},
                "Channels": dict(channels),
            }
        elif found["TrainingJobDefinition"]["OutputDataConfig"]["S3OutputPath"] != path:
            raise MismatchError(f"tuning job {names.tuning_job} exists for another model")

    def stop_tuning(self, name: str) -> None:
        _stop(self.tunings.get(name), "HyperParameterTuningJobStatus")

    def tuning_jobs(self, name: str) -> Sequence[Mapping[str, Any]]:
        return [job for job in self.jobs.values() if job["TrainingJobName"].startswith(f"{name}-")]

    def describe_processing(self, name: str) -> Mapping[str, Any] | None:
        return self.processings.get(name)

    def ensure_processing(self, names: Names, pipeline: Pipeline, source: str, output: str) -> None:
        wanted = {"entry_point": pipeline.prepare and pipeline.prepare.entry_point}
        found = self.processings.get(names.preparation_job)
        if found is None:
            self.processings[names.preparation_job] = {
                "ProcessingJobName": names.preparation_job,
                "ProcessingJobStatus": "InProgress",
                "AppSpecification": wanted,
                "Source": source,
                "Output": output,
            }
        elif found["AppSpecification"] != wanted:
            raise MismatchError(f"processing job {names.preparation_job} exists with another programme")

    def stop_processing(self, name: str) -> None:
        _stop(self.processings.get(name), "ProcessingJobStatus")

    def describe_transform(self, name: str) -> Mapping[str, Any] | None:
        return self.transforms.get(name)

    def ensure_transform(
        self, names: Names, pipeline: Pipeline, name: str, model: str, source: str, output: str
    ) -> None:
        found = self.transforms.get(name)
        if found is None:
            job = {"TransformJobName": name, "TransformJobStatus": "InProgress", "ModelName": model}
            self.transforms[name] = {**job, "Source": source, "Output": output}
        elif found["ModelName"] != model:
            raise MismatchError(f"transform job {name} exists with another model")

    def stop_transform(self, name: str) -> None:
        _stop(self.transforms.get(name), "TransformJobStatus")

    def _settle_jobs(self) -> bool:
        """Ends every tuning and processing job that is under way; False when there was none."""
        tunings = [t for t in self.tunings.values() if t["HyperParameterTuningJobStatus"] in UNDER_WAY]
        processings = [p for p in self.processings.values() if p["ProcessingJobStatus"] in UNDER_WAY]
        transforms = [t for t in self.transforms.values() if t["TransformJobStatus"] in UNDER_WAY]
        for transform in transforms:
            self._end_transform(transform)
        for tuning in tunings:
            self._end_tuning(tuning)
        for processing in processings:
            self._end_processing(processing)
        return bool(tunings or processings or transforms)

    def _end_tuning(self, tuning: dict[str, Any]) -> None:
        name = tuning["HyperParameterTuningJobName"]
        if tuning["HyperParameterTuningJobStatus"] == "Stopping":
            tuning["HyperParameterTuningJobStatus"] = "Stopped"
        elif name in self.broken_jobs:
            tuning.update(HyperParameterTuningJobStatus="Failed", FailureReason="all training jobs failed")
        else:
            best = f"{name}-001-0a1b2c3d"
            path = tuning["TrainingJobDefinition"]["OutputDataConfig"]["S3OutputPath"]
            artifact = f"{path}/{best}/output/model.tar.gz"
            self.jobs[best] = {
                "TrainingJobName": best,
                "TrainingJobStatus": "Completed",
                "HyperParameters": {},
                "ModelArtifacts": {"S3ModelArtifacts": artifact},
            }
            self.trained(artifact)
            metric = {"MetricName": "validation:logloss", "Value": 0.25}
            winner = {"TrainingJobName": best, "TunedHyperParameters": {"max_depth": "4"}}
            winner["FinalHyperParameterTuningJobObjectiveMetric"] = metric  # type: ignore[assignment]
            tuning.update(HyperParameterTuningJobStatus="Completed", BestTrainingJob=winner)
        self.changed(f"hyper-parameter-tuning-job/{name}")

    def _end_processing(self, job: dict[str, Any]) -> None:
        name = job["ProcessingJobName"]
        if job["ProcessingJobStatus"] == "Stopping":
            job["ProcessingJobStatus"] = "Stopped"
        elif name in self.broken_jobs:
            job.update(ProcessingJobStatus="Failed", FailureReason="AlgorithmError: exit code 1")
        else:
            job["ProcessingJobStatus"] = "Completed"
            self.prepared(job["Source"], job["Output"])
        self.changed(f"processing-job/{name}")

    def _end_transform(self, job: dict[str, Any]) -> None:
        name = job["TransformJobName"]
        if job["TransformJobStatus"] == "Stopping":
            job["TransformJobStatus"] = "Stopped"
        elif name in self.broken_jobs:
            job.update(TransformJobStatus="Failed", FailureReason="AlgorithmError: See job logs")
        else:
            job["TransformJobStatus"] = "Completed"
            self.transformed(job["ModelName"], job["Source"], job["Output"])
        self.changed(f"transform-job/{name}")


def _stop(found: dict[str, Any] | None, status: str) -> None:
    if found is not None and found[status] == "InProgress":
        found[status] = "Stopping"
