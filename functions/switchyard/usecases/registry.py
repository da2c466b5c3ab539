"""Writing the model into the registry, with the evaluation that let it in."""

from dataclasses import dataclass

from switchyard.contracts.ports import Control, Storage
from switchyard.domain.names import Names
from switchyard.domain.run import Run
from switchyard.usecases.frozen import Frozen


@dataclass(frozen=True)
class Registry:
    """One model package a run."""

    prefix: str
    artifacts: Storage
    control: Control
    frozen: Frozen

    def register(self, run: Run, artifact: str, evaluation: str) -> dict[str, str]:
        names = Names(self.prefix, run.model, run.run_id)
        pipeline = self.frozen.pipeline(run)
        return {"arn": self.control.ensure_package(names, pipeline, artifact, self.artifacts.uri(evaluation))}
