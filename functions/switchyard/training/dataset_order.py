"""What a dataset job is told, and what it answers: two small files, so that its rights are those to its buckets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from switchyard.config.snapshot import clean_prefix, job_folder
from switchyard.core.champion import Champion
from switchyard.core.data.size_limits import MAX_UNPACKED
from switchyard.core.errors import InvalidDatasetError, MissingError
from switchyard.core.ports import Storage
from switchyard.core.run import Run


@dataclass(frozen=True)
class Order:
    """champion: that of the model when its run began, with the run that it came from; None before the first."""

    run: Run
    champion: Champion | None = None
    champion_run: Run | None = None

    def to_json(self) -> bytes:
        champion = self.champion and self.champion.to_dict()
        before = self.champion_run and self.champion_run.to_dict()
        return json.dumps({"run": self.run.to_dict(), "champion": champion, "champion_run": before}).encode()

    @classmethod
    def from_json(cls, body: bytes) -> "Order":
        said = json.loads(body)
        champion, before = said["champion"], said["champion_run"]
        return cls(
            Run.from_dict(said["run"]),
            Champion.from_dict(champion) if champion else None,
            Run.from_dict(before) if before else None,
        )


@dataclass(frozen=True)
class Told:
    """Fulfils ports.HasChampion by what the order says."""

    order: Order

    def champion(self, model: str) -> Champion | None:
        return self.order.champion if model == self.order.run.model else None


def order_key(run: Run) -> str:
    return f"{job_folder(run)}order.json"


def answer_key(run: Run) -> str:
    return f"{job_folder(run)}answer.json"


@dataclass(frozen=True)
class DatasetAnswers:
    """What dataset jobs have said, for the state behind them."""

    artifacts: Storage

    def prepared(self, run: Run) -> Mapping[str, Any]:
        """As PrepareDataset answers; InvalidDatasetError in the words in which the dataset was refused."""
        try:
            answer = json.loads(self.artifacts.read(answer_key(run)))
        except MissingError:
            raise MissingError(
                f"{self.artifacts.uri(answer_key(run))} is not there, and the dataset job of {run.run_id} has ended "
                f"well; look at its log (`switchyard logs {run.model}`), then drop the dataset again"
            ) from None
        if answer["refused"]:
            raise InvalidDatasetError(str(answer["refused"]))
        prepared: Mapping[str, Any] = answer["prepared"]
        return prepared

    def refuse_large_clean(self, run: Run) -> None:
        """InvalidDatasetError for a table of a preparation's that is more than the Lambda behind it can split."""
        size = sum(item.size for item in self.artifacts.list(clean_prefix(run)))
        if size > MAX_UNPACKED:
            raise InvalidDatasetError(
                f"{self.artifacts.uri(clean_prefix(run))}: {size} bytes of clean table; at most {MAX_UNPACKED} are "
                f"split into channels; let the preparation write fewer columns or rows"
            )
