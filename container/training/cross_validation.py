"""Repeated cross-validation, where rows are too few for a holdout: each row is predicted by models without it.

The channel `cross_validation` asks for it. plan.json says how many folds and repeats and, of the model to compare with,
its hyperparameters; that model's own training rows lie beside it in champion-train.csv and, where it has some, in
champion-validation.csv. Both procedures, settings and rows together, are then judged on the rows of this job: for each
fold both are trained anew without the rows of the fold, and predict them.

What comes of it is /opt/ml/output/data/out-of-fold.json: {"rows": n, "challenger": [...], "champion": [...] or null};
of each repeat the predictions of all rows, the channel train's first, then those of validation, in their order.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from container.layout import Layout
from container.training.channels import Reader, Table, read_files
from container.training.dataset import Dataset, Rows
from container.training.errors import TrainingError
from container.training.fit import fit, predict
from container.training.hyperparameters import Hyperparameters, read_hyperparameters
from container.training.stopping import StopRequest

CHANNEL, PLAN = "cross_validation", "plan.json"
CHAMPION = {"train": "champion-train.csv", "validation": "champion-validation.csv"}
OUTPUT = "out-of-fold.json"
NOWHERE = -1  # the fold of a champion's row that is not among the rows that are judged on
Folds = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Procedure:
    """What makes a model: hyperparameters, and rows by their channels."""

    hyperparameters: Hyperparameters
    data: Dataset


@dataclass(frozen=True)
class Plan:
    """champion: None where there is no model to compare with."""

    folds: int
    repeats: int
    champion: Procedure | None


def read_plan(layout: Layout, data: Dataset, reader: Reader, own: Hyperparameters) -> Plan | None:
    """None where the job has no such channel. reader: of the job's other channels, code books and all."""
    folder = layout.channel(CHANNEL)
    if not folder.is_dir():
        return None
    try:
        given: dict[str, Any] = json.loads((folder / PLAN).read_bytes())
        folds, repeats = int(given["folds"]), int(given["repeats"])
        settings = given["champion"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"channel {CHANNEL}, {PLAN} cannot be read: {error}") from None
    if folds < 2 or repeats < 1:
        raise TrainingError(f"channel {CHANNEL}, {PLAN}: {folds} folds, {repeats} repeats; at least 2 and 1")
    if settings is None:
        return Plan(folds, repeats, None)
    hyperparameters = read_hyperparameters(
        {"num_class": str(own.num_class)} | settings if own.num_class else settings
    )
    return Plan(folds, repeats, Procedure(hyperparameters, _champion_rows(folder, data, reader, own)))


def _champion_rows(folder: Path, data: Dataset, reader: Reader, own: Hyperparameters) -> Dataset:
    tables = {
        name: read_files(CHANNEL, folder, [folder / file], own, reader)
        for name, file in CHAMPION.items()
        if (folder / file).is_file()
    }
    if "train" not in tables:
        raise TrainingError(f"channel {CHANNEL} has a champion and no {CHAMPION['train']}")
    validation = tables.get("validation")
    return replace(
        data,
        train=Rows.of(tables["train"]),
        validation=None if validation is None else Rows.of(validation),
    )


def cross_validate(plan: Plan, own: Procedure, stop: StopRequest) -> dict[str, Any] | None:
    """What OUTPUT holds; None where the job was told to stop before it was complete."""
    table = np.concatenate([_table(rows) for rows in own.data.parts.values()])
    rivals = {"challenger": own} | ({"champion": plan.champion} if plan.champion else {})
    found: dict[str, Any] = {"rows": len(table), "challenger": [], "champion": [] if plan.champion else None}
    for repeat in range(plan.repeats):
        folds = _folds(table, plan.folds, own.hyperparameters.objective.startswith("reg:"), seed=repeat)
        for name, procedure in rivals.items():
            said = _out_of_fold(procedure, table, folds, stop)
            if stop.received:
                return None
            found[name].append(said)
        print(f"cross-validation: {repeat + 1} of {plan.repeats} times {plan.folds} folds")
    return found


def save(layout: Layout, found: dict[str, Any]) -> None:
    layout.output_data.mkdir(parents=True, exist_ok=True)
    (layout.output_data / OUTPUT).write_text(json.dumps(found))


def _out_of_fold(procedure: Procedure, table: Table, folds: Folds, stop: StopRequest) -> list[Any]:
    """A prediction a row, by a model of the procedure that was trained without the row's fold."""
    places = _places(table, folds)
    of_parts = {name: _folds_of(rows, places) for name, rows in procedure.data.parts.items()}
    said: list[Any] = [None] * len(table)
    for fold in sorted({*folds.tolist()}):
        fitted = fit(procedure.hyperparameters, _without(procedure.data, of_parts, fold), stop, quiet=True)
        out = np.flatnonzero(folds == fold)
        for at, prediction in zip(
            out.tolist(), predict(fitted.booster, table[out, 1:], procedure.data), strict=True
        ):
            said[at] = prediction
    return said


def _without(data: Dataset, folds: dict[str, Folds], fold: int) -> Dataset:
    kept = {name: _chosen(rows, folds[name] != fold) for name, rows in data.parts.items()}
    if not len(kept["train"].labels):
        raise TrainingError("cross-validation: a fold leaves no row to train on; bring more rows")
    validation = kept.get("validation")
    # Without a row that it could stop by, early stopping has nothing to look at: the channel is as it was.
    return replace(
        data,
        train=kept["train"],
        validation=validation if validation is None or len(validation.labels) else data.validation,
    )


def _chosen(rows: Rows, which: npt.NDArray[np.bool_]) -> Rows:
    return Rows(labels=rows.labels[which], features=rows.features[which])


def _table(rows: Rows) -> Table:
    return np.column_stack([rows.labels, rows.features])


def _folds(table: Table, folds: int, are_numbers: bool, seed: int) -> Folds:
    """Each row's fold: equal rows in the same one, and of each class about as many in each."""
    first: dict[bytes, int] = {}
    places = [first.setdefault(key, at) for at, key in enumerate(_keys(table))]
    random, dealt, found = np.random.default_rng(seed), 0, np.empty(len(table), np.int64)
    of_class: dict[float, list[int]] = {}
    for at in first.values():
        of_class.setdefault(0.0 if are_numbers else float(table[at, 0]), []).append(at)
    for _, own in sorted(of_class.items()):
        for at in random.permutation(own).tolist():
            found[at] = dealt % folds
            dealt += 1
    return found[places]


def _places(table: Table, folds: Folds) -> dict[bytes, int]:
    return dict(zip(_keys(table), folds.tolist(), strict=True))


def _folds_of(rows: Rows, places: dict[bytes, int]) -> Folds:
    return np.array([places.get(key, NOWHERE) for key in _keys(_table(rows))], np.int64)


def _keys(table: Table) -> Iterator[bytes]:
    """Each row as bytes; 0 and -0 are one number, and so is all that is missing."""
    same = np.where(np.isnan(table), np.float32(np.nan), table + np.float32(0))
    return (row.tobytes() for row in same)
