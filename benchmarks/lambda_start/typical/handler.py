"""The function that others are compared with: Powertools' logger and metrics, and a client of boto3."""

from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
sagemaker = boto3.client("sagemaker")


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> str:  # noqa: ARG001 Lambda gives it
    metrics.add_metric(name="Looks", unit="Count", value=1)
    return str(sagemaker.describe_endpoint(EndpointName=event["endpoint"])["EndpointStatus"])
