"""What ScoreLabels does: looks through label files as they arrive, and joins windows of requests with their labels."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from switchyard.config.snapshot import Snapshots, schema_key
from switchyard.core.data.classes import Classes, named
from switchyard.core.data.contract import Contract
from switchyard.core.ledger.ledger import Ledger, ended_at
from switchyard.core.ledger.rollouts import step_at, trail_of
from switchyard.core.metrics import LABEL_ERROR
from switchyard.core.names import Names
from switchyard.core.policy import Problem
from switchyard.core.ports import Clock, Storage, StoredObject
from switchyard.core.resources.answers import USUAL, Reader, reader_of
from switchyard.core.resources.captured import begins, decided, folder, hours, read_prediction, text_of
from switchyard.core.run import Run, RunState
from switchyard.labels.join import Join, Prediction, arrived
from switchyard.labels.rules.label_file import SUFFIX, is_label_file, is_no_file, read_labels
from switchyard.labels.rules.label_line import FORM, Label, truth_of
from switchyard.labels.rules.maturity import mature_blocks
from switchyard.labels.unknown_ids import unasked

NAMED_ROWS = 5  # of a bad file, in its reason; all are counted
AUDITED_LABELS = 200_000  # ids of a larger file, or among more captures, are not looked for one by one
AUDITED_BYTES = 256 * 1024 * 1024
AUDITED_SECONDS = 86_400.0
OTHER_NAME = f"labels are read from files whose names end in {SUFFIX}, a line each: {FORM}; upload it as one"


@dataclass
class Found:
    """What a label file holds. rows: the first row of each id."""

    good: int = 0
    bad: int = 0
    strangers: int = 0
    said: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    def complain(self, reason: str) -> None:
        self.bad += 1
        if len(self.said) < NAMED_ROWS:
            self.said.append(reason)

    def miss(self, rows: list[int]) -> None:
        """Labels of requests that nobody knows."""
        if not rows:
            return
        self.good -= len(rows)
        more = f" and {len(rows) - NAMED_ROWS} more" if len(rows) > NAMED_ROWS else ""
        named = ", ".join(map(str, rows[:NAMED_ROWS]))
        self.said.append(
            f"row {named}{more}: no captured request of the last day and no row of a batch drop has this inferenceId"
        )
        self.strangers = len(rows)

    @property
    def reason(self) -> str:
        unsaid = self.bad - NAMED_ROWS
        more = f"; and {unsaid} more lines" if unsaid > 0 else ""
        return f"{'; '.join(self.said)}{more}. {_used(self.good)}" if self.said else ""


def _used(good: int) -> str:
    """What a file with bad lines is still good for."""
    if good == 0:
        return "No label of this file is used"
    return "The other label is used" if good == 1 else f"The other {good} labels are used"


@dataclass(frozen=True)
class ScoreLabels:
    """period_seconds: length of one block of evidence."""

    prefix: str
    ledger: Ledger
    data: Storage
    artifacts: Storage
    snapshots: Snapshots
    clock: Clock
    period_seconds: float

    # a file arrives

    def arrived(self, key: str) -> str:
        """Reads a label file to its end; what is wrong with it is on record with file and row, what is right counts."""
        parts = key.split("/")
        listed = [item for item in self.data.list(key) if item.key == key]
        if len(parts) < 3 or parts[1] != "labels" or is_no_file(key) or not listed:
            return "ignored: no file under <model>/labels/, or gone again"
        found = (
            self._read(key, self._classes(parts[0]))
            if is_label_file(key)
            else Found(said=[OTHER_NAME], bad=1)
        )
        if found.rows:
            self._audit(parts[0], found, listed[0])
        self.ledger.record_labels(parts[0], key, found.good, found.bad + found.strangers, found.reason)
        if found.reason:
            upload = f"{key}#{listed[0].etag.strip(chr(34))}"
            self.ledger.record_upload(
                parts[0], upload, self.data.uri(key), RunState.INVALID, f"{key}: {found.reason}"
            )
        return found.reason or f"{found.good} labels"

    def _classes(self, model: str) -> Classes | None:
        """None where there is no model yet that could know any."""
        known = self.snapshots.known(model)
        return Classes(known.contract.classes) if known and known.problem else None

    def _read(self, key: str, classes: Classes | None) -> Found:
        found = Found()
        for row, label in read_labels(self.data.chunks(key)):
            if isinstance(label, Label) and classes is not None and truth_of(label, classes) is None:
                what = named(classes.names) if classes.names else "numbers"
                found.complain(
                    f"row {row}: the label is none that the model knows, {what}; write one of these"
                )
            elif isinstance(label, Label):
                found.rows.setdefault(label.identity, row)
                found.good += 1
            else:
                found.complain(f"row {row}: {label}")
        return found

    def _audit(self, model: str, found: Found, file: StoredObject) -> None:
        """Ids that no captured request has, if there are not too many to look for."""
        captures = list(self._captures(model, file.modified_at - AUDITED_SECONDS, file.modified_at + 1))
        if len(found.rows) > AUDITED_LABELS or sum(item.size for item, _ in captures) > AUDITED_BYTES:
            return
        unknown, known = dict(found.rows), self.snapshots.known(model)
        reader = _reader_by(known.contract) if known else USUAL
        for item, _ in captures:
            for line in text_of(self.artifacts.lines(item.key)):
                prediction = read_prediction(line, reader)
                if prediction is not None:
                    unknown.pop(prediction.identity, None)
            if not unknown:
                return
        found.miss(sorted(unasked(self.ledger, self.artifacts, model, unknown).values()))

    # a window is old enough

    def join(self, model: str, run_id: str, start: float, end: float) -> int:
        """Writes the blocks of [start, end) into the rollout's evidence; answers how many there are."""
        run, record = self.ledger.run(model, run_id), self.ledger.rollout(run_id)
        pipeline = self.snapshots.pipeline(run)
        metric = pipeline.rollout.metrics.get(LABEL_ERROR)
        if record is None or metric is None:
            return 0
        arms = {str(record.get("champion_variant") or record["champion"]): False, run_id: True}
        trail = trail_of(record)
        age, classes = metric.maturity_seconds, self.snapshots.classes(run)
        predictions = self._predictions(run, arms, trail, pipeline.problem, (start, end))
        served = Join(age, metric.off_by).served(
            predictions, arrived(self.data, model, start, end + age, classes)
        )
        blocks = mature_blocks(LABEL_ERROR, served, end + age, age, self.period_seconds)
        self.ledger.save_blocks(run_id, blocks)
        self.ledger.note_join(run_id, start)
        return len(blocks)

    def _predictions(
        self,
        run: Run,
        arms: dict[str, bool],
        trail: list[dict[str, Any]],
        problem: Problem,
        window: tuple[float, float],
    ) -> Iterator[Prediction]:
        is_classes, reader = problem is not Problem.REGRESSION, self._reader(run)
        for item, variant in self._captures(run.model, *window, tuple(arms)):
            for line in text_of(self.artifacts.lines(item.key)):
                found = read_prediction(line, reader)
                if found is not None and window[0] <= found.at < window[1]:
                    stage = step_at(trail, found.at)
                    yield Prediction(found, arms[variant], stage, decided(found.answer, is_classes))

    def _reader(self, run: Run) -> Reader:
        """Both models of a rollout answer in one form: clients ask whichever is there."""
        key = schema_key(run)
        return _reader_by(self.snapshots.contract(key)) if self.artifacts.exists(key) else USUAL

    def _captures(
        self, model: str, start: float, end: float, variants: tuple[str, ...] = ()
    ) -> Iterator[tuple[StoredObject, str]]:
        """Capture files that may hold requests of [start, end), with their variant: a file is written after its last
        request, and named by its first.
        """
        endpoint = Names(self.prefix, model, "").endpoint
        for variant in variants or self._variants(model):
            for hour in hours(start, end):
                for item in self.artifacts.list(folder(endpoint, variant, hour)):
                    if begins(item.key) < end and item.modified_at >= start:
                        yield item, variant

    def _variants(self, model: str) -> tuple[str, ...]:
        """Those that may have answered in the last day."""
        champion, since = self.ledger.champion(model), self.clock() - AUDITED_SECONDS
        late = {str(item["run_id"]) for item in self.ledger.runs(model) if ended_at(item) >= since}
        return tuple(sorted(late | ({champion.run_id} if champion else set())))


def _reader_by(contract: Contract) -> Reader:
    """Of answers of models with this contract."""
    return reader_of(contract.response, contract.classes)
