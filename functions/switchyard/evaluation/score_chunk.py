"""One chunk of the holdout through both models, reduced to sums that merge."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from switchyard.config.snapshot import Snapshots
from switchyard.core.data.contract import Contract
from switchyard.core.data.normalized_text import column_name
from switchyard.core.errors import JobFailedError
from switchyard.core.gate_classes import areas_of
from switchyard.core.gate_policy import CROSS_VALIDATION
from switchyard.core.policy import Problem
from switchyard.core.ports import Scorer, Storage
from switchyard.core.resources.answers import reader_of
from switchyard.core.run import Run
from switchyard.evaluation.chunks import Chunk, chunk_file, output_prefix, read_rows, sums_key
from switchyard.evaluation.out_of_fold import CHALLENGER, CHAMPION, Answer, OutOfFold
from switchyard.evaluation.record_scorer import RecordScorer
from switchyard.evaluation.rules.program_files import ANSWERS, answer_files, program_folder
from switchyard.evaluation.rules.slices import Pair, Slices, sliced
from switchyard.stats.losses import Prediction
from switchyard.stats.paired import PairedSums, Wanted
from switchyard.stats.resampling import ONCE, Resampling

ROWS_A_REQUEST = 200
BYTES_A_REQUEST = 5_000_000  # "6 MB" at most (InvokeEndpoint); wide rows are long


@dataclass(frozen=True)
class ScoreChunk:
    """Sends holdout rows to both variants, or reads what both transform jobs said of them, and keeps sums."""

    artifacts: Storage
    snapshots: Snapshots
    scorer: Scorer

    def score(self, run: Run, schema: str, alpha: Mapping[str, Any], chunk: Chunk) -> dict[str, str]:
        """Rows [first, last) of the holdout; answers where the mergeable sums are."""
        pipeline, champion = self.snapshots.pipeline(run), str(alpha["champion"])
        header, rows = self._rows(self.snapshots.holdout(schema), chunk)
        contract = self.snapshots.contract(schema)
        labels, lines = read_rows(contract, header, rows)
        if alpha["via"] == CROSS_VALIDATION:
            repeats = self._out_of_fold(run, bool(champion), chunk)
        else:
            new = self._predictions(run, run.run_id, contract, alpha, chunk, lines)
            old = self._champions(run, contract, alpha, chunk, (header, rows)) if champion else []
            repeats = [(old, new)]
        pairs = [pair for old, new in repeats for pair in _pairs(pipeline.problem, labels, old, new)]
        policy, problem = pipeline.evaluation, pipeline.problem.value
        wanted = Wanted(policy.quantiles, areas_of(policy, contract.classes))
        how = self._resampling(schema, str(alpha["via"]))
        weights = weights_of(contract, header, rows)
        sums = replace(PairedSums.from_rows(problem, pairs, wanted, weights=weights), resampling=how)
        often = rows * how.repeats
        slices = {
            name: {
                value: replace(own, resampling=how)
                for value, own in sliced(problem, values, pairs, wanted).items()
            }
            for name, values in _columns(header, often, pipeline.scoring.slices).items()
        }
        if pipeline.program is not None:
            files = answer_files(pipeline.problem, header, often, pairs, contract.classes)
            self._write_answers(run, chunk, files)
        key = sums_key(run, chunk)
        self.artifacts.write(key, to_json(sums, slices))
        return {"sums": key}

    def _write_answers(self, run: Run, chunk: Chunk, files: Mapping[str, bytes]) -> None:
        """What the owner's program reads, a file a model."""
        for model, body in files.items():
            self.artifacts.write(f"{program_folder(run, ANSWERS)}{model}/{chunk_file(chunk)}", body)

    def _resampling(self, schema: str, via: str) -> Resampling:
        folded = self.snapshots.folded(schema)
        if (via == CROSS_VALIDATION) != bool(folded):  # its machine is of a release without cross-validation
            raise JobFailedError(
                f"the rows of {schema} were all trained on, and the run was begun before an upgrade that judges such "
                f"models by cross-validation; `switchyard retry` judges it anew"
            )
        return Resampling(folded.folds, folded.repeats) if folded else ONCE

    def _out_of_fold(
        self, run: Run, has_champion: bool, chunk: Chunk
    ) -> list[tuple[list[Answer], list[Answer]]]:
        """Of each repeat what champion and challenger said of the chunk's rows."""
        found = OutOfFold(self.artifacts).answers(run, chunk["first"], chunk["last"])
        new = found[CHALLENGER]
        old = found[CHAMPION] if has_champion else [[] for _ in new]
        return list(zip(old, new, strict=True))

    def _scorer(self, run: Run, contract: Contract) -> Scorer:
        """By which models of this data are asked."""
        return RecordScorer(self.artifacts, self.scorer, run.model) if contract.record else self.scorer

    def _champions(
        self, run: Run, contract: Contract, alpha: Mapping[str, Any], chunk: Chunk,
        table: tuple[list[str], list[list[str]]],
    ) -> list[Answer]:  # fmt: skip
        """What the champion says, asked by its own contract."""
        known = replace(self.snapshots.contract(str(alpha["champion_schema"])), classes=contract.classes)
        lines = read_rows(known, *table)[1]
        return self._predictions(run, str(alpha["champion"]), known, alpha, chunk, lines)

    def _rows(self, key: str, chunk: Chunk) -> tuple[list[str], list[list[str]]]:
        """Header and rows of a chunk of the holdout, read from where it begins."""
        rows = self.snapshots.rows(key, chunk["offset"])
        header = list(map(column_name, next(self.snapshots.rows(key))))
        return header, list(islice(rows, chunk["last"] - chunk["first"]))

    def _predictions(
        self, run: Run, variant: str, contract: Contract, alpha: Mapping[str, Any], chunk: Chunk,
        lines: Sequence[str],
    ) -> list[tuple[float, ...]]:  # fmt: skip
        """contract: of the model that is asked."""
        reader = reader_of(contract.response, contract.classes)
        if alpha["via"] == "transform":
            key = f"{output_prefix(run, variant)}{chunk_file(chunk)}.out"
            return self._checked(variant, reader.read(self.artifacts.read(key).decode(), len(lines)), lines)
        scorer, answers = self._scorer(run, contract), list[tuple[float, ...]]()
        for asked in requests(lines):
            given = scorer.predict(str(alpha["endpoint"]), variant, asked, reader)
            answers += self._checked(variant, given, asked)
        return answers

    def _checked(
        self, variant: str, given: list[tuple[float, ...]], asked: Sequence[str]
    ) -> list[tuple[float, ...]]:
        if len(given) != len(asked):
            raise JobFailedError(
                f"variant {variant} answered {len(given)} predictions for {len(asked)} rows; "
                f"make its container answer one a row"
            )
        return given


