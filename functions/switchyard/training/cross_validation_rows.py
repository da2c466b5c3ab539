"""What a run needs that is judged by cross-validation: all its rows in one file, and the channel that asks for it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from switchyard.config.snapshot import Folded, Snapshots, all_rows_key, prepared_prefix
from switchyard.core.champion import Champion
from switchyard.core.data.contract import Contract
from switchyard.core.data.contract_rows import ContractRows, Row, RowFault
from switchyard.core.data.csv_line import csv_line
from switchyard.core.data.normalized_text import column_name
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.gate_policy import CROSS_VALIDATION, CrossValidation
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import HasChampion, Storage
from switchyard.core.run import Run
from switchyard.training.located_rows import Batch
from switchyard.training.split_rows import in_validation, target_of

PLAN = "plan.json"


@dataclass(frozen=True)
class Judged:
    """A champion that cross-validation judged: it was trained on all its rows, and they are known."""

    champion: Champion
    folded: Folded


@dataclass(frozen=True)
class Folding:
    artifacts: Storage
    snapshots: Snapshots
    champions: HasChampion

    def champion(self, run: Run) -> Champion | None:
        return self.champions.champion(run.model)

    def judged(self, champion: Champion | None) -> Judged | None:
        """None where a holdout judged it, or there is none."""
        folded = self.snapshots.folded(champion.schema) if champion else None
        return Judged(champion, folded) if champion and folded else None

    def seen_by(self, judged: Judged | None, contract: Contract) -> set[bytes]:
        """Identities of all rows that the champion was trained on."""
        return {row.identity for row in self._rows(judged, contract)} if judged else set()

    def write(
        self, run: Run, pipeline: Pipeline, how: CrossValidation, contract: Contract, judged: Judged | None,
        batches: Iterable[Batch],
    ) -> Folded:  # fmt: skip
        """What is written lies in the order of the channels' files."""
        lines: dict[str, list[bytes]] = {"train": [], "validation": []}
        for batch in batches:
            validates = in_validation(batch.rows, pipeline.validation_percent)
            for (_, code, line), is_validation in zip(batch.rows.each(), validates, strict=True):
                target = csv_line([target_of(contract, code, line)])[:-1].encode()
                lines["validation" if is_validation else "train"].append(target + line[line.index(b",") :])
        body = [csv_line(contract.columns).encode(), *lines["train"], *lines["validation"]]
        self.artifacts.write(all_rows_key(run), b"".join(body))
        folded = Folded(
            how.folds,
            how.repeats,
            len(body) - 1,
            len(lines["train"]),
            pipeline.training.hyperparameters,
            judged.champion.run_id if judged else "",
        )
        self._write_channel(run, contract, folded, judged)
        return folded

    def _write_channel(self, run: Run, contract: Contract, folded: Folded, judged: Judged | None) -> None:
        folder = f"{prepared_prefix(run)}{CROSS_VALIDATION}/"
        plan: dict[str, Any] = {"folds": folded.folds, "repeats": folded.repeats, "champion": None}
        if judged:
            plan["champion"] = dict(judged.folded.hyperparameters)
            rows = [_line(row, contract) for row in self._rows(judged, contract)]
            parts = {"train": rows[: judged.folded.training], "validation": rows[judged.folded.training :]}
            for name, part in parts.items():
                if part:
                    self.artifacts.write(f"{folder}champion-{name}.csv", "".join(part).encode())
        self.artifacts.write(f"{folder}{PLAN}", json.dumps(plan).encode())

    def _rows(self, judged: Judged, contract: Contract) -> Iterator[Row]:
        """The champion's rows as the run's contract reads them, in their order."""
        key = self.snapshots.holdout(judged.champion.schema)
        rows = self.snapshots.rows(key)
        reader = ContractRows(contract, list(map(column_name, next(rows))))
        for number, fields in enumerate(rows, start=2):
            row = reader.read(fields)
            if isinstance(row, RowFault):
                raise InvalidDatasetError(
                    f"{self.artifacts.uri(key)}: row {number}, column '{row.column}': {row.said}; the champion "
                    f"was trained on it: leave `columns` as they were, or put a holdout of your own beside the model"
                )
            yield row


def facts_of(folded: Folded) -> dict[str, Any]:
    """As the run's schema keeps them."""
    return {"cross_validation": asdict(folded) | {"hyperparameters": dict(folded.hyperparameters)}}


def _line(row: Row, contract: Contract) -> str:
    return csv_line([f"{row.label:.0f}" if contract.classes else row.target, *row.features])
