"""boto3: a training job, a model, an endpoint that is asked, changed and deleted, with boto3's own waiters."""

import boto3
from story import BUCKET, HYPERPARAMETERS, IMAGE, INSTANCE, ROLE, ROW, TRAIN, VALIDATION, is_near, unique

sm, runtime = boto3.client("sagemaker"), boto3.client("sagemaker-runtime")
name = unique("one")
soon = {"Delay": 1, "MaxAttempts": 120}


def channel(of: str, uri: str) -> dict[str, object]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return {"ChannelName": of, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


sm.create_training_job(
    TrainingJobName=name,
    RoleArn=ROLE,
    AlgorithmSpecification={
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "validation:rmse", "Regex": r"validation-rmse:(\S+)"}],
    },
    HyperParameters=HYPERPARAMETERS,
    InputDataConfig=[channel("train", TRAIN), channel("validation", VALIDATION)],
    OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/boto3"},
    ResourceConfig={"InstanceType": INSTANCE, "InstanceCount": 1, "VolumeSizeInGB": 1},
    StoppingCondition={"MaxRuntimeInSeconds": 300},
)
sm.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name, WaiterConfig=soon)
job = sm.describe_training_job(TrainingJobName=name)
assert job["TrainingJobStatus"] == "Completed", job
assert [each["MetricName"] for each in job["FinalMetricDataList"]] == ["validation:rmse"], job

model = {"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
sm.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=model)


def configure(config: str, **weights: float) -> None:
    variants = [
        {
            "VariantName": variant,
            "ModelName": name,
            "InstanceType": INSTANCE,
            "InitialInstanceCount": 1,
            "InitialVariantWeight": weight,
        }
        for variant, weight in weights.items()
    ]
    sm.create_endpoint_config(EndpointConfigName=config, ProductionVariants=variants)


def wait() -> None:
    sm.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig=soon)


def ask(**members: str) -> str:
    answer = runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=ROW, **members)
    assert is_near(answer["Body"].read())
    return answer["InvokedProductionVariant"]


configure(name, blue=1)
sm.create_endpoint(EndpointName=name, EndpointConfigName=name)
wait()
assert ask() == "blue"

configure(f"{name}-two", blue=1, green=0)
sm.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-two")
wait()
assert ask() == "blue"
assert ask(TargetVariant="green") == "green"

shift = [{"VariantName": "blue", "DesiredWeight": 0}, {"VariantName": "green", "DesiredWeight": 1}]
sm.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=shift)
wait()
assert ask() == "green"

stream = runtime.invoke_endpoint_with_response_stream(EndpointName=name, ContentType="text/csv", Body=ROW)
assert is_near(b"".join(each["PayloadPart"]["Bytes"] for each in stream["Body"]))

sm.delete_endpoint(EndpointName=name)
sm.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig=soon)
for config in (name, f"{name}-two"):
    sm.delete_endpoint_config(EndpointConfigName=config)
sm.delete_model(ModelName=name)
try:
    sm.describe_endpoint(EndpointName=name)
except sm.exceptions.ClientError as error:
    assert error.response["Error"]["Code"] == "ValidationException", error
else:
    raise AssertionError("a deleted endpoint is still described")
