"""The built-in algorithm on a whole plane: boto3 trains it, reads its metrics, deploys it and asks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagemaker_local.runtime.images import Images
from sagemaker_local.runtime.process import ProcessBackend
from tests.plane.images.xgboost import IMAGE, table
from tests.plane.support.harness import (
    BUCKET,
    ROLE,
    channel,
    eventually,
    serve,
    settings_in,
    training_request,
)


def test_the_built_in_algorithm_trains_by_its_own_image_name_and_serves(
    tmp_path: Path, aws_url: str, s3: Any
) -> None:
    for number, name in enumerate(("train", "validation")):
        s3.put_object(Bucket=BUCKET, Key=f"xgboost/{name}/rows.csv", Body=table(2, seed=number).encode())
    settings = settings_in(tmp_path / "plane", aws_url)
    with serve(settings, ProcessBackend(settings.data_dir, Images())) as plane:  # type: ignore[arg-type]
        plane.sm.create_training_job(
            **training_request(
                "xgboost",
                AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
                HyperParameters={"objective": "binary:logistic", "num_round": "5", "eval_metric": "auc"},
                InputDataConfig=[
                    channel(name, f"s3://{BUCKET}/xgboost/{name}/") | {"ContentType": "text/csv"}
                    for name in ("train", "validation")
                ],
            )
        )
        job = plane.job("xgboost")
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        metrics = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
        assert 0.9 < metrics["validation:auc"] <= 1
        container = {"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
        plane.sm.create_model(ModelName="xgboost", ExecutionRoleArn=ROLE, PrimaryContainer=container)
        plane.create_config("xgboost", {"xgboost": 1.0})
        plane.sm.create_endpoint(EndpointName="xgboost", EndpointConfigName="xgboost")
        assert plane.endpoint("xgboost")["EndpointStatus"] == "InService"
        answer = plane.runtime.invoke_endpoint(
            EndpointName="xgboost", ContentType="text/csv", Body=b"0.1,1,1,1\n1.9,1,1,1\n"
        )
        low, high = map(float, answer["Body"].read().split())
        assert low < 0.5 < high
        plane.sm.delete_endpoint(EndpointName="xgboost")
        eventually(lambda: not plane.sm.list_endpoints()["Endpoints"])
