"""From a snapshot to what a training job reads: label first, no header, and never a row of the holdout."""

import json
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any

from switchyard.config.model_contract import ModelContract, problem_of
from switchyard.config.run_contract import contract_of
from switchyard.config.snapshot import (
    Folded,
    Snapshots,
    all_rows_key,
    clean_prefix,
    contract_channel,
    holdout_key,
    own_holdout_key,
    prepared_prefix,
    schema_key,
)
from switchyard.core.data.contract import Contract
from switchyard.core.data.packed.packed_rows import PackedRows
from switchyard.core.data.seen import Seen
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.gate_policy import CROSS_VALIDATION, CrossValidation
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Forms, Storage
from switchyard.core.run import Run
from switchyard.core.uncollected import uncollected
from switchyard.intake.rules.inspection import Inspection
from switchyard.training.channels import CONTRACT, CSV, HOLDOUT_FILE, Channels, Counts, typed_columns
from switchyard.training.cross_validation_rows import Folding, Judged, facts_of
from switchyard.training.distributions import Distributions
from switchyard.training.holdout_file import check_columns, read_holdout
from switchyard.training.located_rows import Batch, LocatedRows, name_of
from switchyard.training.record_channels import LABELS, write_channels
from switchyard.training.rules.holdout import Taking
from switchyard.training.rules.split import holdout_chunks, is_distributed
from switchyard.training.split_rows import Held, Holds, SplitRows
from switchyard.training.spooled_rows import SpooledRows


@dataclass(frozen=True)
class Judging:
    """The rows of a file that a run is judged on, and where the others went. folded: by cross-validation."""

    key: str
    split: SplitRows
    held: Held
    folded: Folded | None = None


def _nothing(rows: PackedRows) -> list[bool]:
    return [False] * rows.rows


def _unseen(holds: Holds, seen: set[bytes]) -> Holds:
    """Of the rows that a champion was trained on, none."""
    if not seen:
        return holds

    def held(rows: PackedRows) -> list[bool]:
        return [is_held and rows.digest(at) not in seen for at, is_held in enumerate(holds(rows))]

    return held


