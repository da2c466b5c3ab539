"""Predictions from one variant of an endpoint."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from switchyard.core.errors import JobFailedError
from switchyard.core.resources.predictions import parse

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient


class EndpointScorer:
    """Fulfils ports.Scorer: CSV in, one line of numbers a row out."""

    def __init__(self, client: "SageMakerRuntimeClient") -> None:
        self._client = client

    def predict(self, endpoint: str, variant: str, rows: Sequence[str]) -> list[tuple[float, ...]]:
        answer = self._client.invoke_endpoint(
            EndpointName=endpoint,
            TargetVariant=variant,
            ContentType="text/csv",
            Accept="text/csv",
            Body="\n".join(rows).encode(),
        )
        text = answer["Body"].read().decode()
        try:
            return parse(text, len(rows))
        except ValueError:
            raise JobFailedError(
                f"variant {variant} answered something that is not CSV numbers; make its container write one "
                "prediction a line"
            ) from None
