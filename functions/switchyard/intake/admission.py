"""The door: an arrival becomes a run, waits, or is told what is wrong with it. Every upload leaves a record."""

import tempfile
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from switchyard.config.model_contract import ModelContract
from switchyard.config.pipeline_file import pipeline_key, pipeline_text
from switchyard.config.pipeline_json import pipeline_to_json
from switchyard.config.rules.combinations import refused_change, refused_wait
from switchyard.config.rules.images import check_images
from switchyard.config.rules.network import network_refusals
from switchyard.core.account import Account
from switchyard.core.champion import Champion
from switchyard.core.data.guarded_parse import outside
from switchyard.core.data.seen import Seen
from switchyard.core.errors import InvalidInputError, InvalidPipelineError
from switchyard.core.ledger.active_run import Turn
from switchyard.core.ledger.ledger import Arrival, Ledger, ended_at
from switchyard.core.ledger.rebuild import Rebuild
from switchyard.core.ledger.records import recorded_at
from switchyard.core.names import run_id
from switchyard.core.pipeline import DatasetJob, Pipeline
from switchyard.core.ports import Item, Storage, StoredObject
from switchyard.core.run import Run, RunState
from switchyard.intake.check_dataset import DatasetCheck
from switchyard.intake.drops import Drops
from switchyard.intake.kept_forms import KeptForms
from switchyard.intake.large_drops import LargeDrops, Listing, listing_digest
from switchyard.intake.owner_code import OwnerCode
from switchyard.intake.read_pipeline import read_pipeline, read_pipeline_of, read_unseen_pipeline
from switchyard.intake.rules.dataset import Drop, digest_of, parse_drop
from switchyard.intake.rules.large import MOST_BYTES, machine_for, refuse_oversize, weigh
from switchyard.intake.run_queue import RunQueue
from switchyard.intake.stray_objects import Strays
from switchyard.intake.take_snapshot import TakeSnapshot
from switchyard.intake.upload_records import UploadRecords, refuse_names, refuse_no_model

if TYPE_CHECKING:
    from switchyard.config.parts.pipeline_spec import PipelineSpec

MAX_ATTEMPTS = 9
LONGEST_FOLDER = 110  # <model>/snapshots/<sha256>/data/
TRIED_AGAIN = (RunState.FAILED, RunState.INVALID, RunState.ABORTED, RunState.SUPERSEDED)


