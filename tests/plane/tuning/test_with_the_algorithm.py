"""A tuning job over the built-in XGBoost algorithm: real processes, and the algorithm's own metrics."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.process import ProcessBackend
from tests.plane.images.xgboost import IMAGE, table
from tests.plane.support.harness import BUCKET, channel, serve, settings_in
from tests.plane.tuning.builders import definition, training_jobs, tuned, tuning_request


def test_tunes_the_built_in_algorithm_by_a_metric_of_its_own(tmp_path: Path, aws_url: str, s3: Any) -> None:
    for number, name in enumerate(("train", "validation")):
        s3.put_object(
            Bucket=BUCKET, Key=f"tuned-xgboost/{name}/rows.csv", Body=table(2, seed=number).encode()
        )
    job = definition(
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        StaticHyperParameters={"objective": "binary:logistic", "num_round": "3"},
        InputDataConfig=[
            channel(name, f"s3://{BUCKET}/tuned-xgboost/{name}/") | {"ContentType": "text/csv"}
            for name in ("train", "validation")
        ],
    )
    ranges = {
        "ContinuousParameterRanges": [
            {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
        ],
        "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "6"}],
    }
    goal = {"Type": "Maximize", "MetricName": "validation:auc"}
    settings = settings_in(tmp_path / "plane", aws_url)
    with serve(settings, ProcessBackend(settings.data_dir, Images())) as plane:  # type: ignore[arg-type]
        request = tuning_request(
            "algorithm",
            3,
            2,
            job=job,
            Strategy="Bayesian",
            ParameterRanges=ranges,
            HyperParameterTuningJobObjective=goal,
        )
        plane.sm.create_hyper_parameter_tuning_job(**request)
        seen = tuned(plane, "algorithm", seconds=120)
        assert seen["HyperParameterTuningJobStatus"] == "Completed", seen
        found = training_jobs(plane, "algorithm")
        values = [each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for each in found]
        assert len(values) == 3
        best = seen["BestTrainingJob"]
        assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == max(values)
        assert 0.9 < max(values) <= 1
        model = plane.sm.describe_training_job(TrainingJobName=best["TrainingJobName"])
        assert model["ModelArtifacts"]["S3ModelArtifacts"].endswith("/model.tar.gz")


def test_a_plane_that_tunes_nothing_does_not_load_the_search_library() -> None:
    code = "import sys, sagemaker_local.app; sys.exit('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_metrics_of_an_algorithm_cannot_be_overridden(tmp_path: Path, aws_url: str) -> None:
    settings = settings_in(tmp_path / "plane", aws_url)
    with serve(settings, ProcessBackend(settings.data_dir, Images())) as plane:  # type: ignore[arg-type]
        algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
        algorithm |= {"MetricDefinitions": [{"Name": "mine", "Regex": "x=(.*)"}]}
        request = tuning_request("overrides", job=definition(AlgorithmSpecification=algorithm))
        with pytest.raises(ClientError, match="You can't override the metric definitions"):
            plane.sm.create_hyper_parameter_tuning_job(**request)
