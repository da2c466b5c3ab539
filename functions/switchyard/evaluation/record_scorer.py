"""Records put to a variant, each in a request of its own, with the content type that it has."""

from collections.abc import Sequence
from dataclasses import dataclass

from switchyard.core.errors import JobFailedError
from switchyard.core.ports import Scorer, Storage
from switchyard.core.resources.answers import USUAL, Reader
from switchyard.core.resources.media import content_type, record_key


@dataclass(frozen=True)
class RecordScorer:
    """Fulfils ports.Scorer, where rows are names of a model's records."""

    artifacts: Storage
    scorer: Scorer
    model: str

    def predict(
        self, endpoint: str, variant: str, rows: Sequence[str], reader: Reader = USUAL
    ) -> list[tuple[float, ...]]:
        return [self._predict(endpoint, variant, row, reader) for row in rows]

    def _predict(self, endpoint: str, variant: str, record: str, reader: Reader) -> tuple[float, ...]:
        body = self.artifacts.read(record_key(self.model, record))
        try:
            return self.scorer.predict_record(endpoint, variant, body, content_type(record), reader)
        except JobFailedError as error:
            raise JobFailedError(f"record {record}: {error}") from None

    def predict_record(
        self, endpoint: str, variant: str, body: bytes, content_type: str, reader: Reader = USUAL
    ) -> tuple[float, ...]:
        return self.scorer.predict_record(endpoint, variant, body, content_type, reader)
