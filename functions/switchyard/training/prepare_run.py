"""Where a run's channels come from: the Lambda that is asked, or the dataset job that was before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from switchyard.config.snapshot import Snapshots
from switchyard.core.run import Run
from switchyard.training.dataset_order import DatasetAnswers
from switchyard.training.prepare_dataset import PrepareDataset


@dataclass(frozen=True)
class PrepareRun:
    """State PrepareDataset. The answer is the same, whoever has prepared."""

    snapshots: Snapshots
    answers: DatasetAnswers
    prepare_dataset: PrepareDataset

    def prepare(self, run: Run) -> Mapping[str, Any]:
        pipeline = self.snapshots.pipeline(run)
        if pipeline.dataset_job is not None:
            return self.answers.prepared(run)
        if pipeline.prepare is not None:
            self.answers.refuse_large_clean(run)
        return self.prepare_dataset.prepare(run)
