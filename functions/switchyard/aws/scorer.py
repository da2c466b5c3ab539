"""Predictions from one variant of an endpoint."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from switchyard.core.errors import JobFailedError
from switchyard.core.resources.answers import USUAL, Reader

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

CSV, JSON = "text/csv", "application/json"


class EndpointScorer:
    """Fulfils ports.Scorer: CSV or an object in, numbers out."""

    def __init__(self, client: "SageMakerRuntimeClient") -> None:
        self._client = client

    def predict(
        self, endpoint: str, variant: str, rows: Sequence[str], reader: Reader = USUAL
    ) -> list[tuple[float, ...]]:
        accept = JSON if reader.is_stated else CSV
        return self._ask(endpoint, variant, "\n".join(rows).encode(), (CSV, accept), len(rows), reader)

    def predict_record(
        self, endpoint: str, variant: str, body: bytes, content_type: str, reader: Reader = USUAL
    ) -> tuple[float, ...]:
        answers = self._ask(endpoint, variant, body, (content_type, JSON), 1, reader)
        if len(answers) != 1:
            raise JobFailedError(
                f"variant {variant} answered {len(answers)} predictions for one record; make its container answer one"
            )
        return answers[0]

    def _ask(
        self, endpoint: str, variant: str, body: bytes, forms: tuple[str, str], rows: int, reader: Reader
    ) -> list[tuple[float, ...]]:
        content_type, accept = forms
        answer = self._client.invoke_endpoint(
            EndpointName=endpoint, TargetVariant=variant, ContentType=content_type, Accept=accept, Body=body
        )
        try:
            return reader.read(answer["Body"].read().decode(), rows)
        except ValueError as error:
            said = f"in another form ({error})" if reader.is_stated else "something that is not numbers"
            raise JobFailedError(
                f"variant {variant} answered {said}; make its container write one prediction a line, or a JSON list, "
                f"or say by `response` in pipeline.yaml where its JSON has it"
            ) from None
