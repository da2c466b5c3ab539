"""Starting the run's training job."""

from collections.abc import Sequence
from dataclasses import dataclass

from switchyard.contracts.ports import Control, Storage
from switchyard.domain.names import Names
from switchyard.domain.run import Run
from switchyard.usecases.frozen import Frozen
from switchyard.usecases.waiting import Waiting


@dataclass(frozen=True)
class Training:
    """Creates the training job by the run's name and leaves the token."""

    prefix: str
    artifacts: Storage
    control: Control
    frozen: Frozen
    waiting: Waiting

    def start(self, run: Run, channels: Sequence[str], token: str) -> None:
        names = Names(self.prefix, run.model, run.run_id)
        pipeline = self.frozen.pipeline(run)
        prepared = f"{run.model}/prepared/{run.run_id}/"
        inputs = {name: self.artifacts.uri(f"{prepared}{name}/") for name in channels}
        output = self.artifacts.uri(f"{run.model}/models/")
        self.waiting.for_training(
            names.training_job,
            "StartTraining",
            token,
            lambda: self.control.ensure_training(names, pipeline, inputs, output),
        )
