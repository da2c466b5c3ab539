"""The parts of pipeline.yaml as they stand in the file, with their defaults.

`schema()` is what an editor completes from (docs/pipeline.schema.json is made from it and checked against it).
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from switchyard.config.parts.part import Column, InstanceType, Name, Scalar, Spec
from switchyard.config.parts.policy_part import GateSpec, RolloutSpec
from switchyard.config.parts.response_part import ResponseSpec
from switchyard.config.parts.training_part import PrepareSpec, ProgramSpec, TrainingSpec, TuningSpec
from switchyard.core.account import OURS
from switchyard.core.data.dialect import Dialect
from switchyard.core.data.normalized_text import column_name
from switchyard.core.pipeline import RUNS_PER_DAY, Deployment, Network, Scaling, Scoring
from switchyard.core.policy import Problem

Subnet = Annotated[str, StringConstraints(pattern=r"^subnet-[0-9a-f]+$", max_length=32)]
SecurityGroup = Annotated[str, StringConstraints(pattern=r"^sg-[0-9a-f]+$", max_length=32)]
# as SageMaker takes them: TagKey, TagValue
TagKey = Annotated[
    str, StringConstraints(pattern=r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$", min_length=1, max_length=128)
]
TagValue = Annotated[str, StringConstraints(pattern=r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$", max_length=256)]
ColumnKind = Literal["number", "boolean", "category", "text", "date", "weight", "ignored"]
Encoding = Literal[
    "utf-8", "utf-16", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254",
    "iso-8859-1", "iso-8859-2", "iso-8859-15", "koi8-r", "mac-roman", "cp437", "cp850",
    "shift_jis", "euc-jp", "gb18030", "big5", "euc-kr",
]  # fmt: skip


class ScalingSpec(Spec):
    """`deployment.scaling`: target tracking on requests a minute and instance, or, of async, on waiting requests."""

    min: int = Field(default=1, ge=0, le=100)
    max: int = Field(ge=1, le=100)
    target: float = Field(gt=0)
    scale_in_seconds: int = Field(default=300, ge=0, le=3600)
    scale_out_seconds: int = Field(default=300, ge=0, le=3600)

    def to_domain(self) -> Scaling:
        return Scaling(self.min, self.max, self.target, self.scale_in_seconds, self.scale_out_seconds)


class DeploymentSpec(Spec):
    """How the model is served; instances are those of the endpoint, of the alpha endpoint and of batch transforms."""

    mode: Literal["realtime", "serverless", "async", "batch"] = "realtime"
    instance_type: InstanceType = "ml.m5.large"
    instance_count: int = Field(default=1, ge=1, le=100)
    capture_percent: int = Field(default=100, ge=0, le=100)
    environment: dict[Name, str] = Field(default_factory=dict, max_length=50)
    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = 2048
    max_concurrency: int = Field(default=20, ge=1, le=200)
    max_concurrent_invocations_per_instance: int = Field(default=4, ge=1, le=1000)
    scaling: ScalingSpec | None = None
    capacity_wait_seconds: int = Field(default=0, ge=0, le=3600)

    @property
    def begins_with(self) -> int:
        """Instances; with scaling, where no count is stated, as few as may serve."""
        is_stated = "instance_count" in self.model_fields_set
        return self.instance_count if is_stated or self.scaling is None else max(self.scaling.min, 1)

    def to_domain(self) -> Deployment:
        own = self.model_dump(exclude={"scaling"}) | {"instance_count": self.begins_with}
        return Deployment(**own, scaling=self.scaling.to_domain() if self.scaling else None)


class GuardrailsSpec(Spec):
    """`rollout.guardrails`; fields as in core.pipeline.Guardrails."""

    traffic: Literal["canary", "linear"] = "canary"
    percent: int = Field(default=50, ge=1, le=50)
    wait_seconds: int = Field(default=300, ge=0, le=3600)
    termination_wait_seconds: int = Field(default=60, ge=0, le=3600)
    timeout_seconds: int = Field(default=3600, ge=600, le=28800)
    errors: int = Field(default=5, ge=0)
    latency_milliseconds: float | None = Field(default=None, gt=0)


class ApprovalSpec(Spec):
    """Who lets a model that passed the gate go live; `manual` waits for ModelApprovalStatus in the model registry."""

    mode: Literal["automatic", "manual"] = "automatic"
    hours: int = Field(default=168, ge=1, le=240)


class NetworkSpec(Spec):
    """Where this model's containers run: subnets instead of the stack's; isolation adds to what the stack asks for."""

    subnets: tuple[Subnet, ...] = Field(default=(), max_length=16)
    security_groups: tuple[SecurityGroup, ...] = Field(default=(), max_length=5)
    isolation: bool = False

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        """ "VpcConfig" has both members, and needs both."""
        if bool(self.subnets) != bool(self.security_groups):
            raise PydanticCustomError("vpc", "subnets and security_groups are given together, or neither")
        return self

    def to_domain(self) -> Network:
        return Network(self.subnets, self.security_groups, self.isolation)


class BudgetSpec(Spec):
    """What runs may cost, in US dollars: all that start in one month (UTC), and one alone; and how many start a day."""

    monthly_usd: float | None = Field(default=None, gt=0)
    run_usd: float | None = Field(default=None, gt=0)
    runs_per_day: int = Field(default=RUNS_PER_DAY, ge=1, le=1000)


class EvaluationSpec(GateSpec):
    """The `evaluation` part: what the gate asks for, and how the holdout is put to both models."""

    via: Literal["alpha", "transform"] = "alpha"
    map: Literal["auto", "inline", "distributed"] = "auto"
    slices: tuple[Column, ...] = Field(default=(), max_length=5)
    program: ProgramSpec | None = None
    small_data: Literal["cross_validation", "refuse"] | None = None
    folds: int = 10
    repeats: int = 5

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in super().given().items() if name in GateSpec.model_fields}

    def to_scoring(self) -> Scoring:
        return Scoring(self.via, self.map, self.slices)


class ScheduleSpec(Spec):
    """`schedule` written out; a text alone is its `when`."""

    when: str
    always: bool = False


class DriftSpec(Spec):
    """`drift`: retrain when the live input no longer looks like the training data; fields as in `DriftPolicy`."""

    threshold: float = Field(default=0.2, gt=0)
    minimum_rows: int = Field(default=1000, ge=100, le=20_000)
    window_hours: float = Field(default=24.0, gt=0, le=168)
    cooldown_hours: float = Field(default=24.0, gt=0)


class LiveRolloutSpec(RolloutSpec):
    """The `rollout` part, and the live traffic that it is planned for: a plan that cannot end in time is refused."""

    strategy: Literal["evidence", "guardrails", "paired"] = "evidence"
    guardrails: GuardrailsSpec = Field(default_factory=GuardrailsSpec)
    requests_per_minute: float | None = None
    id_column: Column | None = None

    def given(self) -> dict[str, Any]:
        own = ("strategy", "guardrails", "requests_per_minute", "id_column")
        return {name: value for name, value in super().given().items() if name not in own}


NAMED_SEPARATORS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|", "pipe": "|"}


class DataSpec(Spec):
    """The `data` part: tables or records; and how the files of tables are written, where it cannot be read off them:
    fields as in `Dialect`.
    """

    kind: Literal["table", "records"] = "table"
    separator: Literal[",", ";", "|", "\t"] | None = None
    encoding: Encoding | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal[",", ".", "'", " ", "_"] | None = None
    dates: Literal["day-first", "month-first"] | None = None
    missing: tuple[Scalar, ...] = Field(default=(), max_length=100)

    @field_validator("separator", mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        r"""A tab is seen in no editor, and '\t' is two signs to YAML."""
        return NAMED_SEPARATORS.get(value.lower(), value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_marks(self) -> Self:
        if self.thousands is not None and self.thousands == self.decimal:
            raise PydanticCustomError("marks", "decimal and thousands are the same mark; name two")
        return self

    @property
    def is_records(self) -> bool:
        return self.kind == "records"

    def to_domain(self) -> Dialect:
        given = {name: value for name, value in self.model_dump(exclude={"kind"}).items() if value}
        return Dialect(**{**given, "missing": tuple(map(str, self.missing))})


class PipelineSpec(Spec):
    """One model's pipeline.yaml."""

    name: Name
    target: Column
    problem: Problem | None = None
    validation_percent: int = Field(default=10, ge=0, le=50)
    may_copy_target: tuple[Column, ...] = Field(default=(), max_length=100)
    columns: dict[Column, ColumnKind] = Field(default_factory=dict, max_length=16384)
    data: DataSpec = Field(default_factory=DataSpec)
    response: ResponseSpec | None = None
    prepare: PrepareSpec | None = None
    tuning: TuningSpec | None = None
    training: TrainingSpec = Field(default_factory=TrainingSpec)
    evaluation: EvaluationSpec = Field(default_factory=EvaluationSpec)
    approval: ApprovalSpec = Field(default_factory=ApprovalSpec)
    deployment: DeploymentSpec = Field(default_factory=DeploymentSpec)
    rollout: LiveRolloutSpec = Field(default_factory=LiveRolloutSpec)
    schedule: str | ScheduleSpec | None = None
    drift: DriftSpec | None = None
    budget: BudgetSpec = Field(default_factory=BudgetSpec)
    network: NetworkSpec = Field(default_factory=NetworkSpec)
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, max_length=40)
    retire: bool = False

    @field_validator("columns", mode="before")
    @classmethod
    def _refuse_twins(cls, columns: Any) -> Any:
        """Two spellings of one name: the last would win."""
        names = (
            [column_name(each) for each in columns if isinstance(each, str)]
            if isinstance(columns, dict)
            else []
        )
        for name in names:
            if names.count(name) > 1:
                raise PydanticCustomError(
                    "columns", f"'{name[:64]}' stands twice, in two spellings; leave one out"
                )
        return columns

    @field_validator("tags")
    @classmethod
    def _refuse_reserved(cls, tags: dict[str, str]) -> dict[str, str]:
        for key in tags:
            if key.lower().startswith(("aws:", OURS)):
                raise PydanticCustomError(
                    "tag", f"'{key}': aws: and {OURS} are not yours to give; choose another key"
                )
        return tags


def schema() -> dict[str, Any]:
    """JSON Schema of pipeline.yaml."""
    return PipelineSpec.model_json_schema()
