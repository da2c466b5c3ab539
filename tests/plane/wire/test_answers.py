"""Every answer is what botocore's service model promises: all required members, no other, right types, legal values."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from botocore.validate import ParamValidator

from sagemaker_local.jobs.channels import DataObject
from sagemaker_local.operations import OPERATIONS
from sagemaker_local.runtime.backend import ProgramSpec
from sagemaker_local.transform import life
from sagemaker_local.wire.constraints import check
from sagemaker_local.wire.model import operation_model
from tests import patience
from tests.plane.processing.builders import processing_request
from tests.plane.registry.specification import INFERENCE
from tests.plane.scaling.scaled import PLACE, track
from tests.plane.scaling.scaled import register as register_target
from tests.plane.support.harness import BUCKET, IMAGE, Harness, channel, eventually, training_request
from tests.plane.tuning.builders import parabola, training_jobs, tuned, tuning_request

TARGET = "endpoint/end/variant/one"
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": f"s3://{BUCKET}/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def test_the_answer_of_every_operation_passes_its_output_shape(plane: Harness) -> None:
    train(plane)
    register(plane)
    deploy(plane)
    transform(plane)
    process(plane)
    tune(plane)
    assert {operation for operation, _ in plane.answers} == set(OPERATIONS)
    for operation, answer in plane.answers:
        model = operation_model(operation)
        assert model is not None
        if model.output_shape is None:
            assert answer == {}, operation
            continue
        report = ParamValidator().validate(answer, model.output_shape)
        assert not report.has_errors(), f"{operation}: {report.generate_report()}"
        violations = [str(each) for each in check(model.output_shape, answer, "")]
        assert not violations, f"{operation}: {violations}"


NOWHERE = "s3://no-such-bucket-for-answers/m.json"  # of a manifest, which is read by the job alone
LONG = "long"  # an image whose programs run until they are stopped: no job ends before somebody stops it


async def until_told(spec: ProgramSpec, terminated: asyncio.Event) -> int:
    await terminated.wait()
    return 143


def train(plane: Harness) -> None:
    sm = plane.sm
    more = {
        "InputDataConfig": [channel("train", NOWHERE, S3DataType="ManifestFile")],
        "HyperParameters": {"eta": "1"},
        "Environment": {"A": "b"},
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    sm.create_training_job(**training_request("fails", **more))
    plane.job("fails")
    limit = {"MaxRuntimeInSeconds": 60}
    sm.create_training_job(**training_request("works", StoppingCondition=limit))
    plane.job("works")
    plane.backend.images[LONG] = until_told
    long = {"AlgorithmSpecification": {"TrainingImage": LONG, "TrainingInputMode": "File"}}
    sm.create_training_job(**training_request("stops", **long))
    sm.stop_training_job(TrainingJobName="stops")
    plane.job("stops")
    sm.list_training_jobs(MaxResults=1)
    sm.delete_training_job(TrainingJobName="works")


def transform(plane: Harness) -> None:
    sm, stopped = plane.sm, threading.Event()

    def read_once_stopped(*_: Any) -> Iterator[DataObject]:
        assert stopped.wait(patience.SECONDS)
        return iter(())

    with patch.object(life, "objects_of", read_once_stopped):
        create_transform_job(sm, "stops")
        sm.stop_transform_job(TransformJobName="stops")
        stopped.set()
        transformed(sm, "stops")
    create_transform_job(sm, "fails")
    transformed(sm, "fails")
    sm.list_transform_jobs()


def create_transform_job(sm: Any, name: str) -> None:
    source = {"S3DataType": "ManifestFile", "S3Uri": NOWHERE}
    sm.create_transform_job(
        TransformJobName=name,
        ModelName="two",
        TransformInput={
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/out", "Accept": "text/csv", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        DataProcessing={"JoinSource": "Input"},
    )


def transformed(sm: Any, name: str) -> None:
    eventually(
        lambda: sm.describe_transform_job(TransformJobName=name)["TransformJobStatus"],
        lambda status: status == ("Stopped" if name == "stops" else "Failed"),
    )


def process(plane: Harness) -> None:
    sm = plane.sm
    sm.create_processing_job(**processing_request("long", AppSpecification={"ImageUri": LONG}))
    sm.stop_processing_job(ProcessingJobName="long")
    eventually(
        lambda: sm.describe_processing_job(ProcessingJobName="long")["ProcessingJobStatus"],
        lambda status: status == "Stopped",
    )
    sm.list_processing_jobs()
    sm.delete_processing_job(ProcessingJobName="long")


def tune(plane: Harness) -> None:
    sm = plane.sm
    plane.backend.images[IMAGE] = parabola
    criteria = {"TargetObjectiveMetricValue": -1.0}
    request = tuning_request("tunes", 2, 1, TuningJobCompletionCriteria=criteria)
    sm.create_hyper_parameter_tuning_job(**request)
    assert "BestTrainingJob" in tuned(plane, "tunes")
    training_jobs(plane, "tunes")
    plane.backend.images[IMAGE] = until_told
    sm.create_hyper_parameter_tuning_job(**tuning_request("stops", 100, 1))
    sm.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stops")
    tuned(plane, "stops")
    sm.list_hyper_parameter_tuning_jobs()
    sm.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="stops")


def register(plane: Harness) -> None:
    sm = plane.sm
    sm.create_model_package_group(ModelPackageGroupName="group", ModelPackageGroupDescription="all of them")
    sm.describe_model_package_group(ModelPackageGroupName="group")
    sm.list_model_package_groups()
    arn = sm.create_model_package(ModelPackageGroupName="group", InferenceSpecification=INFERENCE)[
        "ModelPackageArn"
    ]
    sm.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    sm.describe_model_package(ModelPackageName=arn)
    sm.list_model_packages(ModelPackageGroupName="group")
    for resource in ("ModelPackage", "ModelPackageGroup", "TrainingJob"):
        assert sm.search(Resource=resource)["Results"]
    sm.delete_model_package(ModelPackageName=arn)
    sm.delete_model_package_group(ModelPackageGroupName="group")


def deploy(plane: Harness) -> None:
    sm = plane.sm
    bad = IMAGE.replace("toy", "bad")
    plane.backend.images[bad] = plane.backend.images[IMAGE]
    plane.traffic.broken.add(bad)
    for name, image in (("one", IMAGE), ("two", IMAGE), ("bad", bad)):
        arn = sm.describe_model(ModelName=plane.create_model(name, image))["ModelArn"]
    sm.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    sm.list_tags(ResourceArn=arn)
    sm.delete_tags(ResourceArn=arn, TagKeys=["a"])
    sm.list_models()
    plane.create_config("first", {"one": 1}, DataCaptureConfig=CAPTURE)
    plane.create_config("second", {"one": 1, "two": 0.5})
    plane.create_config("broken", {"bad": 1})
    sm.describe_endpoint_config(EndpointConfigName="first")
    sm.list_endpoint_configs()
    plane.traffic.gate.clear()
    sm.create_endpoint(EndpointName="end", EndpointConfigName="first")
    sm.describe_endpoint(EndpointName="end")
    plane.traffic.gate.set()
    plane.endpoint("end")
    sm.update_endpoint(EndpointName="end", EndpointConfigName="second")
    plane.endpoint("end")
    sm.update_endpoint(EndpointName="end", EndpointConfigName="broken")
    plane.endpoint("end")
    sm.update_endpoint_weights_and_capacities(
        EndpointName="end", DesiredWeightsAndCapacities=[{"VariantName": "two", "DesiredWeight": 0}]
    )
    plane.endpoint("end")
    autoscale(plane)
    sm.list_endpoints()
    for resource in ("Endpoint", "Model"):
        assert sm.search(Resource=resource)["Results"]
    sm.delete_endpoint(EndpointName="end")
    eventually(lambda: not sm.list_endpoints()["Endpoints"])
    sm.delete_endpoint_config(EndpointConfigName="first")
    sm.delete_model(ModelName="one")


def autoscale(plane: Harness) -> None:
    register_target(plane, resource=TARGET)
    track(plane, 100.0, resource=TARGET)
    plane.scaling.describe_scalable_targets(ServiceNamespace="sagemaker")
    plane.scaling.describe_scaling_policies(ServiceNamespace="sagemaker")
    plane.scaling.delete_scaling_policy(**PLACE, ResourceId=TARGET, PolicyName="load")
    plane.scaling.deregister_scalable_target(**PLACE, ResourceId=TARGET)
