"""Requests for tuning jobs, and programs whose objective is known."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.support.harness import BUCKET, IMAGE, ROLE, Harness, eventually

METRIC = "validation:loss"
RANGES = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]}

GRID = {
    "CategoricalParameterRanges": [
        {"Name": "x", "Values": ["0.1", "0.2", "0.3"]},
        {"Name": "kind", "Values": ["a", "b"]},
    ]
}


def definition(**members: Any) -> dict[str, Any]:
    """A TrainingJobDefinition."""
    return {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": METRIC, "Regex": r"loss=(\S+)"}],
        },
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/tuned"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "StaticHyperParameters": {"depth": "3"},
    } | members


def tuning_request(
    name: str,
    jobs: int | None = 4,
    parallel: int = 2,
    job: dict[str, Any] | None = None,
    **config: Any,
) -> dict[str, Any]:
    """`config` are members of HyperParameterTuningJobConfig."""
    limits = {"MaxParallelTrainingJobs": parallel} | ({"MaxNumberOfTrainingJobs": jobs} if jobs else {})
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": METRIC},
            "ResourceLimits": limits,
            "ParameterRanges": RANGES,
        }
        | config,
        "TrainingJobDefinition": job or definition(),
    }


def tuned(plane: Harness, name: str, seconds: float = 30) -> dict[str, Any]:
    """The tuning job, once it has come to its end."""
    return eventually(
        lambda: plane.sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name),
        lambda job: job["HyperParameterTuningJobStatus"] in ("Completed", "Failed", "Stopped"),
        seconds,
    )


def training_jobs(plane: Any, name: str, **members: Any) -> list[dict[str, Any]]:
    """Summaries of its training jobs."""
    answer = plane.sm.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, MaxResults=100, **members
    )
    return list(answer["TrainingJobSummaries"])


def hyperparameters(spec: ProgramSpec) -> dict[str, str]:
    return dict(json.loads((spec.opt_ml / "input/config/hyperparameters.json").read_text()))


async def parabola(spec: ProgramSpec, terminated: asyncio.Event) -> int:
    """The loss is the square of the distance of x to 0.25."""
    x = float(hyperparameters(spec)["x"])
    spec.log(f"loss={(x - 0.25) ** 2}")
    return 0
