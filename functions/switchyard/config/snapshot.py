"""Reading back what was frozen for a run: its pipeline, its data, its column order."""

import codecs
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from switchyard.config.model_contract import ModelContract
from switchyard.config.pipeline_json import pipeline_from_json
from switchyard.core.data.contract import Contract, ContractError, read_contract
from switchyard.core.data.csv_line import csv_rows
from switchyard.core.data.csv_text import BLOCK, CsvText
from switchyard.core.data.seen import Seen, read_seen
from switchyard.core.errors import MissingError
from switchyard.core.known_members import known_members
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Storage
from switchyard.core.resources.media import MANIFEST
from switchyard.core.run import Run

BOM = codecs.BOM_UTF8
LISTED = ("train", "validation")


@dataclass(frozen=True)
class Folded:
    """How a run is judged by cross-validation. rows: all; the first `training` of them are the channel train,
    the rest is validation. hyperparameters: of its training. champion: the run that is compared, "" without one.
    """

    folds: int
    repeats: int
    rows: int
    training: int
    hyperparameters: Mapping[str, str]
    champion: str = ""


@dataclass(frozen=True)
class Snapshots:
    """A run's immutable inputs in the artifact bucket."""

    artifacts: Storage

    def pipeline(self, run: Run) -> Pipeline:
        return pipeline_from_json(self.artifacts.read(run.pipeline_key))

    def data_files(self, run: Run, pipeline: Pipeline) -> list[str]:
        """Keys of the run's CSV files: what its preparation made, or the snapshot's in the manifest's order."""
        if pipeline.prepare is not None:
            listed = self.artifacts.list(clean_prefix(run))
            return sorted(item.key for item in listed if item.key.endswith(".csv") and item.size)
        manifest = json.loads(self.artifacts.read(f"{run.snapshot}manifest.json"))
        return [f"{run.snapshot}data/{file['name']}" for file in manifest["files"]]

    def seen(self, run: Run, target: str) -> Seen | None:
        """What the door saw of the snapshot's table; None of files of any type."""
        return read_seen(json.loads(self.artifacts.read(f"{run.snapshot}manifest.json")), target)

    def text(self, key: str, block: int = BLOCK) -> CsvText:
        """A file with its header, to be taken by lines and by blocks. The file was checked at the door."""
        return CsvText(codecs.iterdecode(self.artifacts.chunks(key), "utf-8-sig"), block)

    def rows(self, key: str, offset: int = 0) -> Iterator[list[str]]:
        """The header, then every row; from byte `offset` on. The file was checked at the door."""
        return (fields for fields in csv_rows(self.artifacts.lines(key, offset), strict=False) if fields)

    def located_rows(self, key: str) -> Iterator[tuple[int, list[str]]]:
        """Each row, the header first, with the byte after it: where the next one begins."""
        first = next(self.artifacts.chunks(key), b"")
        lines = _Counted(self.artifacts.lines(key), len(BOM) if first.startswith(BOM) else 0)
        for fields in csv_rows(lines):
            if fields:
                yield lines.position, fields

    def contract(self, schema: str) -> Contract:
        """What a run was trained on; `schema`: the key of its columns."""
        try:
            return read_contract(self.artifacts.read(schema))
        except ContractError as error:
            raise ContractError(f"{self.artifacts.uri(schema)}: {error}") from None

    def holdout(self, schema: str) -> str:
        """Where the rows lie that a run is judged on; `schema`: the key of its columns."""
        model = schema.split("/", 1)[0]
        return str(json.loads(self.artifacts.read(schema)).get("holdout") or holdout_key(model))

    def folded(self, schema: str) -> Folded | None:
        """How a run is judged by cross-validation; None where it has a holdout. `schema`: the key of its columns."""
        if not self.artifacts.exists(schema):
            return None
        found = json.loads(self.artifacts.read(schema)).get("cross_validation")
        return Folded(**known_members(Folded, found)) if found else None

    def classes(self, run: Run) -> tuple[str, ...]:
        """Those of a run, in the order of their index; none before it is prepared."""
        key = schema_key(run)
        return self.contract(key).classes if self.artifacts.exists(key) else ()

    def known(self, model: str) -> ModelContract | None:
        """What belongs to the model; None before its first promotion."""
        for key in (contract_key(model), older_contract_key(model)):
            try:
                return ModelContract(self.artifacts.uri(key), self.contract(key))
            except MissingError:
                continue
        return None

    def known_whole(self, model: str, champion_run: Callable[[], Run | None]) -> ModelContract | None:
        """What belongs to the model; of models older than the record of it, read off their champion's pipeline."""
        known = self.known(model)
        run = champion_run() if known is not None and known.problem is None else None
        return known.of(self.pipeline(run)) if known is not None and run is not None else known

    def adopt(self, run: Run) -> None:
        """The run's model is proven: its contract and its holdout belong to the model from here on.

        What the model has already stays; so twice is once.
        """
        if not self.artifacts.exists(schema_key(run)):
            return
        own, key = own_holdout_key(run), holdout_key(run.model)
        if self.holdout(schema_key(run)) == own and not self.artifacts.exists(key):
            [item] = [each for each in self.artifacts.list(own) if each.key == own]
            self.artifacts.copy_from(self.artifacts, item, key)
        known = self.known(run.model)
        if known is None or known.problem is None:
            self.artifacts.write(contract_key(run.model), self.contract(schema_key(run)).to_json())


