"""SageMaker says that something changed; whoever waits for it is told, if what they wait for has come."""

from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.core import waiting

NAMES = {
    "TrainingJobName": "training-job",
    "ProcessingJobName": "processing-job",
    "HyperParameterTuningJobName": "hyper-parameter-tuning-job",
    "TransformJobName": "transform-job",
    "EndpointName": "endpoint",
    "ModelPackageArn": "model-package",
}


@entry
def handler(event: Event) -> None:
    """An EventBridge event of source aws.sagemaker. It is a hint: the resource itself is looked at."""
    for field, kind in NAMES.items():
        if field in event["detail"]:
            resource = f"{kind}/{event['detail'][field]}"
            logger.info(
                "changed", extra={"resource": resource, "waits": waiting().resource_changed(resource)}
            )
