"""What the use cases need from outside. Adapters fulfil these, and so do the tests' fakes, under one contract test."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from switchyard.core.champion import Champion
from switchyard.core.data.contract import Kind
from switchyard.core.data.csv_block import Block
from switchyard.core.data.packed.packed_rows import Codes, ReadRows, Shape
from switchyard.core.evidence import Reading
from switchyard.core.names import Names
from switchyard.core.pipeline import REALTIME, Pipeline, Scaling
from switchyard.core.policy import MetricPolicy
from switchyard.core.resources.answers import USUAL, Reader
from switchyard.core.resources.guardrails import Alarm, Guard
from switchyard.core.resources.scaling import ScalableTarget

Item = dict[str, str | int]


class Clock(Protocol):
    def __call__(self) -> float:
        """Seconds since the epoch."""


@dataclass(frozen=True)
class Put:
    """An item as a whole; absent: only where there is none."""

    item: Item
    absent: bool = False


@dataclass(frozen=True)
class Update:
    """What changes of an item; expected: only where these attributes are so."""

    pk: str
    sk: str
    changes: Item
    expected: Item | None = None


@dataclass(frozen=True)
class Delete:
    """The end of an item; expected: only where these attributes are so."""

    pk: str
    sk: str
    expected: Item | None = None


Change = Put | Update | Delete


class Items(Protocol):
    """A table with a partition and a sort key; every condition that fails answers False and changes nothing."""

    def get(self, pk: str, sk: str) -> Item | None: ...
    def get_all(self, keys: Sequence[tuple[str, str]]) -> list[Item | None]:
        """In the order of their keys, asked for together: each is as it is now, but others may change between them."""

    def write(self, changes: Sequence[Change]) -> bool:
        """All changes, of at most 100 items, or none of them. It may be refused while another write of this kind is
        under way on one of the items: the error is transient.
        """

    def put(self, item: Item, *, absent: bool = False) -> bool: ...
    def update(self, pk: str, sk: str, changes: Item, *, expected: Item | None = None) -> bool: ...
    def delete(self, pk: str, sk: str, *, expected: Item | None = None) -> bool: ...
    def query(self, pk: str, prefix: str = "") -> list[Item]: ...


@dataclass(frozen=True)
class StoredObject:
    """An object as it was listed; `etag` pins the content that was read."""

    key: str
    size: int
    etag: str
    modified_at: float


class HasChampion(Protocol):
    """Who knows what is live: the ledger, or what a job was told of it."""

    def champion(self, model: str) -> Champion | None: ...


class Storage(Protocol):
    """One bucket."""

    bucket: str

    def list(self, prefix: str) -> list[StoredObject]: ...
    def folders(self) -> Sequence[str]:
        """Names of the folders at the top, sorted."""

    def read(self, key: str) -> bytes: ...
    def chunks(self, key: str, etag: str = "") -> Iterator[bytes]: ...
    def lines(self, key: str, start: int = 0) -> Iterator[str]: ...
    def write(self, key: str, body: bytes, *, absent: bool = False) -> bool: ...
    def upload(self, key: str, path: str) -> None: ...
    def copy_from(self, source: "Storage", item: StoredObject, key: str) -> None: ...
    def exists(self, key: str) -> bool: ...
    def sha256(self, key: str) -> str: ...
    def uri(self, key: str) -> str: ...
    def key_of(self, uri: str) -> str: ...


class Archive(Protocol):
    """One compressed stream, as Python's own bz2 and lzma have it; ValueError for a damaged one."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class TypedRows(Protocol):
    """Rows of one table, a block at a time, in their order. Where fewer rows come than the block has, the others are
    for the rules of core.data to read.
    """

    def read(
        self, block: Block, wanted: Sequence[int] = (), codes: Codes | None = None
    ) -> Iterator[ReadRows]:
        """wanted: columns, among those that are read, whose values are asked for, too: numbers, NaN where one is
        missing, or texts in their one form. codes: what the rows are packed by: of the values of a target that are
        classes, any other being odd; none of a regression. None where they are not packed.
        """


