"""Where captured requests go is where they are looked for."""

from typing import Any
from unittest.mock import Mock

from botocore.exceptions import ClientError

from switchyard.aws.sagemaker import SageMakerControl
from switchyard.core.names import is_model_name
from switchyard.core.ports import Variant
from switchyard.core.resources.captured import DESTINATION, folder
from tests.fakes.pipelines import pipeline


def asked(percent: int) -> dict[str, Any]:
    sagemaker = Mock()
    missing = {"Error": {"Code": "ValidationException", "Message": "Could not find endpoint configuration"}}
    not_yet = ClientError(missing, "DescribeEndpointConfig")
    sagemaker.describe_endpoint_config.side_effect = [not_yet, {"EndpointConfigName": "config"}]
    described = pipeline(deployment={"capture_percent": percent})
    control = SageMakerControl(sagemaker, Mock())
    control.ensure_config("config", described, [Variant("v", "m", 1.0)], "s3://artifacts/digits")
    found: dict[str, Any] = sagemaker.create_endpoint_config.call_args.kwargs
    return found


def test_requests_are_captured_to_the_folder_that_readers_list() -> None:
    """SageMaker adds endpoint, variant and hour to the destination."""
    capture = asked(50)["DataCaptureConfig"]
    assert capture["InitialSamplingPercentage"] == 50
    key = f"{capture['DestinationS3Uri']}/switchyard-digits/v/2027/01/15/08/"
    assert key == f"s3://artifacts/{folder('switchyard-digits', 'v', '2027/01/15/08')}"


def test_no_model_s_folder_is_taken_for_captures() -> None:
    assert not is_model_name(DESTINATION)
