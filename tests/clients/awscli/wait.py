"""The AWS CLI: what `aws sagemaker create-*` begins, `aws sagemaker wait` sees the end of. No delay is shortened."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from story import (
    BATCH,
    BUCKET,
    HYPERPARAMETERS,
    IMAGE,
    INSTANCE,
    MODEL_DATA,
    ROLE,
    ROW,
    TRAIN,
    is_near,
    unique,
)


def aws(*words: str, **members: Any) -> Any:
    """`aws WORDS --member value...`; JSON for what is not text."""
    options = [
        word
        for key, value in members.items()
        for word in (f"--{key.replace('_', '-')}", value if isinstance(value, str) else json.dumps(value))
    ]
    done = subprocess.run(["aws", *words, *options], capture_output=True, text=True)
    assert done.returncode == 0, f"{words}: {done.stdout} {done.stderr}"
    return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout


def sagemaker(*words: str, **members: Any) -> Any:
    return aws("sagemaker", *words, **members)


def s3_source(uri: str) -> dict[str, Any]:
    return {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}


name = unique("one")
cluster = {"InstanceType": INSTANCE, "InstanceCount": 1, "VolumeSizeInGB": 1}


def train() -> None:
    sagemaker(
        "create-training-job",
        training_job_name=name,
        role_arn=ROLE,
        algorithm_specification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        hyper_parameters=HYPERPARAMETERS | {"eval_metric": "rmse"},
        input_data_config=[{"ChannelName": "train", "DataSource": s3_source(TRAIN)}],
        output_data_config={"S3OutputPath": f"s3://{BUCKET}/awscli"},
        resource_config=cluster,
        stopping_condition={"MaxRuntimeInSeconds": 300},
    )
    sagemaker("wait", "training-job-completed-or-stopped", training_job_name=name)
    job = sagemaker("describe-training-job", training_job_name=name)
    assert job["TrainingJobStatus"] == "Completed", job
    listed = sagemaker("list-training-jobs", name_contains=name, status_equals="Completed")
    assert [each["TrainingJobName"] for each in listed["TrainingJobSummaries"]] == [name]


def transform() -> None:
    output = f"s3://{BUCKET}/awscli/transform"
    sagemaker(
        "create-transform-job",
        transform_job_name=name,
        model_name=name,
        transform_input={"DataSource": s3_source(BATCH), "ContentType": "text/csv", "SplitType": "Line"},
        transform_output={"S3OutputPath": output, "AssembleWith": "Line"},
        transform_resources={"InstanceType": INSTANCE, "InstanceCount": 1},
    )
    sagemaker("wait", "transform-job-completed-or-stopped", transform_job_name=name)
    job = sagemaker("describe-transform-job", transform_job_name=name)
    assert job["TransformJobStatus"] == "Completed", job
    aws("s3", "cp", f"{output}/rows.csv.out", "rows.csv.out")
    assert len(Path("rows.csv.out").read_text().splitlines()) == 50


def process() -> None:
    sagemaker(
        "create-processing-job",
        processing_job_name=name,
        role_arn=ROLE,
        app_specification={"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "-c", "print(40 + 2)"]},
        processing_resources={"ClusterConfig": cluster},
    )
    sagemaker("wait", "processing-job-completed-or-stopped", processing_job_name=name)
    job = sagemaker("describe-processing-job", processing_job_name=name)
    assert job["ProcessingJobStatus"] == "Completed", job


def serve() -> None:
    variant = {
        "VariantName": "all",
        "ModelName": name,
        "InstanceType": INSTANCE,
        "InitialInstanceCount": 1,
    }
    sagemaker("create-endpoint-config", endpoint_config_name=name, production_variants=[variant])
    sagemaker("create-endpoint", endpoint_name=name, endpoint_config_name=name)
    sagemaker("wait", "endpoint-in-service", endpoint_name=name)
    Path("row.csv").write_text(ROW)
    words = ("sagemaker-runtime", "invoke-endpoint", "answer.csv")
    told = aws(*words, endpoint_name=name, content_type="text/csv", body="fileb://row.csv")
    assert told["InvokedProductionVariant"] == "all"
    assert is_near(Path("answer.csv").read_text())
    sagemaker("delete-endpoint", endpoint_name=name)
    sagemaker("wait", "endpoint-deleted", endpoint_name=name)


model = {"Image": IMAGE, "ModelDataUrl": MODEL_DATA}
sagemaker("create-model", model_name=name, execution_role_arn=ROLE, primary_container=model)
with ThreadPoolExecutor() as pool:
    for ended in [pool.submit(each) for each in (train, transform, process, serve)]:
        ended.result()