class _Counted:
    """Lines, and how many bytes of them were read."""

    def __init__(self, lines: Iterator[str], position: int) -> None:
        self._lines, self.position = lines, position

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.position += len(line.encode())
        return line


def listing_key(snapshot: str) -> str:
    """What was listed of a dataset that a job reads: it is there before anything of the snapshot is."""
    return f"{snapshot}listing.json"


def job_folder(run: Run) -> str:
    """What the run's dataset job is told, and what it answers."""
    return f"{prepared_prefix(run)}job/"


def packed_key(snapshot: str, layout: str) -> str:
    """Rows of a snapshot as channels have them, so that they are read from its files once, at the door. They expire,
    and then the files are read again. layout: core.data.packed.packed_file.layout_name.
    """
    return f"_packed/{snapshot}{layout}"


def prepared_prefix(run: Run) -> str:
    """All that the preparation of a run writes."""
    return f"{run.model}/prepared/{run.run_id}/"


def schema_key(run: Run) -> str:
    """The columns of a run, where its rows went, and what it is judged on."""
    return f"{prepared_prefix(run)}schema.json"


def own_holdout_key(run: Run) -> str:
    """The holdout that a run takes from its dataset where the model has none; the model's once it is promoted."""
    return f"{prepared_prefix(run)}holdout.csv"


def all_rows_key(run: Run) -> str:
    """All rows of a run that is judged by cross-validation; never the model's holdout."""
    return f"{prepared_prefix(run)}rows.csv"


def out_of_fold_key(run: Run) -> str:
    """What models said of rows that they were not trained on, taken out of the training job's output."""
    return f"{run.model}/evaluations/{run.run_id}/out-of-fold.json"


def clean_prefix(run: Run) -> str:
    """Where a preparation writes the clean table of a run."""
    return f"{prepared_prefix(run)}clean/"


def channel_key(run: Run, name: str, is_records: bool) -> str:
    """What a channel of a training job names: a folder; of the objects of records a list."""
    listed = is_records and name in LISTED
    return f"{prepared_prefix(run)}{name}{MANIFEST if listed else '/'}"


def contract_channel(run: Run) -> str:
    """The contract of a run, in a folder of its own: a channel of its training job."""
    return f"{prepared_prefix(run)}contract/contract.json"


def contract_key(model: str) -> str:
    """What belongs to the model: columns with their kinds, problem, classes."""
    return f"{model}/contract.json"


def older_contract_key(model: str) -> str:
    """Where it lies of models from before there were kinds."""
    return f"{model}/holdout/schema.json"


def holdout_key(model: str) -> str:
    """The model's holdout: the owner's, or that of the first run that was promoted."""
    return f"{model}/holdout/holdout.csv"


def diff_key(model: str, run_id: str) -> str:
    """What differs between the dataset of a run and that of the champion of that time."""
    return f"{model}/prepared/{run_id}/diff.json"


def distribution_key(model: str, run_id: str) -> str:
    """How a run's training rows were spread, for drift: written with its channels."""
    return f"{model}/prepared/{run_id}/distribution.json"
