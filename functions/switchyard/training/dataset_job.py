"""A dataset that is more than a Lambda should do, checked and prepared on its own machine by the code of the door."""

import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from switchyard.config.pipeline_json import pipeline_from_json, pipeline_to_json
from switchyard.config.snapshot import Snapshots
from switchyard.core.data.guarded_parse import outside
from switchyard.core.data.size_limits import unpacking_up_to
from switchyard.core.errors import InvalidDatasetError, InvalidInputError, MissingError
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Storage
from switchyard.core.run import Run
from switchyard.intake.check_dataset import DatasetCheck
from switchyard.intake.kept_forms import KeptForms
from switchyard.intake.large_drops import LargeDrops
from switchyard.intake.read_pipeline import read_pipeline_of
from switchyard.intake.rules.large import MOST_BYTES
from switchyard.intake.take_snapshot import TakeSnapshot
from switchyard.training.dataset_order import Order, answer_key
from switchyard.training.prepare_dataset import PrepareDataset

SHARE = 4  # of the free disk for files in another form, and as much for packed rows; channels take the rest


@dataclass(frozen=True)
class DatasetJob:
    """The whole of a dataset job. Run twice it does the same twice: what it writes is named by dataset and run."""

    data: Storage
    artifacts: Storage
    dataset_check: DatasetCheck
    prepare_dataset: PrepareDataset

    def work(self, order: Order) -> str:
        """Leaves its answer for the state behind it; says in a line what became of the dataset, for the log."""
        refused, prepared = "", {}
        try:
            with unpacking_up_to(MOST_BYTES):
                prepared = self._prepared(order)
        except InvalidInputError as error:
            refused = str(error)
        answer = {"refused": refused, "prepared": prepared}
        self.artifacts.write(answer_key(order.run), json.dumps(answer).encode())
        return f"INVALID: {refused}" if refused else f"prepared: {', '.join(prepared['channels'])}"

    def _prepared(self, order: Order) -> dict[str, Any]:
        # A run by hand is of a snapshot that was checked.
        if self.artifacts.exists(order.run.pipeline_text_key):
            self._check(order)
        return self.prepare_dataset.prepare(order.run)

    def _check(self, order: Order) -> None:
        """As the door does it: the same modules in the same order, so that both say the same of the same files."""
        from switchyard.config import door

        run = order.run
        listing = LargeDrops(self.artifacts).listing(run.snapshot)
        text = self.artifacts.read(run.pipeline_text_key).decode()
        known = Snapshots(self.artifacts).known_whole(run.model, lambda: order.champion_run)
        check = replace(self.dataset_check, most_bytes=MOST_BYTES)
        with tempfile.TemporaryDirectory() as folder:
            room = shutil.disk_usage(folder).free // SHARE
            forms = KeptForms(Path(folder), room, room)
            try:
                with outside(listing.source):
                    spec = door.read(run.model, text)
                    checked = check.check(listing.drop, list(listing.objects), spec, known, forms)
                pipeline = read_pipeline_of(listing.drop, text, checked.seen, known)
                TakeSnapshot(self.data, self.artifacts, check).take(listing.drop, checked, run.digest)
            except MissingError as gone:
                raise InvalidDatasetError(
                    f"{gone}: it was taken away before it was read; drop the dataset again, and leave it there "
                    f"until its run has ended"
                ) from gone
        self._freeze(run, pipeline)

    def _freeze(self, run: Run, seen: Pipeline) -> None:
        """With what the labels say; machine and code are those that were frozen when the run was admitted."""
        before = pipeline_from_json(self.artifacts.read(run.pipeline_key))
        training = replace(seen.training, code=before.training.code)
        whole = replace(seen, training=training, program=before.program, dataset_job=before.dataset_job)
        self.artifacts.write(run.pipeline_key, pipeline_to_json(whole))
