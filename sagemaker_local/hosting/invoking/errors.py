"""The errors of SageMaker's runtime API, in AWS's words and JSON.

InvocationError
├── ValidationError    400  the request names what is not there
├── PayloadTooLarge    413  answered before any error code exists, as AWS does
├── ServiceUnavailable 503
└── ModelError         424  the container answered 4xx or 5xx, or not at all
"""

from __future__ import annotations

import orjson

_LONGEST = 2048  # OriginalMessage and Message, botocore's sagemaker-runtime model


class InvocationError(Exception):
    """An error answer: HTTP status, error code (empty: none) and JSON members."""

    def __init__(self, status: int, code: str, members: dict[str, str | int]) -> None:
        super().__init__(members.get("Message", code))
        self.status = status
        self.code = code
        self.body = orjson.dumps(members)
        self.retry_after = ""

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Of the answer, its length apart."""
        told = {b"x-amzn-errortype": self.code, b"retry-after": self.retry_after}
        given = [(name, value.encode()) for name, value in told.items() if value]
        return [(b"content-type", b"application/json"), *given]


def endpoint_not_found(endpoint: str, account: str) -> InvocationError:
    message = f"Endpoint {endpoint} of account {account} not found."
    return InvocationError(400, "ValidationError", {"ErrorCode": "NO_SUCH_ENDPOINT", "Message": message})


def not_yet_again(endpoint: str, account: str) -> InvocationError:
    """ "ServiceUnavailable: The service is currently unavailable", which SDKs ask again; a 400 they would not."""
    message = f"Endpoint {endpoint} of account {account} is starting again."
    unavailable = InvocationError(503, "ServiceUnavailable", {"Message": message})
    unavailable.retry_after = "1"
    return unavailable


def not_asynchronous(endpoint: str, account: str) -> InvocationError:
    """AWS's words for these two are not published."""
    message = f"Endpoint {endpoint} of account {account} is not asynchronous; invoke it with InvokeEndpoint."
    return invalid(message)


def only_asynchronous(endpoint: str, account: str) -> InvocationError:
    message = (
        f"Endpoint {endpoint} of account {account} can only receive asynchronous invocations; "
        "invoke it with InvokeEndpointAsync."
    )
    return invalid(message)


def throttled() -> InvocationError:
    """A serverless endpoint that answers MaxConcurrency requests already."""
    return InvocationError(400, "ThrottlingException", {"Message": "Rate exceeded"})


def invalid(message: str) -> InvocationError:
    """A request whose members break a constraint, or do not fit the endpoint."""
    return InvocationError(400, "ValidationError", {"ErrorCode": "VALIDATION_ERROR", "Message": message})


def variant_not_found(endpoint: str, variant: str, account: str) -> InvocationError:
    """AWS's words for this one are not published; these follow those of a missing endpoint."""
    message = f"Variant {variant} of endpoint {endpoint} of account {account} not found."
    return InvocationError(400, "ValidationError", {"ErrorCode": "NO_SUCH_VARIANT", "Message": message})


def not_multi_model(endpoint: str) -> InvocationError:
    """As recorded in aws/amazon-sagemaker-examples#1216."""
    message = f"Endpoint {endpoint} is not a multi-model endpoint and does not support target model header."
    members: dict[str, str | int] = {"ErrorCode": "TARGET_MODEL_HEADER_NOT_SUPPORTED", "Message": message}
    return InvocationError(400, "ValidationError", members)


def no_direct_containers(endpoint: str) -> InvocationError:
    """AWS's words for this one and the next are not published."""
    return invalid(
        f"Endpoint {endpoint} has no containers of InferenceExecutionConfig Mode Direct and does not support target "
        "container hostname header."
    )


def no_inference_components(endpoint: str) -> InvocationError:
    return invalid(
        f"Endpoint {endpoint} has no inference components and does not support inference component name header."
    )


def oversize_body(request_id: str) -> InvocationError:
    """What a serverless endpoint says to more than 4 MB."""
    message = f"Request {request_id} has oversize body."
    return InvocationError(400, "ValidationError", {"ErrorCode": "OVERSIZE_BODY", "Message": message})


def payload_too_large(limit: int) -> InvocationError:
    """boto3 shows it as `An error occurred (413) when calling the InvokeEndpoint operation: ...`."""
    return InvocationError(413, "", {"Message": f"HTTP content length exceeded {limit} bytes."})


def model_error(
    endpoint: str, account: str, region: str, status: int, message: str, container: str = "primary"
) -> InvocationError:
    """The container's own 4xx or 5xx; status 0 stands for no answer at all."""
    side = "client" if 400 <= status < 500 else "server"
    text = message[:_LONGEST]
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    link = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group}"
    start = f'Received {side} error ({status}) from {container} with message "'
    end = f'". See {link} in account {account} for more information.'
    members: dict[str, str | int] = {
        "ErrorCode": f"{'CLIENT_ERROR' if side == 'client' else 'INTERNAL_FAILURE'}_FROM_MODEL",
        "LogStreamArn": f"arn:aws:logs:{region}:{account}:log-group:{group}",
        "Message": start + text[: _LONGEST - len(start) - len(end)] + end,
        "OriginalMessage": text,
        "OriginalStatusCode": status,
    }
    return InvocationError(424, "ModelError", members)


def timed_out() -> str:
    """What the model error says when the container took longer than it may."""
    return (
        "Your invocation timed out while waiting for a response from container primary. Review the latency "
        "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
    )


def answer_too_large(limit: int) -> str:
    """What the model error says when a serverless container answers more than it may."""
    return f"The response payload exceeded the maximum of {limit} bytes of serverless endpoints."


def no_response(endpoint: str) -> str:
    """What the model error says when the container refused or broke the connection."""
    return (
        f"Amazon SageMaker could not get a response from the {endpoint} endpoint. This can occur when CPU or "
        "memory utilization is high. To check your utilization, see Amazon CloudWatch. To fix this problem, "
        "use an instance type with more CPU capacity or memory."
    )
