"""The offline gate: both models on an alpha endpoint, the holdout through both, a verdict on paired differences."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from switchyard.contracts.ports import Control, Scorer, Storage, Variant
from switchyard.domain.errors import JobFailedError
from switchyard.domain.gate import Evaluation, judge_gate
from switchyard.domain.names import Names
from switchyard.domain.observation import Expected
from switchyard.domain.policy import Problem
from switchyard.domain.run import Run
from switchyard.domain.slices import Slices, merged, sliced
from switchyard.stats.paired import PairedSums, Prediction, merge
from switchyard.usecases.frozen import Frozen, holdout_key, select
from switchyard.usecases.ledger import Ledger
from switchyard.usecases.waiting import Waiting

ROWS_A_REQUEST = 200


@dataclass(frozen=True)
class Alpha:
    """The endpoint nobody else knows."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    frozen: Frozen
    waiting: Waiting

    def start(self, run: Run, artifact: str, token: str) -> None:
        """Challenger and, if there is one, champion as two variants. The artifact's digest is fixed here."""
        names = Names(self.prefix, run.model, run.run_id)
        pipeline, champion = self.frozen.pipeline(run), self.ledger.champion(run.model)
        variants = [Variant(names.variant, names.sagemaker_model, 1.0)]
        if champion is not None:
            variants.append(Variant(champion.run_id, champion.sagemaker_model, 1.0))
        result = {
            "endpoint": names.alpha,
            "champion": champion.run_id if champion else "",
            "champion_schema": champion.schema if champion else "",
            "artifact": artifact,
            "artifact_sha256": self.artifacts.sha256(self.artifacts.key_of(artifact)),
        }

        def create() -> None:
            self.control.ensure_model(names.sagemaker_model, pipeline, artifact)
            self.control.ensure_config(
                names.alpha, pipeline.on_alpha, variants, self.artifacts.uri(run.model)
            )
            self.control.ensure_endpoint(names.alpha, names.alpha)

        self.waiting.for_endpoint(
            names.alpha, "StartAlpha", token, Expected(config=names.alpha), result, create
        )

    def delete(self, run: Run) -> None:
        name = Names(self.prefix, run.model, run.run_id).alpha
        self.control.delete_endpoint(name, config=name)


@dataclass(frozen=True)
class Scoring:
    """Sends holdout rows to both variants and keeps sums."""

    artifacts: Storage
    frozen: Frozen
    scorer: Scorer

    def score(self, run: Run, schema: str, alpha: dict[str, str], first: int, last: int) -> dict[str, str]:
        """Rows [first, last) of the holdout; answers where the mergeable sums are."""
        pipeline = self.frozen.pipeline(run)
        header, rows = self._holdout_rows(run.model, first, last)
        labels = [float(row[header.index(pipeline.target)]) for row in rows]
        endpoint, champion = alpha["endpoint"], alpha["champion"]
        new = self._predict(endpoint, run.run_id, self._features(schema, header, rows))
        old: Sequence[Prediction | None] = [None] * len(rows)
        if champion:
            features = self._features(alpha["champion_schema"], header, rows)
            old = _shaped(pipeline.problem, self._predict(endpoint, champion, features))
        pairs = list(zip(labels, old, _shaped(pipeline.problem, new), strict=True))
        sums = PairedSums.from_rows(pipeline.problem.value, pairs)
        columns = {name: [row[header.index(name)] for row in rows] for name in pipeline.scoring.slices}
        slices = {name: sliced(pipeline.problem.value, values, pairs) for name, values in columns.items()}
        key = f"{run.model}/evaluations/{run.run_id}/chunk-{first}.json"
        self.artifacts.write(key, to_json(sums, slices))
        return {"sums": key}

    def _holdout_rows(self, model: str, first: int, last: int) -> tuple[list[str], list[list[str]]]:
        rows = self.frozen.rows(holdout_key(model))
        return next(rows), list(islice(rows, first, last))

    def _features(self, schema: str, header: list[str], rows: list[list[str]]) -> list[str]:
        """CSV lines in the column order that this model was trained on."""
        positions = [header.index(name) for name in self.frozen.schema(schema).features]
        return [_csv_line(select(row, positions)) for row in rows]

    def _predict(self, endpoint: str, variant: str, lines: list[str]) -> list[tuple[float, ...]]:
        answers: list[tuple[float, ...]] = []
        for start in range(0, len(lines), ROWS_A_REQUEST):
            asked = lines[start : start + ROWS_A_REQUEST]
            given = self.scorer.predict(endpoint, variant, asked)
            if len(given) != len(asked):
                raise JobFailedError(
                    f"variant {variant} answered {len(given)} predictions for {len(asked)} rows"
                )
            answers += given
        return answers


@dataclass(frozen=True)
class Judging:
    """Merges the chunks and decides."""

    artifacts: Storage
    frozen: Frozen

    def judge(self, run: Run, alpha: dict[str, str], chunks: list[dict[str, str]]) -> dict[str, str]:
        pipeline = self.frozen.pipeline(run)
        parts = [from_json(self.artifacts.read(chunk["sums"])) for chunk in chunks]
        sums, slices = merge(sums for sums, _ in parts), merged(slices for _, slices in parts)
        verdict = judge_gate(Evaluation(sums, slices), pipeline.evaluation)
        record: dict[str, Any] = {"champion": alpha["champion"], "artifact_sha256": alpha["artifact_sha256"]}
        key = f"{run.model}/evaluations/{run.run_id}/evaluation.json"
        self.artifacts.write(key, json.dumps(record | {"gate": asdict(verdict)}, indent=1).encode())
        return {"verdict": verdict.outcome.value, "reason": verdict.reason, "evaluation": key}


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


def _csv_line(fields: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def _shaped(problem: Problem, predictions: Sequence[tuple[float, ...]]) -> list[Prediction]:
    """One number a row, or one probability a class."""
    return list(predictions) if problem is Problem.MULTICLASS else [each[0] for each in predictions]
