"""What is kept of a run's training rows: how they are distributed, and what differs from the champion's."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from switchyard.config.snapshot import diff_key, distribution_key
from switchyard.core.errors import MissingError
from switchyard.core.ports import HasChampion, Storage
from switchyard.core.run import Run
from switchyard.training.rules.dataset_diff import dataset_diff
from switchyard.training.rules.distribution import InputDistribution, Sample


@dataclass(frozen=True)
class Distributions:
    """Written with the channels, from the rows that these are written from."""

    artifacts: Storage
    champions: HasChampion

    def write(self, run: Run, sample: Sample, rows: int, ignored: Iterable[str]) -> None:
        """rows, ignored: of the whole dataset. Without a champion there is nothing to hold it against."""
        left_out = tuple(ignored)
        own = json.dumps(sample.distribution(rows, left_out).to_dict()).encode()
        self.artifacts.write(distribution_key(run.model, run.run_id), own)
        champion = self.champions.champion(run.model)
        before = self._of(run.model, champion.run_id) if champion else None
        if champion and before:
            diff = dataset_diff(champion.run_id, before, sample.distribution(rows, left_out, like=before))
            self.artifacts.write(diff_key(run.model, run.run_id), json.dumps(diff.to_dict()).encode())

    def _of(self, model: str, run_id: str) -> InputDistribution | None:
        """None where it is not kept."""
        try:
            return InputDistribution.from_dict(
                json.loads(self.artifacts.read(distribution_key(model, run_id)))
            )
        except MissingError:
            return None