@dataclass(frozen=True)
class PrepareDataset:
    """Splits one snapshot; the same snapshot gives the same files."""

    artifacts: Storage
    snapshots: Snapshots
    distributions: Distributions
    folding: Folding
    forms: Forms | None = None

    @uncollected()
    def prepare(self, run: Run) -> dict[str, Any]:
        """Writes the channels, and a holdout of the run's own where the model has none; answers references.

        Nothing of the model's is written here: what a run takes becomes the model's when it is promoted.
        """
        pipeline = self.snapshots.pipeline(run)
        files = self.snapshots.data_files(run, pipeline)
        known = self.snapshots.known(run.model)
        seen = self._seen(run, pipeline, files, known)
        contract = _contract(run, pipeline, seen, known)
        judging = self._judging(run, pipeline, contract, files)
        counts, sample, folded = judging.split.counts, judging.split.sample, judging.folded
        self.distributions.write(run, sample, sum(counts.rows.values()), seen.ignored)
        facts: dict[str, Any] = {
            "rows": counts.rows,
            "first_left_out": counts.first_left_out,
            "holdout": judging.key,
        }
        facts["left_out"] = {name: why for name, why in seen.ignored.items() if name in contract.ignored}
        facts |= facts_of(folded) if folded else {}
        self.artifacts.write(schema_key(run), json.dumps(contract.to_dict() | facts).encode())
        return {
            "schema": schema_key(run),
            "judged_by": CROSS_VALIDATION if folded else "holdout",
            "chunks": self._chunks(run, pipeline, judging.held),
            "channels": self._channels(run, pipeline, contract, counts)
            + ([CROSS_VALIDATION] if folded else []),
        }

    def _judging(self, run: Run, pipeline: Pipeline, contract: Contract, files: list[str]) -> Judging:
        key, slices = holdout_key(run.model), pipeline.scoring.slices
        if not self.artifacts.exists(key):
            check_columns(own_holdout_key(run), contract.columns, contract, slices)
            return self._taking(run, pipeline, contract, files)
        held = read_holdout(self.snapshots, key, contract, slices)
        split = self._split(run, pipeline, contract, held.holds, self._rows(run, pipeline, contract, files))
        return Judging(key, split, held)

    def _channels(self, run: Run, pipeline: Pipeline, contract: Contract, counts: Counts) -> list[str]:
        """`contract` tells a program what it reads; SageMaker's own algorithms refuse channels of other names."""
        channels = [name for name in ("train", "validation") if counts.rows[name]]
        if pipeline.training.kind == "builtin":
            return channels
        self.artifacts.write(contract_channel(run), contract.to_json())
        return [*channels, *([LABELS] if contract.record else []), CONTRACT]

    def _chunks(self, run: Run, pipeline: Pipeline, held: Held) -> dict[str, Any]:
        """Few chunks travel with the execution, many are read by a Distributed Map from a file."""
        distributed = is_distributed(held.rows, pipeline.scoring.map)
        items = holdout_chunks(held.rows, held.offsets, distributed=distributed)
        if not distributed:
            return {"map": "inline", "items": items, "key": ""}
        key = f"{prepared_prefix(run)}chunks.json"
        self.artifacts.write(key, json.dumps(items).encode())
        return {"map": "distributed", "items": [], "key": key}

    def _seen(self, run: Run, pipeline: Pipeline, files: list[str], known: ModelContract | None) -> Seen:
        """Of a table that was dropped, what the door saw; of one that a preparation made, what is seen now."""
        seen = self.snapshots.seen(run, pipeline.target) if pipeline.prepare is None else None
        return seen or self._inspect(run, pipeline, files, known)

    def _inspect(self, run: Run, pipeline: Pipeline, files: list[str], known: ModelContract | None) -> Seen:
        """What a preparation made has to pass the same door as a table that was dropped."""
        if not files:
            raise InvalidDatasetError(
                f"{self.artifacts.uri(clean_prefix(run))}: the preparation wrote no .csv file with rows; "
                f"write one, with a header, to its output folder"
            )
        inspection = Inspection(
            pipeline.target, pipeline.may_copy_target, known, pipeline.columns, pipeline.problem, self.forms
        )
        for key in files:
            inspection.read(name_of(key), self.snapshots.text(key))
        inspection.finish()
        problem_of(pipeline.problem, inspection.labels, known)
        return inspection.seen

    def _taking(self, run: Run, pipeline: Pipeline, contract: Contract, files: list[str]) -> Judging:
        """The model has no holdout yet: a fifth of the rows that its champion has not seen judges; where that is too
        small, cross-validation on all of them; or the reason why neither can.
        """
        champion = self.folding.champion(run)
        judged = self.folding.judged(champion)
        seen = self.folding.seen_by(judged, contract)
        with tempfile.TemporaryFile() as file:
            spool = SpooledRows(file)
            taking, everything = self._looked_at(
                pipeline, contract, seen, spool.keep(self._rows(run, pipeline, contract, files))
            )
            how = pipeline.evaluation.cross_validation
            if how is not None and taking.is_small and (judged or not champion):
                everything.check_foldable(how.least_rows)
                return self._fold(run, pipeline, how, contract, judged, spool)
            holds = _unseen(taking.taken().holds, seen)
            split = self._split(run, pipeline, contract, holds, spool.again(), contract.columns)
        return Judging(own_holdout_key(run), split, split.held)

    def _looked_at(
        self, pipeline: Pipeline, contract: Contract, seen: set[bytes], batches: Iterable[Batch]
    ) -> tuple[Taking, Taking]:
        """Of the rows that are not `seen`, and of all rows."""
        taking, everything = (
            Taking(contract.is_classification, pipeline.evaluation.minimum_rows, classes=contract.classes)
            for _ in range(2)
        )
        for batch in batches:
            rows, beginnings, codes = batch.rows, batch.rows.beginnings, batch.rows.codes
            if seen:
                everything.add(beginnings, codes)
                fresh = [rows.digest(at) not in seen for at in range(rows.rows)]
                beginnings, codes = (
                    array("Q", compress(beginnings, fresh)),
                    array("I", compress(codes, fresh)),
                )
            taking.add(beginnings, codes)
        return taking, everything if seen else taking

    def _fold(
        self,
        run: Run,
        pipeline: Pipeline,
        how: CrossValidation,
        contract: Contract,
        judged: Judged | None,
        spool: SpooledRows,
    ) -> Judging:
        split = self._split(run, pipeline, contract, _nothing, spool.again())
        folded = self.folding.write(run, pipeline, how, contract, judged, spool.again())
        key = all_rows_key(run)
        return Judging(
            key, split, read_holdout(self.snapshots, key, contract, pipeline.scoring.slices), folded
        )

    def _rows(self, run: Run, pipeline: Pipeline, contract: Contract, files: list[str]) -> Iterator[Batch]:
        snapshot = run.snapshot if pipeline.prepare is None else ""
        return LocatedRows(contract, self.snapshots, self.forms).of(files, snapshot)

    def _split(
        self,
        run: Run,
        pipeline: Pipeline,
        contract: Contract,
        holds: Holds,
        batches: Iterable[Batch],
        header: Sequence[str] = (),
    ) -> SplitRows:
        """`header`: of the holdout that is taken from these rows, with classes as people write them."""
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            channels = Channels(stack, Path(folder), _shards(pipeline), header)
            split = SplitRows(contract, holds, pipeline.validation_percent, channels)
            split.add(batches)
            if not split.counts.rows["train"]:
                raise InvalidDatasetError(
                    f"{run.source}: every row is in the holdout, none is left to train on; add rows that are not"
                )
            if contract.record:
                write_channels(self.artifacts, run, channels.written())
            else:
                self._upload(run, pipeline, contract, channels)
        return split

    def _upload(self, run: Run, pipeline: Pipeline, contract: Contract, channels: Channels) -> None:
        """The holdout is CSV always: it is ours to read."""
        form = pipeline.training.format
        for name, path in channels.written():
            if form != CSV and name != HOLDOUT_FILE and self.forms is not None:
                name, path = self._typed(name, path, contract, form)
            self.artifacts.upload(f"{prepared_prefix(run)}{name}", path)

    def _typed(self, name: str, path: str, contract: Contract, form: str) -> tuple[str, str]:
        assert self.forms is not None  # noqa: S101 it was asked for
        typed = f"{path.removesuffix('.csv')}.{form}"
        self.forms.write_typed(path, typed, typed_columns(contract), form)
        return f"{name.removesuffix('.csv')}.{form}", typed


def _contract(run: Run, pipeline: Pipeline, seen: Seen, known: ModelContract | None) -> Contract:
    """Features in the order of the model's contract, whatever the dataset's: endpoints are asked by position."""
    if known is None:
        return contract_of(pipeline, seen, None)
    if known.problem not in (None, pipeline.problem):
        raise InvalidDatasetError(
            f"{run.source}: it was admitted as a {pipeline.problem} problem before the model's first run was "
            f"promoted, and the model's is {known.problem}; drop it again"
        )
    columns = [feature.name for feature in seen.features] + ([seen.weight] if seen.weight else [])
    known.check(run.source, [*columns, pipeline.target, *seen.ignored], pipeline.columns)
    return contract_of(pipeline, seen, known)


def _shards(pipeline: Pipeline) -> int:
    training = pipeline.training
    return training.instance_count if training.data_distribution == "ShardedByS3Key" else 1
