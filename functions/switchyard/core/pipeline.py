"""A model's pipeline.yaml as the rest of the code sees it: checked, complete, frozen into the run's snapshot."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from switchyard.core.data.dialect import AS_IT_SHOWS, Dialect
from switchyard.core.data.response import AS_SERVERS_DO, Response
from switchyard.core.gate_policy import GatePolicy
from switchyard.core.policy import Problem, RolloutPolicy

REALTIME, SERVERLESS, ASYNC, BATCH = "realtime", "serverless", "async", "batch"


@dataclass(frozen=True)
class Training:
    """How the model is trained. Times in seconds, volume in GB.

    `image` is the user's own (kind container); AWS's images follow from `framework` and `version`. `code` is the S3
    URI of the run's frozen sourcedir.tar.gz (kind script). retries: after an InternalServerError of SageMaker's.
    spot_max_wait_seconds: of managed Spot, waiting and running together; 0 for on-demand instances. keep_alive_seconds:
    of a warm pool. fallback_instance_types: in this order, where SageMaker has no instance_type. mlflow_experiment: of
    the stack's MLflow server; "" for one that is called as the model.
    """

    kind: str
    image: str
    hyperparameters: Mapping[str, str]
    instance_type: str
    instance_count: int
    volume_gb: int
    max_runtime_seconds: int
    framework: str = ""
    version: str = ""
    entry_point: str = ""
    inference_entry_point: str = ""
    code: str = ""
    metric_definitions: Mapping[str, str] = field(default_factory=dict)
    data_distribution: str = "FullyReplicated"
    retries: int = 0
    spot_max_wait_seconds: int = 0
    keep_alive_seconds: int = 0
    input_mode: str = "File"
    format: str = "csv"  # of the channels `train` and `validation`: csv, parquet or jsonl
    fallback_instance_types: tuple[str, ...] = ()
    mlflow_experiment: str = ""

    @property
    def instance_types(self) -> tuple[str, ...]:
        """Those that the job may get, the first one first."""
        return (self.instance_type, *self.fallback_instance_types)


@dataclass(frozen=True)
class Prepare:
    """A job that makes a clean table of whatever was dropped. `code` is an S3 prefix, frozen with the run."""

    kind: str
    entry_point: str
    arguments: tuple[str, ...]
    version: str
    instance_type: str
    instance_count: int
    volume_gb: int
    max_runtime_seconds: int
    code: str = ""


@dataclass(frozen=True)
class DatasetJob:
    """The machine on which a dataset is checked and prepared that is more than a Lambda should do. expected_seconds: of
    its size, before any run tells more.
    """

    instance_type: str
    volume_gb: int
    expected_seconds: int
    max_runtime_seconds: int


@dataclass(frozen=True)
class Program:
    """The owner's script that reads both models' answers and writes one loss a row, on SageMaker's scikit-learn image.
    `code` is an S3 prefix, frozen with the run.
    """

    entry_point: str
    version: str
    instance_type: str
    volume_gb: int
    max_runtime_seconds: int
    code: str = ""


@dataclass(frozen=True)
class Range:
    """Where one tuned hyperparameter may lie, both ends included."""

    minimum: str
    maximum: str
    is_integer: bool
    scale: str

    @property
    def size(self) -> float:
        """How many values there are."""
        return int(self.maximum) - int(self.minimum) + 1 if self.is_integer else math.inf


@dataclass(frozen=True)
class Tuning:
    """A search in front of the training: names and goals as SageMaker spells them."""

    strategy: str
    max_jobs: int
    max_parallel_jobs: int
    metric: str
    goal: str
    ranges: Mapping[str, Range]
    choices: Mapping[str, tuple[str, ...]]

    @property
    def jobs(self) -> int:
        """How many training jobs it may start: a grid has as many as combinations."""
        if self.strategy != "Grid":
            return self.max_jobs
        return math.prod(len(values) for values in self.choices.values())

    @property
    def combinations(self) -> float:
        """How many different ones there are; without end where a range has fractions."""
        sizes = [float(len(set(values))) for values in self.choices.values()]
        return math.prod([*sizes, *(each.size for each in self.ranges.values())])


@dataclass(frozen=True)
class Scaling:
    """Instances that follow the load between two counts. Times in seconds.

    target: realtime: requests a minute and instance; async: requests that wait, an instance.
    """

    minimum: int
    maximum: int
    target: float
    scale_in_seconds: int = 300
    scale_out_seconds: int = 300

    def within(self, count: int) -> int:
        """A config begins with one instance at least, whatever the minimum is."""
        return min(max(count, self.minimum, 1), self.maximum)


@dataclass(frozen=True)
class Deployment:
    """How the model is served. `capture_percent` of requests are kept for later labels.

    mode: realtime, serverless, async or batch. memory_mb and max_concurrency are serverless's; a batch model has no
    endpoint, its instances are those of transform jobs. capacity_wait_seconds: for instances; 0: SageMaker's own time.
    """

    mode: str
    instance_type: str
    instance_count: int
    capture_percent: int
    environment: Mapping[str, str]
    memory_mb: int = 2048
    max_concurrency: int = 20
    max_concurrent_invocations_per_instance: int = 4
    scaling: Scaling | None = None
    capacity_wait_seconds: int = 0

    @property
    def most_instances(self) -> int:
        """How many may serve at once."""
        return self.scaling.maximum if self.scaling else self.instance_count

    @property
    def swaps(self) -> bool:
        """One variant at most, so there are no weights to shift: the whole config is swapped, and then watched."""
        return self.mode in (SERVERLESS, ASYNC)


@dataclass(frozen=True)
class Guardrails:
    """A shift in SageMaker's own hands: blue/green, and back when an alarm trips. Times in seconds.

    traffic: canary (percent, then the rest) or linear (percent after percent), of whole instances. An alarm trips when
    more than `errors` requests of one period end as 5XX, or when the model's mean latency is over the limit.
    """

    traffic: str = "canary"
    percent: int = 50
    wait_seconds: int = 300
    termination_wait_seconds: int = 60
    timeout_seconds: int = 3600
    errors: int = 5
    latency_milliseconds: float | None = None

    @property
    def steps(self) -> int:
        """How often it waits before the old fleet goes."""
        return 2 if self.traffic == "canary" else math.ceil(100 / self.percent)


@dataclass(frozen=True)
class Paired:
    """A batch model earns its place row by row: each drop is scored by both models, and labels say who was right.

    id_column: the column of a drop whose values label files know the rows by ("": `<file>#<row>`).
    """

    id_column: str = ""


@dataclass(frozen=True)
class Network:
    """Where containers run: in which subnets, with which security groups; isolation: kept from every network."""

    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    isolation: bool = False


@dataclass(frozen=True)
class Approval:
    """Who lets a registered model go live: `automatic`, or a person within `hours`, by the registry's own status."""

    mode: str = "automatic"
    hours: int = 168


