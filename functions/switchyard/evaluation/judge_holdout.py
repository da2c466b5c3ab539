"""The offline gate: both models on an alpha endpoint, the holdout through both, a verdict on paired differences."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from switchyard.config.champion_resources import ChampionResources
from switchyard.config.snapshot import Snapshots, schema_key
from switchyard.core.champion import Champion
from switchyard.core.errors import MissingError
from switchyard.core.gate_policy import PROGRAM
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.ports import Control, Storage, Variant
from switchyard.core.resources.observation import Expected
from switchyard.core.resources.pools import endpoint_claim
from switchyard.core.run import Run
from switchyard.core.waiting import Waiting
from switchyard.evaluation.model_importance import ModelImportance
from switchyard.evaluation.owner_program import read_losses
from switchyard.evaluation.rules.gate import Evaluation, judge_gate
from switchyard.evaluation.rules.model_quality import model_quality
from switchyard.evaluation.rules.performance import performance_of
from switchyard.evaluation.rules.slices import merged
from switchyard.evaluation.score_chunk import Chunk, chunk_file, from_json, program_key, sums_key
from switchyard.stats.paired import PairedSums, merge


@dataclass(frozen=True)
class AlphaEndpoint:
    """The endpoint nobody else knows."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    snapshots: Snapshots
    waiting: Waiting
    champion_resources: ChampionResources

    def start(self, run: Run, artifact: str, token: str) -> None:
        """Challenger and, if there is one, champion as two variants. The artifact's digest is fixed here."""
        names = Names(self.prefix, run.model, run.run_id)
        pipeline, champion = self.snapshots.pipeline(run), self.ledger.champion(run.model)
        variants = [Variant(names.variant, names.sagemaker_model, 1.0)]
        if champion is not None:
            variants.append(Variant(champion.run_id, champion.sagemaker_model, 1.0))
        result = {"via": "alpha", "endpoint": names.alpha} | facts(self.artifacts, champion, artifact)

        def create() -> None:
            self.ledger.note_alpha(run, len(variants))
            self.control.ensure_model(names.sagemaker_model, pipeline, artifact)
            if champion is not None:
                self.champion_resources.ensure_model(run.model, champion)
            self.control.ensure_config(
                names.alpha, pipeline.on_alpha, variants, self.artifacts.uri(run.model)
            )
            self.control.ensure_endpoint(names.alpha, names.alpha)

        claim = endpoint_claim(run.model, run.record, pipeline.on_alpha.deployment, len(variants))
        self.waiting.for_endpoint(
            names.alpha, "StartAlpha", token, Expected(config=names.alpha), result, create, claim
        )

    def delete(self, run: Run) -> None:
        name = Names(self.prefix, run.model, run.run_id).alpha
        self.control.delete_endpoint(name, config=name)
        self.ledger.note_alpha_end(run)


@dataclass(frozen=True)
class JudgeHoldout:
    """Merges what the chunks left and decides."""

    artifacts: Storage
    snapshots: Snapshots

    def judge(self, run: Run, alpha: Mapping[str, Any], chunks: Mapping[str, Any]) -> dict[str, str]:
        """`chunks`: as the preparation gave them, in the state's input or (many) in a file."""
        pipeline = self.snapshots.pipeline(run)
        every = all_chunks(self.artifacts, chunks)
        parts = [from_json(self.artifacts.read(sums_key(run, each))) for each in every]
        sums, slices = merge(sums for sums, _ in parts).weighed, merged(slices for _, slices in parts)
        if pipeline.program is not None:
            files = {chunk_file(each): part.rows for each, (part, _) in zip(every, parts, strict=True)}
            losses = read_losses(self.artifacts, run, files, paired=sums.paired)
            self.artifacts.write(program_key(run), json.dumps(losses.to_dict()).encode())
            sums = replace(sums, metrics={**sums.metrics, PROGRAM: losses})
        evaluation = Evaluation(sums, slices, classes=self.snapshots.classes(run))
        verdict = judge_gate(evaluation, pipeline.evaluation)
        record: dict[str, Any] = {"champion": alpha["champion"], "artifact_sha256": alpha["artifact_sha256"]}
        record |= {"artifact": alpha.get("artifact", ""), "via": alpha["via"], "chunks": len(parts)}
        performance = performance_of(sums, evaluation.classes)
        record |= {"gate": asdict(verdict), "performance": performance.to_dict()}
        record |= model_quality(sums, performance)
        if sums.resampling.is_repeated:
            record["cross_validation"] = _how(sums)
        record["importance"] = self._importance(run, alpha)
        key = f"{run.model}/evaluations/{run.run_id}/evaluation.json"
        self.artifacts.write(key, json.dumps(record).encode())
        return {"verdict": verdict.outcome.value, "reason": verdict.reason, "evaluation": key}

    def _importance(self, run: Run, alpha: Mapping[str, Any]) -> dict[str, Any]:
        """What the challenger goes by, and what was kept of the champion when it was judged itself."""
        if not alpha.get("artifact"):
            return {}
        contract = self.snapshots.contract(schema_key(run))
        own = ModelImportance(self.artifacts).of(self.artifacts.key_of(alpha["artifact"]), contract)
        return {"challenger": own.to_dict(), "champion": self._kept(run.model, str(alpha["champion"]))}

    def _kept(self, model: str, champion: str) -> dict[str, Any] | None:
        try:
            record = json.loads(self.artifacts.read(f"{model}/evaluations/{champion}/evaluation.json"))
        except MissingError:
            return None
        found: dict[str, Any] | None = (record.get("importance") or {}).get("challenger")
        return found


def all_chunks(artifacts: Storage, chunks: Mapping[str, Any]) -> list[Chunk]:
    """Every chunk, from the state's input or from the file that a Distributed Map reads."""
    found: list[Chunk] = json.loads(artifacts.read(chunks["key"])) if chunks["key"] else chunks["items"]
    return found


def _how(sums: PairedSums) -> dict[str, Any]:
    """What stands behind the figures: folds, repeats, rows, and how many rows of a holdout are as sure."""
    how, rows = sums.resampling, sums.distinct_rows
    found = {"folds": how.folds, "repeats": how.repeats, "rows": rows}
    return found | {"variance_factor": how.variance_factor, "effective_rows": round(how.effective(rows))}


def facts(artifacts: Storage, champion: Champion | None, artifact: str) -> dict[str, Any]:
    """What is judged against what; the artifact's digest is fixed here, so that later nothing else can go live."""
    return {
        "champion": champion.run_id if champion else "",
        "champion_schema": champion.schema if champion else "",
        "artifact": artifact,
        "artifact_sha256": artifacts.sha256(artifacts.key_of(artifact)),
    }
