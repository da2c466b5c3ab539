"""Predictions from one variant of an endpoint."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from switchyard.core.errors import JobFailedError
from switchyard.core.resources.predictions import parse

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

CSV, JSON = "text/csv", "application/json"


class EndpointScorer:
    """Fulfils ports.Scorer: CSV or an object in, numbers out."""

    def __init__(self, client: "SageMakerRuntimeClient") -> None:
        self._client = client

    def predict(self, endpoint: str, variant: str, rows: Sequence[str]) -> list[tuple[float, ...]]:
        return self._ask(endpoint, variant, "\n".join(rows).encode(), CSV, CSV, len(rows))

    def predict_record(
        self, endpoint: str, variant: str, body: bytes, content_type: str
    ) -> tuple[float, ...]:
        answers = self._ask(endpoint, variant, body, content_type, JSON, 1)
        if len(answers) != 1:
            raise JobFailedError(
                f"variant {variant} answered {len(answers)} predictions for one record; make its container answer one"
            )
        return answers[0]

    def _ask(
        self, endpoint: str, variant: str, body: bytes, content_type: str, accept: str, rows: int
    ) -> list[tuple[float, ...]]:
        answer = self._client.invoke_endpoint(
            EndpointName=endpoint, TargetVariant=variant, ContentType=content_type, Accept=accept, Body=body
        )
        try:
            return parse(answer["Body"].read().decode(), rows)
        except ValueError:
            raise JobFailedError(
                f"variant {variant} answered something that is not numbers; make its container write one "
                "prediction a line, or a JSON list"
            ) from None