class Forms(Protocol):
    """What the engine does: forms of tables that Python itself cannot read, and rows by the block."""

    def typed(self, shape: Shape) -> AbstractContextManager[TypedRows]: ...

    def zstd(self) -> Archive:
        """A frame of zstd that is about to be unpacked."""

    def parquet(self, name: str, path: str, mark: str = ".") -> Iterator[str]:
        """The file at `path` as lines of CSV, the header first; mark: of decimals. InvalidDatasetError says `name`."""

    def write_typed(self, source: str, target: str, columns: Sequence[tuple[str, Kind]], form: str) -> None:
        """Writes a channel's CSV at `source` to `target` as `form`, parquet or jsonl, with these columns."""


class Control(Protocol):
    """SageMaker's control plane. Everything that creates is re-entrant: what exists with the same spec is success."""

    def describe_training(self, name: str) -> Mapping[str, Any] | None: ...
    def ensure_training(
        self, names: Names, pipeline: Pipeline, channels: Mapping[str, str], output: str
    ) -> None: ...
    def stop_training(self, name: str) -> None: ...
    def describe_tuning(self, name: str) -> Mapping[str, Any] | None: ...
    def ensure_tuning(
        self, names: Names, pipeline: Pipeline, channels: Mapping[str, str], output: str
    ) -> None: ...
    def stop_tuning(self, name: str) -> None: ...
    def tuning_jobs(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Summaries of the training jobs that a tuning job has started; none of one that is not there."""

    def describe_processing(self, name: str) -> Mapping[str, Any] | None: ...
    def ensure_processing(self, names: Names, pipeline: Pipeline, source: str, output: str) -> None: ...
    def ensure_dataset_job(self, names: Names, pipeline: Pipeline, order: str) -> None:
        """order: the key of what the job is told, in the artifact bucket."""

    def ensure_program(self, names: Names, pipeline: Pipeline, source: str, output: str) -> None: ...
    def stop_processing(self, name: str) -> None: ...
    def describe_transform(self, name: str) -> Mapping[str, Any] | None: ...
    def ensure_transform(
        self, names: Names, pipeline: Pipeline, name: str, model: str, source: str, output: str
    ) -> None: ...
    def stop_transform(self, name: str) -> None: ...
    def ensure_model(self, name: str, pipeline: Pipeline, artifact: str) -> None: ...
    def ensure_config(
        self, name: str, pipeline: Pipeline, variants: Sequence["Variant"], folder: str
    ) -> None:
        """folder: URI of the model's own folder, where asynchronous answers go."""

    def has_model(self, name: str) -> bool: ...
    def has_config(self, name: str) -> bool: ...
    def list_configs(self, prefix: str) -> list[str]: ...
    def delete_config(self, name: str) -> None: ...
    def list_models(self, prefix: str) -> list[str]: ...
    def delete_model(self, name: str) -> None: ...
    def describe_endpoint(self, name: str) -> Mapping[str, Any] | None: ...
    def list_endpoints(self, prefix: str) -> list[str]: ...
    def ensure_endpoint(self, name: str, config: str, guard: Guard | None = None) -> None:
        """guard: how an update is shifted, and by which alarms it is taken back; without one all at once."""

    def set_weights(
        self, name: str, weights: Mapping[str, float], counts: Mapping[str, int] | None = None
    ) -> None:
        """counts: instances by variant, set together with the weights; those left out stay."""

    def delete_endpoint(self, name: str, config: str | None = None) -> None: ...
    def ensure_package(
        self, names: Names, pipeline: Pipeline, artifact: str, evaluation: str, card: str = ""
    ) -> str:
        """Registered as PendingManualApproval; answers its ARN. card: content of its model card, in the schema of model
        packages; "" for none.
        """

    def describe_package(self, arn: str) -> Mapping[str, Any] | None: ...
    def answer_package(self, arn: str, status: str, why: str) -> None:
        """Approved or Rejected, unless it is already; one that is gone is no error."""


@dataclass(frozen=True)
class Variant:
    """One production variant: its name is the run that made its model. instances: None for the deployment's count."""

    name: str
    sagemaker_model: str
    weight: float
    instances: int | None = None


class Autoscaling(Protocol):
    """Application Auto Scaling, for the variants of endpoints."""

    def targets(self, endpoint: str) -> Sequence[ScalableTarget]:
        """Those that are registered, with their policies."""

    def keep(self, endpoint: str, variant: str, mode: str, scaling: Scaling) -> None:
        """Registered, and followed by our policies; made over where it differs."""

    def release(self, endpoint: str, variant: str) -> None:
        """Deregistered with its policies; one that is gone already is no error."""


class Alarms(Protocol):
    """CloudWatch alarms on the fleets of deployments."""

    def put(self, alarm: Alarm) -> None:
        """Made, or made over; an alarm that was there keeps its state."""

    def names(self, prefix: str) -> Sequence[str]: ...
    def delete(self, name: str) -> None:
        """One that is gone already is no error."""


class Scorer(Protocol):
    """reader: of the answers of the variant's model."""

    def predict(
        self, endpoint: str, variant: str, rows: Sequence[str], reader: Reader = USUAL
    ) -> list[tuple[float, ...]]:
        """One prediction a CSV row, from one variant of an endpoint."""

    def predict_record(
        self, endpoint: str, variant: str, body: bytes, content_type: str, reader: Reader = USUAL
    ) -> tuple[float, ...]:
        """The prediction for one object."""


@dataclass(frozen=True)
class Watched:
    """Two variants of an endpoint, and the metrics by which they are compared. challenger: "" for none, yet.

    swapped_at: they did not serve at the same time, but one after the other; the k-th period of the challenger after
    this moment is compared with the k-th of the champion before alone_until, when the swap was asked for: in between
    nobody knows who served. alone_until: None for the same moment.
    """

    endpoint: str
    champion: str
    challenger: str
    metrics: Mapping[str, MetricPolicy]
    mode: str = REALTIME
    swapped_at: float | None = None
    alone_until: float | None = None


class EvidenceReader(Protocol):
    def read(
        self, watched: Watched, since: float, until: float, stage: int, patience: float = 0.0
    ) -> Reading:
        """One block a metric and closed period in [since, until) in which either variant had requests; after a swap,
        in which the challenger had. patience: for how many seconds before `until` what is missing may still come;
        a period older than that is taken as it is, without what nobody knows.

        Raises EvidenceUnavailableError when the answer is not whole.
        """


class Notices(Protocol):
    def tell(self, subject: str, text: str) -> None:
        """People are told, if they can be reached; never a row of data."""


class Executions(Protocol):
    def start_retrain(self, run_id: str, payload: Mapping[str, Any]) -> None: ...
    def start_restore(self, name: str, payload: Mapping[str, Any]) -> None: ...
    def start_transform(self, name: str, payload: Mapping[str, Any]) -> None: ...
    def stop_retrain(self, run_id: str, cause: str) -> None:
        """Ends it as ABORTED; one that has ended is no error."""

    def transform_status(self, name: str) -> "Execution | None": ...
    def retrain_status(self, run_id: str) -> "Execution | None": ...
    def restore_status(self, name: str) -> "Execution | None": ...


@dataclass(frozen=True)
class Execution:
    """How an execution stands: its status, and what it gave or why it broke."""

    status: str
    output: Mapping[str, Any]
    reason: str


class Tokens(Protocol):
    def succeed(self, token: str, output: Mapping[str, Any]) -> None: ...
    def fail(self, token: str, error: str, cause: str) -> None: ...


class Messages(Protocol):
    def send(self, body: Mapping[str, Any]) -> None:
        """Hands something to a function of ours, at least once: AdmitDataset a `Request` as a dict,
        ScoreLabels the window to join.
        """


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up; `receipt` deletes it."""

    receipt: str
    body: str


class DeadLetters(Protocol):
    def receive(self) -> DeadLetter | None:
        """The next one, hidden from others for a while; None when there is none now."""

    def delete(self, receipt: str) -> None: ...


class LogGroups(Protocol):
    def endless(self, prefix: str) -> list[str]:
        """Groups under a prefix of names that keep their logs for ever."""

    def expire(self, name: str, days: int) -> None: ...


class Retries(Protocol):
    def postpone(self, record: Mapping[str, Any]) -> None:
        """The same message again, later than after the try before. record: as SQS hands it to a function."""


class Looks(Protocol):
    def schedule(self, model: str, run_id: str, lap: str) -> None:
        """One look a window from now; it comes back until it is done. lap: names the wait that it looks for."""

    def postpone(self, receipt: str) -> None:
        """The same look again, a window from now."""