@dataclass(frozen=True)
class Admission:
    """Admits what arrives under `<model>/train/`."""

    ledger: Ledger
    data: Storage
    artifacts: Storage
    run_queue: RunQueue
    dataset_check: DatasetCheck
    owner_code: OwnerCode
    rebuild: Rebuild
    region: str = ""  # where the images must be; "": not checked
    account: Account = field(default_factory=Account)  # what the stack asks of everything that a run creates
    blind_seconds: float = 0.0  # until an alarm can have seen what went wrong: a metric's period and its lag
    least_large_bytes: int = 0  # from which on a job reads a table; 0: never

    @property
    def drops(self) -> Drops:
        return Drops(self.data)

    @property
    def large(self) -> LargeDrops:
        return LargeDrops(self.artifacts, self.least_large_bytes)

    @property
    def strays(self) -> Strays:
        return Strays(self.ledger, self.data)

    @property
    def uploads(self) -> UploadRecords:
        return UploadRecords(self.ledger, self.data)

    def admit(self, key: str, told_at: float = 0.0) -> str:
        """Handles one arrived object; answers what became of its dataset, for the log.

        told_at: the time of its event, in seconds since the epoch: an object that was uploaded in parts is listed with
        the time at which its upload began.
        """
        drop = parse_drop(key)
        if drop is None:
            return self.strays.tell(key)
        objects = self.drops.objects(drop)
        if not objects:
            return "ignored: the object is gone again"
        upload = self.drops.upload(drop, objects)
        try:
            return self._admit(drop, objects, upload, told_at)
        except InvalidInputError as error:
            return self.uploads.invalid(drop, upload, error)

    def admit_unseen(self, model: str) -> None:
        """Admits the newest drop of a model, if nobody has told us of it: an event can be lost."""
        found = [(item, parse_drop(item.key)) for item in self.data.list(f"{model}/train/")]
        drops = [(item, drop) for item, drop in found if drop is not None]
        if not drops:
            return
        newest, drop = max(drops, key=lambda each: (each[0].modified_at, each[0].key))
        if self.ledger.upload(model, self.drops.upload(drop, self.drops.objects(drop))) is None:
            self.admit(newest.key)

    def _admit(self, drop: Drop, objects: list[StoredObject], upload: str, told_at: float) -> str:
        from switchyard.config import door  # pydantic: loaded where a file is read

        refuse_no_model(drop)
        arrival = self._arrival(drop.model, upload)
        with outside(self.data.uri(drop.source)):
            missing = self.drops.incomplete(drop, objects)
        if missing:
            return self.uploads.incomplete(drop, missing)
        refuse_names(self.data.uri(drop.source), objects, LONGEST_FOLDER)
        arrived_at = max(told_at, *(item.modified_at for item in objects))
        answered = self._answered(drop.model, arrival.upload, arrived_at)
        if answered:
            return answered
        text = self.pipeline_text(drop.model)
        known = self._known(drop.model, arrival.champion)
        spec = door.read(drop.model, text)
        is_large = self.large.takes(spec, self.account.network, objects)
        take = self._list if is_large else partial(self._read, spec)
        run, turn, pipeline = take(drop, objects, text, known, arrival.champion, arrived_at)
        pipeline = self.owner_code.freeze(run.snapshot, pipeline)
        self.artifacts.write(run.pipeline_key, pipeline_to_json(pipeline), absent=True)
        self.uploads.complete(drop)
        begun = "" if turn.run else self.run_queue.begin(run, upload, arrived_at, turn)
        return begun or self._join(run, upload, arrived_at)

    def _read(
        self, spec: "PipelineSpec", drop: Drop, objects: list[StoredObject], text: str, known: ModelContract | None,
        champion: Champion | None, arrived_at: float,
    ) -> tuple[Run, Turn, Pipeline]:  # fmt: skip
        """Every byte is read, and the snapshot taken."""
        with tempfile.TemporaryDirectory() as folder:
            with outside(self.data.uri(drop.source)):
                checked = self.dataset_check.check(drop, objects, spec, known, KeptForms(Path(folder)))
            pipeline = read_pipeline_of(drop, text, checked.seen, known)
            self._refuse(drop.model, pipeline, champion)
            digest = digest_of(checked.files)
            TakeSnapshot(self.data, self.artifacts, self.dataset_check).take(drop, checked, digest)
        return *self._attempt(self._run(drop, digest), arrived_at), pipeline

    def _list(
        self, drop: Drop, objects: list[StoredObject], text: str, known: ModelContract | None,
        champion: Champion | None, arrived_at: float,
    ) -> tuple[Run, Turn, Pipeline]:  # fmt: skip
        """Nothing is read: the run begins with a job that reads all, and refuses what would be refused here."""
        if known is not None:
            known.check_kind(drop.model, is_records=False)
        weight = weigh(self.listed_check.files(drop, objects))
        refuse_oversize(drop, weight)
        pipeline = replace(read_unseen_pipeline(drop.model, text, known), dataset_job=machine_for(weight))
        self._refuse(drop.model, pipeline, champion)
        digest = listing_digest(drop, objects)
        run, turn = self._attempt(self._run(drop, digest), arrived_at)
        self.large.keep(run, Listing(digest, run.source, drop, tuple(objects)), text)
        return run, turn, pipeline

    def _run(self, drop: Drop, digest: str) -> Run:
        snapshot = f"{drop.model}/snapshots/{digest}/"
        return Run(drop.model, run_id(drop.model, digest), digest, self.data.uri(drop.source), snapshot)

    def _refuse(self, model: str, pipeline: Pipeline, champion: Champion | None) -> None:
        self.refuse_change(model, pipeline, champion)
        self.owner_code.check(model, pipeline)

    def _arrival(self, model: str, upload: str) -> Arrival:
        """A run must not believe that a model has no champion: of a ledger that was lost all is read back first."""
        arrival = self.ledger.arrival(model, upload)
        if arrival.is_rebuilt:
            return arrival
        self.rebuild.complete(model)
        return self.ledger.arrival(model, upload)

    def _answered(self, model: str, item: Item | None, arrived_at: float) -> str:
        """What is on record of these very objects, so that no byte is read twice: each file of a folder has an event of
        its own. Nothing, when there is no record, or when they were dropped once more after it.
        """
        if item is None or arrived_at > recorded_at(item):
            return ""
        run_id = str(item["run_id"])
        if not run_id:
            return f"{item['state']}: on record already"
        state = self.ledger.state(model, run_id)
        if state is None or state.is_terminal:
            return f"{item['state']}: on record already as {run_id}"
        run = self.ledger.run(model, run_id)  # whoever wrote the record may have died before it could start
        return self.run_queue.start_or_wait(run, self.ledger.arrived_again(run, arrived_at))

    def pipeline(self, model: str, text: str, seen: Seen | None, job: DatasetJob | None = None) -> Pipeline:
        """Checked and complete, for what the door saw of a table; None of files of any type, and of a table that a job
        has not come to read. InvalidPipelineError also for what cannot be asked of the model as it is live now.
        """
        champion = self.ledger.champion(model)
        known = self._known(model, champion)
        if job is not None and seen is None:
            pipeline = read_unseen_pipeline(model, text, known)
        else:
            pipeline = read_pipeline(model, text, seen, known)
        pipeline = replace(pipeline, dataset_job=job)
        self.refuse_change(model, pipeline, champion)
        return pipeline

    def _known(self, model: str, champion: Champion | None) -> ModelContract | None:
        def live() -> Run | None:
            return self.ledger.run(model, champion.run_id) if champion else None

        return self.dataset_check.snapshots.known_whole(model, live)

    @property
    def listed_check(self) -> DatasetCheck:
        """Of a drop that a job will read."""
        return replace(self.dataset_check, most_bytes=MOST_BYTES)

    def refuse_change(self, model: str, pipeline: Pipeline, champion: Champion | None) -> None:
        """A live endpoint cannot become one of every other mode, not all that a stack may ask for goes together, and
        not every region has every image.
        """
        refused = refused_change(champion.mode, pipeline.deployment.mode) if champion else None
        guarded = pipeline.guardrails
        refused = refused or (refused_wait(guarded.wait_seconds, self.blind_seconds) if guarded else None)
        refused = refused or next(network_refusals(pipeline, self.account), None)
        if refused:
            raise InvalidPipelineError(f"{model}/pipeline.yaml: {refused}")
        if self.region:
            check_images(pipeline, self.region)

    def _attempt(self, run: Run, arrived_at: float) -> tuple[Run, Turn]:
        """A dataset whose run broke or never began, and that was dropped once more after that, is tried again. Answers
        also what was found of that run and its model's turn.
        """
        turn = self.ledger.turn(run.model, run.run_id)
        for attempt in range(2, MAX_ATTEMPTS + 1):
            if turn.run is None or not self.is_open(turn.run) or arrived_at <= _settled_for(turn.run):
                break
            run = replace(run, run_id=f"{run_id(run.model, run.digest)}-r{attempt}")
            turn = self.ledger.turn(run.model, run.run_id)
        return run, turn

    def is_open(self, item: Item) -> bool:
        """A run that has ended, and whose dataset may be trained on once more: what was judged before its model was
        retired was judged for a champion that is no more.
        """
        if RunState(str(item["state"])) in TRIED_AGAIN:
            return True
        retired = self.ledger.retirement(str(item["pk"]).removeprefix("MODEL#"))
        return retired is not None and ended_at(item) < retired.at

    def pipeline_text(self, model: str) -> str:
        """The model's pipeline.yaml as it is now; InvalidPipelineError when there is none."""
        declared = pipeline_text(self.artifacts, model)
        if declared is None:
            place = self.artifacts.uri(pipeline_key(model))
            raise InvalidPipelineError(
                f"model {model} has no pipeline.yaml; put one at {place}, then drop the dataset again"
            )
        return declared

    def _join(self, run: Run, upload: str, arrived_at: float) -> str:
        """One more drop of a dataset that has its run."""
        state = self.ledger.state(run.model, run.run_id) or RunState.ADMITTED
        reason = f"the same dataset as run {run.run_id}"
        self.ledger.record_upload(run.model, upload, run.source, state, reason, run.run_id)
        if self.ledger.state(run.model, run.run_id) is not state:  # it went on meanwhile
            state = self.ledger.carry_over(run.model, run.run_id) or state
        if state.is_terminal:
            return f"{state}: {reason}"
        return self.run_queue.start_or_wait(run, self.ledger.arrived_again(run, arrived_at))


def _settled_for(item: Item) -> float:
    """Drops until then are answered by this run: until its end, or, when it never began, until it arrived itself. When
    that was written down says nothing: the queue can lag.
    """
    is_outrun = item["state"] == RunState.SUPERSEDED
    return float(item["arrived_at"]) if is_outrun else ended_at(item)
