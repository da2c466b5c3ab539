"""Objects that a stranger uploads: each ends in one record, in words for people, and harms nothing beside it."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from container.numeric_csv import parse_rows
from switchyard.core.data.contract import Contract
from switchyard.core.errors import InvalidInputError
from switchyard.core.names import is_model_name
from switchyard.core.run import Run
from switchyard.labels.join import arrived
from switchyard.runtime.wiring.training import prepare_run
from tests.hostile.stage import LIVE, NEIGHBOUR, Stage

INVALID, ACCEPTED, WAITS, COUNTED = "INVALID", "RUNNING", "INCOMPLETE", "COUNTED"
REFUSED, TAKEN, UNREAD = frozenset({INVALID}), frozenset({ACCEPTED, COUNTED}), frozenset[str]()
EITHER = REFUSED | TAKEN

SECRET = "geheim-4711"  # stands in rows and labels, and may never be told
SECRET_NUMBER = "777123.0625"
OF_PYTHON = re.compile(
    r"\b[A-Z]\w*(Error|Exception|Warning)\b|Traceback|codec can't|object has no attribute|NoneType|<class '"
)
SOUND_LABEL = b'{"inferenceId": "sound-1", "label": 1}\n'


@dataclass(frozen=True)
class Upload:
    """An object in the data bucket."""

    key: str
    body: bytes


@dataclass(frozen=True)
class Uploaded:
    """Objects that come one after the other; when all are there, each is announced once more.

    ends: the states in which they may end together; none for what leaves no record. place: what the reason of a refusal
    must name. pipeline: what the owner has written instead of a sound pipeline.yaml. beside: what else lies in the
    artifact bucket.
    """

    uploads: tuple[Upload, ...]
    ends: frozenset[str] = REFUSED
    place: str = ""
    pipeline: bytes | None = None
    beside: tuple[Upload, ...] = ()

    @property
    def model(self) -> str:
        return self.uploads[-1].key.split("/", 1)[0]

    def play(self, stage: Stage) -> Iterator[str]:
        sound = self._place(stage)
        for upload in self.uploads:
            stage.upload(upload.key, upload.body)
            yield from self._announced(stage, upload)
        for upload in self.uploads:
            yield from self._announced(stage, upload)
        yield from self._records(stage)
        yield from secrets_told(stage)
        yield from self._accepted(stage)
        for each in self.beside:
            del stage.artifacts.stored[each.key]
        if sound is not None:
            stage.artifacts.write(f"{self.model}/pipeline.yaml", sound)
        yield from self._neighbours(stage)

    def _place(self, stage: Stage) -> bytes | None:
        """What lies there before; answers the owner's sound pipeline.yaml where it was replaced."""
        key, sound = f"{self.model}/pipeline.yaml", None
        if self.pipeline is not None:
            sound = stage.artifacts.read(key)
            stage.artifacts.write(key, self.pipeline)
        for each in self.beside:
            stage.artifacts.write(each.key, each.body)
        return sound

    def _announced(self, stage: Stage, upload: Upload) -> Iterator[str]:
        yield from (f"{name} gave {upload.key[:80]!r} back" for name in stage.announce(upload.key))

    def _records(self, stage: Stage) -> Iterator[str]:
        found = stage.told()
        if len(found) != bool(self.ends):
            yield f"{len(found)} records: {found[:3]}"
        for state, reason in found:
            if state not in self.ends:
                yield f"ended {state}, may end {sorted(self.ends)}: {reason[:200]}"
            if state == INVALID and self.place not in reason:
                yield f"the reason does not name {self.place!r}: {reason[:200]}"
            if state == INVALID and len(reason) < 20:
                yield f"no reason that helps: {reason!r}"

    def _accepted(self, stage: Stage) -> Iterator[str]:
        """What a door took, the next function and the container can read."""
        ledger = stage.world.ledger
        for item in ledger.runs(self.model) if is_model_name(self.model) else []:
            if item["state"] == ACCEPTED:
                yield from _prepared(stage, ledger.run(self.model, str(item["run_id"])))
        if self.model == LIVE:
            yield from _scorable(stage)

    def _neighbours(self, stage: Stage) -> Iterator[str]:
        for model in (NEIGHBOUR, self.model):
            if is_model_name(model) and stage.artifacts.exists(f"{model}/pipeline.yaml"):
                became = stage.takes_sound_data(model)
                if not became.startswith(("RUNNING", "WAITING")):
                    yield f"afterwards a sound dataset of {model} is {became}"
        stage.upload(f"{LIVE}/labels/sound.jsonl", SOUND_LABEL)
        found = [each.identity for each in arrived(stage.data, LIVE, 0.0, float("inf"), ("0", "1"))]
        if "sound-1" not in found:
            yield "afterwards a sound label does not arrive"


def secrets_told(stage: Stage) -> Iterator[str]:
    """Class names of Python in what people read; row values there and in logs."""
    words, log = stage.words(), stage.logged()
    found = OF_PYTHON.search(words)
    if found:
        yield f"what people read has {found.group()!r}: {words[max(0, found.start() - 80) : found.end() + 80]!r}"
    for secret in (SECRET, SECRET_NUMBER):
        if secret in words:
            yield f"what people read has a value of a row: {words[:200]!r}"
        if secret in log:
            at = log.index(secret)
            yield f"the log has a value of a row: {log[max(0, at - 200) : at + 40]!r}"


def _prepared(stage: Stage, run: Run) -> Iterator[str]:
    try:
        prepare_run().prepare(run)
    except InvalidInputError:
        return  # in words for people: too few rows to judge by, say
    except Exception as error:
        yield f"the door took it, and preparing it raises {type(error).__name__}: {str(error)[:200]}"
        return
    contract = stage.snapshots.contract(f"{run.model}/prepared/{run.run_id}/schema.json")
    channels = [item.key for item in stage.artifacts.list(f"{run.model}/prepared/{run.run_id}/")]
    for key in channels:
        if "/part-" in key and key.endswith(".csv"):
            yield from _readable(stage, key, contract, 1 + len(contract.names))


def _scorable(stage: Stage) -> Iterator[str]:
    for item in stage.artifacts.list(f"{LIVE}/batches/"):
        if "/input/" in item.key:
            yield from _readable(stage, item.key, None, 2)


def _readable(stage: Stage, key: str, contract: Contract | None, width: int) -> Iterator[str]:
    """By the grammar of the container's numbers; of other kinds by their number of fields."""
    if contract is None or all(kind.is_numeric for kind in contract.kinds):
        try:
            parse_rows(stage.artifacts.read(key), width)
        except ValueError as error:
            yield f"the door took it, and the container cannot read {key}: {error}"
    elif any(len(row) != width for row in csv.reader(stage.artifacts.lines(key)) if row):
        yield f"the door took it, and {key} has rows of other widths than {width}"