RUNS_PER_DAY = 100


@dataclass(frozen=True)
class Budget:
    """Most US dollars for all runs that start in one month (UTC), and for one run; None: no such limit. runs_per_day:
    how many may start on one day (UTC); what comes then waits.
    """

    monthly_usd: float | None = None
    run_usd: float | None = None
    runs_per_day: int = RUNS_PER_DAY

    @property
    def is_set(self) -> bool:
        return self.monthly_usd is not None or self.run_usd is not None


@dataclass(frozen=True)
class Scoring:
    """How challenger and champion are put to the holdout.

    via: `alpha` (an endpoint of their own) or `transform` (a batch transform job each). map: chunks in one execution
    (`inline`), in executions of their own (`distributed`), or by their number (`auto`). slices: columns of the holdout
    whose values are judged apart, too.
    """

    via: str = "alpha"
    map: str = "auto"
    slices: tuple[str, ...] = ()


def declared_classes(hyperparameters: Mapping[str, object]) -> int:
    """How many classes `num_class` says; 0 where it is left open."""
    said = str(hyperparameters.get("num_class", ""))
    return int(said) if said.isdecimal() else 0


@dataclass(frozen=True)
class Pipeline:
    """Everything a run needs to know of its model."""

    name: str
    target: str
    problem: Problem
    validation_percent: int
    training: Training
    evaluation: GatePolicy
    deployment: Deployment
    rollout: RolloutPolicy
    approval: Approval = Approval()
    scoring: Scoring = Scoring()
    guardrails: Guardrails | None = None  # None: the shift is ours, on evidence
    paired: Paired | None = None  # None: of a batch model the gate decides
    prepare: Prepare | None = None
    dataset_job: DatasetJob | None = None  # None: a Lambda does it; by the dataset's size, not by the file
    tuning: Tuning | None = None
    program: Program | None = None
    may_copy_target: tuple[str, ...] = ()
    budget: Budget = Budget()
    requests_per_minute: float | None = None  # of live traffic, as declared
    is_records: bool = False  # the data are objects, not rows of a table
    columns: Mapping[str, str] = field(default_factory=dict)  # kinds that the owner states
    dialect: Dialect = AS_IT_SHOWS  # of the files, as far as the owner states it
    response: Response = AS_SERVERS_DO
    network: Network = Network()  # in front of the stack's
    tags: Mapping[str, str] = field(default_factory=dict)  # the owner's, beside the stack's

    @property
    def has_code(self) -> bool:
        """It runs files of the owner's, from `<model>/code/`."""
        owned = self.prepare or self.program or self.training.entry_point
        return bool(owned)

    @property
    def on_alpha(self) -> "Pipeline":
        """As the alpha endpoint serves it, whatever the live one is: on an instance a variant, and nothing captured."""
        alone = replace(self.deployment, mode=REALTIME, instance_count=1, scaling=None, capture_percent=0)
        return replace(self, deployment=alone)
