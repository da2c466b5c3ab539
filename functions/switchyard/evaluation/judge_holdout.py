"""The offline gate: a verdict on paired differences of what both models said of the holdout."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from switchyard.config.snapshot import Snapshots, schema_key
from switchyard.core.errors import MissingError
from switchyard.core.gate_policy import PROGRAM
from switchyard.core.ports import Storage
from switchyard.core.run import Run
from switchyard.evaluation.chunks import all_chunks, chunk_file, sums_key
from switchyard.evaluation.model_importance import ModelImportance
from switchyard.evaluation.owner_program import read_losses
from switchyard.evaluation.rules.gate import Evaluation, judge_gate
from switchyard.evaluation.rules.model_quality import model_quality
from switchyard.evaluation.rules.performance import performance_of
from switchyard.evaluation.rules.slices import merged
from switchyard.evaluation.score_chunk import from_json, program_key
from switchyard.stats.paired import PairedSums, merge


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


def _how(sums: PairedSums) -> dict[str, Any]:
    """What stands behind the figures: folds, repeats, rows, and how many rows of a holdout are as sure."""
    how, rows = sums.resampling, sums.distinct_rows
    found = {"folds": how.folds, "repeats": how.repeats, "rows": rows}
    return found | {"variance_factor": how.variance_factor, "effective_rows": round(how.effective(rows))}
