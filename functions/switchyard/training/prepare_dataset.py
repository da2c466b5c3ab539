"""From a snapshot to what a training job reads: label first, no header, and never a row of the holdout."""

import json
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from switchyard.config.model_contract import ModelContract, problem_of
from switchyard.config.run_contract import contract_of
from switchyard.config.snapshot import (
    Snapshots,
    clean_prefix,
    contract_channel,
    holdout_key,
    own_holdout_key,
    prepared_prefix,
    schema_key,
)
from switchyard.core.data.contract import Contract
from switchyard.core.data.contract_rows import ContractRows, RowFault
from switchyard.core.data.seen import Seen
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Forms, Storage
from switchyard.core.run import Run
from switchyard.intake.rules.inspection import Inspection
from switchyard.training.channels import CONTRACT, Channels, Counts
from switchyard.training.distributions import Distributions
from switchyard.training.located_rows import Batch, LocatedRows, name_of
from switchyard.training.rules.holdout import Taking
from switchyard.training.rules.split import holdout_chunks, is_distributed
from switchyard.training.split_rows import Held, Holds, SplitRows
from switchyard.training.spooled_rows import SpooledRows


@dataclass(frozen=True)
class PrepareDataset:
    """Splits one snapshot; the same snapshot gives the same files."""

    artifacts: Storage
    snapshots: Snapshots
    distributions: Distributions
    forms: Forms | None = None

    def prepare(self, run: Run) -> dict[str, Any]:
        """Writes the channels, and a holdout of the run's own where the model has none; answers references.

        Nothing of the model's is written here: what a run takes becomes the model's when it is promoted.
        """
        pipeline = self.snapshots.pipeline(run)
        files = self.snapshots.data_files(run, pipeline)
        known = self.snapshots.known(run.model)
        seen = self._seen(run, pipeline, files, known)
        contract = _contract(run, pipeline, seen, known)
        has_one = self.artifacts.exists(holdout_key(run.model))
        key = holdout_key(run.model) if has_one else own_holdout_key(run)
        if has_one:
            held = self._holdout(key, contract, pipeline.scoring.slices)
            split = self._split(run, pipeline, contract, held.holds, self._rows(contract).of(files))
        else:
            _check_columns(key, (contract.target, *contract.names), contract, pipeline.scoring.slices)
            split = self._taking(run, pipeline, contract, files)
            held = split.held
        counts, sample = split.counts, split.sample
        self.distributions.write(run, sample, sum(counts.rows.values()), seen.ignored)
        facts = {"rows": counts.rows, "first_left_out": counts.first_left_out, "holdout": key}
        facts["left_out"] = {name: why for name, why in seen.ignored.items() if name in contract.ignored}
        self.artifacts.write(schema_key(run), json.dumps(contract.to_dict() | facts).encode())
        return {
            "schema": schema_key(run),
            "chunks": self._chunks(run, pipeline, held),
            "channels": self._channels(run, pipeline, contract, counts),
        }

    def _channels(self, run: Run, pipeline: Pipeline, contract: Contract, counts: Counts) -> list[str]:
        """`contract` tells a programme what it reads; SageMaker's own algorithms refuse channels of other names."""
        channels = [name for name in ("train", "validation") if counts.rows[name]]
        if pipeline.training.kind == "builtin":
            return channels
        self.artifacts.write(contract_channel(run), contract.to_json())
        return [*channels, CONTRACT]

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

    def _taking(self, run: Run, pipeline: Pipeline, contract: Contract, files: list[str]) -> SplitRows:
        """The model has no holdout yet: a fifth of this dataset, or the reason why it cannot give one."""
        taking = Taking(
            contract.is_classification, pipeline.evaluation.minimum_rows, classes=contract.classes
        )
        header = (contract.target, *contract.names)
        with tempfile.TemporaryFile() as file:
            spool = SpooledRows(file)
            for batch in spool.keep(self._rows(contract).of(files)):
                for identity, label in zip(batch.identities, batch.labels, strict=True):
                    taking.add(identity, label)
            return self._split(run, pipeline, contract, taking.taken().holds, spool.again(), header)

    def _rows(self, contract: Contract) -> LocatedRows:
        return LocatedRows(contract, self.snapshots, self.forms)

    def _holdout(self, key: str, contract: Contract, slices: Sequence[str]) -> Held:
        """Identities of the holdout's rows, by the run's contract."""
        rows = self.snapshots.located_rows(key)
        at, header = next(rows, (0, []))
        columns = [column.strip() for column in header]
        _check_columns(key, columns, contract, slices)
        reader, held = ContractRows(contract, columns), Held()
        for number, (end, fields) in enumerate(rows, start=2):
            row = reader.read(fields)
            if isinstance(row, RowFault):
                raise InvalidDatasetError(
                    f"{key}: row {number}, column '{row.column}': {row.said}; mend the holdout"
                )
            held.add(row.identity, at)
            at = end
        return held

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
                    f"{run.source}: every row is in the holdout, none is left to train on"
                )
            for name, path in channels.written():
                self.artifacts.upload(f"{prepared_prefix(run)}{name}", path)
        return split


def _contract(run: Run, pipeline: Pipeline, seen: Seen, known: ModelContract | None) -> Contract:
    """Features in the order of the model's contract, whatever the dataset's: endpoints are asked by position."""
    if known is None:
        return contract_of(pipeline, seen, None)
    if known.problem not in (None, pipeline.problem):
        raise InvalidDatasetError(
            f"{run.source}: it was admitted as a {pipeline.problem} problem before the model's first run was "
            f"promoted, and the model's is {known.problem}; drop it again"
        )
    columns = [feature.name for feature in seen.features]
    known.check(run.source, [*columns, pipeline.target, *seen.ignored], pipeline.columns)
    return contract_of(pipeline, seen, known)


def _check_columns(key: str, header: Sequence[str], contract: Contract, slices: Sequence[str]) -> None:
    """InvalidDatasetError where the holdout lacks a column of the contract."""
    wanted = (*contract.names, contract.target)
    missing = [name for name in wanted if name not in header]
    if missing:
        raise InvalidDatasetError(
            f"{key} lacks {len(missing)} columns of this dataset, the first is '{missing[0]}'; "
            f"drop a dataset with the holdout's columns, or replace the holdout"
        )
    unknown = [name for name in slices if name not in header]
    if unknown:
        raise InvalidDatasetError(
            f"evaluation.slices: {key} has no column '{unknown[0]}'; its columns begin with "
            f"{', '.join(header[:10])}"
        )


def _shards(pipeline: Pipeline) -> int:
    training = pipeline.training
    return training.instance_count if training.data_distribution == "ShardedByS3Key" else 1
