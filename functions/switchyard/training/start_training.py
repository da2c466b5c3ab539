"""Starting what makes the run's model: one training job, or a tuning job whose best one goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from switchyard.config.snapshot import Snapshots, channel_key, clean_prefix
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Control, Storage
from switchyard.core.resources.pools import dataset_claim, processing_claim, training_claim
from switchyard.core.run import Run
from switchyard.core.waiting import Waiting
from switchyard.training.dataset_order import Order, order_key


@dataclass(frozen=True)
class StartTraining:
    """Creates the run's jobs by its name and leaves the token."""

    prefix: str
    artifacts: Storage
    control: Control
    snapshots: Snapshots
    waiting: Waiting

    def start(self, run: Run, channels: Sequence[str], token: str) -> None:
        """One training job."""
        names, pipeline = Names(self.prefix, run.model, run.run_id), self.snapshots.pipeline(run)
        inputs = self._inputs(run, channels, pipeline.is_records)
        output = self.artifacts.uri(f"{run.model}/models/")
        self.waiting.for_job(
            "training-job",
            names.training_job,
            "StartTraining",
            token,
            lambda: self.control.ensure_training(names, pipeline, inputs, output),
            training_claim(run.model, run.record, pipeline),
        )

    def start_tuning(self, run: Run, channels: Sequence[str], token: str) -> None:
        """A tuning job; the token is answered with the artifact of its best training job."""
        names, pipeline = Names(self.prefix, run.model, run.run_id), self.snapshots.pipeline(run)
        inputs = self._inputs(run, channels, pipeline.is_records)
        output = self.artifacts.uri(f"{run.model}/models/{run.run_id}/")
        self.waiting.for_job(
            "hyper-parameter-tuning-job",
            names.tuning_job,
            "StartTuning",
            token,
            lambda: self.control.ensure_tuning(names, pipeline, inputs, output),
            training_claim(run.model, run.record, pipeline),
        )

    def start_dataset_job(self, run: Run, token: str) -> None:
        """A processing job that checks and prepares what the door only listed; or what a run by hand is on again."""
        names, pipeline = Names(self.prefix, run.model, run.run_id), self.snapshots.pipeline(run)
        self.waiting.for_job(
            "processing-job",
            names.dataset_job,
            "StartDatasetJob",
            token,
            lambda: self._order(run, names, pipeline),
            dataset_claim(run.model, run.record, pipeline),
        )

    def _order(self, run: Run, names: Names, pipeline: Pipeline) -> None:
        """What the job is told lies there before it."""
        ledger = self.waiting.ledger
        champion = ledger.champion(run.model)
        before = ledger.run(run.model, champion.run_id) if champion else None
        self.artifacts.write(order_key(run), Order(run, champion, before).to_json(), absent=True)
        self.control.ensure_dataset_job(names, pipeline, order_key(run))

    def start_preparation(self, run: Run, token: str) -> None:
        """A processing job that makes a clean table of the snapshot."""
        names, pipeline = Names(self.prefix, run.model, run.run_id), self.snapshots.pipeline(run)
        source, output = self.artifacts.uri(f"{run.snapshot}data/"), self.artifacts.uri(clean_prefix(run))
        self.waiting.for_job(
            "processing-job",
            names.preparation_job,
            "StartPreparation",
            token,
            lambda: self.control.ensure_processing(names, pipeline, source, output),
            processing_claim(run.model, run.record, pipeline),
        )

    def _inputs(self, run: Run, channels: Sequence[str], is_records: bool) -> Mapping[str, str]:
        return {name: self.artifacts.uri(channel_key(run, name, is_records)) for name in channels}
