"""Every name that a run gives to a resource, derived from the run id: a late writer of an old run can then never
touch what belongs to a new one (docs/architecture.md, "Names make it safe")."""

import hashlib
import re
from dataclasses import dataclass

MODEL_NAME = re.compile(r"[a-z0-9](-?[a-z0-9])*")
# SageMaker's names end at 63 characters: prefix 15 + model 24 + digest 12 + "-r2" + "-canary" and the hyphens between.
LONGEST_MODEL_NAME = 24
DIGEST_LENGTH = 12
ALPHA, CANARY, FULL = "-alpha", "-canary", "-full"


def is_model_name(text: str) -> bool:
    """True for lower-case letters, digits and single inner hyphens, at most 24 characters."""
    return len(text) <= LONGEST_MODEL_NAME and MODEL_NAME.fullmatch(text) is not None


def run_id(model: str, digest: str) -> str:
    """The run of one dataset: the model and the first 12 hex digits of the dataset's sha256."""
    return f"{model}-{digest[:DIGEST_LENGTH]}"


def run_of(prefix: str, name: str) -> str:
    """The run that a model, a config or an alpha endpoint is called after."""
    bare = name.removeprefix(f"{prefix}-")
    return next((bare.removesuffix(end) for end in (ALPHA, CANARY, FULL) if bare.endswith(end)), bare)


@dataclass(frozen=True)
class Names:
    """The SageMaker names of one run. `prefix` is the stack's, so that two stacks can share an account."""

    prefix: str
    model: str
    run_id: str

    @property
    def endpoint(self) -> str:
        return f"{self.prefix}-{self.model}"

    @property
    def package_group(self) -> str:
        return f"{self.prefix}-{self.model}"

    @property
    def training_job(self) -> str:
        return f"{self.prefix}-{self.run_id}"

    @property
    def preparation_job(self) -> str:
        return f"{self.prefix}-{self.run_id}-spark"

    @property
    def dataset_job(self) -> str:
        """Checks and prepares a dataset that is more than a Lambda should do."""
        return f"{self.prefix}-{self.run_id}-data"

    @property
    def program_job(self) -> str:
        """The owner's program that judges the holdout's answers."""
        return f"{self.prefix}-{self.run_id}-loss"

    @property
    def tuning_job(self) -> str:
        """ "HyperParameterTuningJobName: Maximum length of 32" (CreateHyperParameterTuningJob): the run in 16 digits.
        The jobs that it starts are called after it.
        """
        return f"{self.prefix}-{hashlib.sha256(self.run_id.encode()).hexdigest()[:16]}"

    @property
    def transform_job(self) -> str:
        """Puts the holdout to the challenger."""
        return f"{self.prefix}-{self.run_id}-new"

    @property
    def champion_transform_job(self) -> str:
        """Puts the same holdout to the champion; the name is this run's all the same."""
        return f"{self.prefix}-{self.run_id}-old"

    @property
    def sagemaker_model(self) -> str:
        return f"{self.prefix}-{self.run_id}"

    @property
    def alpha(self) -> str:
        """The short-lived endpoint, and its config, on which the holdout is scored."""
        return f"{self.prefix}-{self.run_id}{ALPHA}"

    @property
    def canary_config(self) -> str:
        """Champion and challenger side by side."""
        return f"{self.prefix}-{self.run_id}{CANARY}"

    @property
    def full_config(self) -> str:
        """This run's model alone."""
        return f"{self.prefix}-{self.run_id}{FULL}"

    @property
    def errors_alarm(self) -> str:
        return f"{self.prefix}-{self.run_id}-errors"

    @property
    def latency_alarm(self) -> str:
        return f"{self.prefix}-{self.run_id}-latency"

    @property
    def variant(self) -> str:
        return self.run_id

    def of(self, run_id: str) -> "Names":
        """The names of another run of the same model."""
        return Names(self.prefix, self.model, run_id)