def requests(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines in the order they have, as many a request as SageMaker takes; one at least."""
    asked, size = list[str](), 0
    for line in lines:
        length = len(line.encode()) + 1
        if asked and (len(asked) == ROWS_A_REQUEST or size + length > BYTES_A_REQUEST):
            yield asked
            asked, size = [], 0
        asked.append(line)
        size += length
    if asked:
        yield asked


def program_key(run: Run) -> str:
    """What the owner's program said, as one."""
    return f"{run.model}/evaluations/{run.run_id}/program.json"


def weights_of(contract: Contract, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Sequence[float]:
    """How much each row counts; none where all count alike."""
    if not contract.weight:
        return ()
    place = header.index(contract.weight)
    return [float(fields[place]) for fields in rows]


def _columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], names: Sequence[str]
) -> dict[str, list[str]]:
    return {name: [row[header.index(name)] for row in rows] for name in names}


def to_json(sums: PairedSums, slices: Slices) -> bytes:
    """What a chunk leaves behind: its sums, and those of its slices."""
    parts = {
        column: {value: own.to_dict() for value, own in values.items()} for column, values in slices.items()
    }
    return json.dumps({"all": sums.to_dict(), "slices": parts}).encode()


def from_json(body: bytes) -> tuple[PairedSums, Slices]:
    """The inverse of to_json."""
    content = json.loads(body)
    slices = {
        column: {value: PairedSums.from_dict(own) for value, own in values.items()}
        for column, values in content["slices"].items()
    }
    return PairedSums.from_dict(content["all"]), slices


def _pairs(
    problem: Problem, labels: Sequence[float], old: Sequence[Answer], new: Sequence[Answer]
) -> list[Pair]:
    """old: empty without a champion."""
    before: Sequence[Prediction | None] = _shaped(problem, old) if old else [None] * len(labels)
    return list(zip(labels, before, _shaped(problem, new), strict=True))


def _shaped(problem: Problem, predictions: Sequence[tuple[float, ...]]) -> list[Prediction]:
    """One number a row, or one probability a class."""
    return list(predictions) if problem is Problem.MULTICLASS else [each[0] for each in predictions]
