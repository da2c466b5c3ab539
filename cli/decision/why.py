"""Why a run ended as it did: what was decided, on which metric, by how much, and what would have changed it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from cli.decision.smallest_change import Way, ways_through_the_gate, ways_through_the_rollout
from cli.report.facts import Facts
from switchyard.config.snapshot import Snapshots
from switchyard.core.evidence import Evidence
from switchyard.core.gate_policy import PROGRAM
from switchyard.core.ports import Storage
from switchyard.core.run import RunState
from switchyard.evaluation.rules.gate import Evaluation, GateFigure, GateOutcome
from switchyard.evaluation.rules.slices import merged
from switchyard.evaluation.score_chunk import from_json, program_key
from switchyard.stats.moments import PairedMoments
from switchyard.stats.paired import merge

FOUND_WANTING = (RunState.REJECTED, RunState.ROLLED_BACK, RunState.INCONCLUSIVE)


@dataclass(frozen=True)
class Why:
    """stage: which decision ended the run: `data`, `gate`, `rollout`, or "" for one that nothing judged.

    measured: a line a metric. ways: what would have turned the verdict, each by the judge's own word. data: what
    changed in the dataset and would explain it, "" where the model was not found wanting.
    """

    run_id: str
    state: RunState
    reason: str
    stage: str
    measured: tuple[str, ...]
    ways: tuple[Way, ...]
    data: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def why(facts: Facts, artifacts: Storage) -> Why:
    """Of a run that has ended, or of what is known of one under way."""
    if facts.was_compared and facts.last_look:
        return Why(*_head(facts), "rollout", _live(facts), _ways_live(facts), _data(facts))
    if facts.gate is not None and facts.state is not RunState.FAILED:
        measured = (*_by_folds(facts), *map(_figure, facts.gate.figures))
        return Why(*_head(facts), "gate", measured, _ways_offline(facts, artifacts), _data(facts))
    return Why(*_head(facts), "data" if facts.state is RunState.INVALID else "", (), ())


def _head(facts: Facts) -> tuple[str, RunState, str]:
    return facts.run_id, facts.state, facts.reason


def _data(facts: Facts) -> str:
    return facts.diff.says if facts.diff and facts.state in FOUND_WANTING else ""


def _by_folds(facts: Facts) -> tuple[str, ...]:
    """How it was measured, where not on a holdout."""
    return (f"judged on {facts.judged_on}",) if facts.folds else ()


def _figure(figure: GateFigure) -> str:
    title = f"{figure.label} in {figure.slice}" if figure.slice else figure.label
    compared = "" if figure.champion is None else f", champion {figure.champion:.4g}"
    margin = "" if figure.margin is None else f"; up to {figure.margin:.4g} worse is accepted"
    floor = "" if figure.floor is None else f"; floor {figure.floor:.4g}"
    return f"{title}: challenger {figure.challenger:.4g}{compared}{margin}{floor}: {figure.outcome.value}"


def _live(facts: Facts) -> tuple[str, ...]:
    said = []
    for metric in facts.last_look.get("metrics", []):
        counts = (
            f"challenger {metric['s1']:g} of {metric['n1']:g}, champion {metric['s0']:g} of {metric['n0']:g}"
        )
        between = f"difference between {metric['lower']:+.4f} and {metric['upper']:+.4f}"
        declared = facts.policy.metrics.get(metric["name"]) if facts.policy else None
        margin = f"; up to {declared.margin:g} worse is accepted" if declared else ""
        said.append(f"{metric['name']}: {counts}; {between}{margin}")
    return tuple(said)


def _ways_live(facts: Facts) -> tuple[Way, ...]:
    if facts.policy is None or facts.state is RunState.PROMOTED:
        return ()
    return ways_through_the_rollout(Evidence(facts.blocks, 0, 0.0), facts.policy)


def _ways_offline(facts: Facts, artifacts: Storage) -> tuple[Way, ...]:
    stopped = facts.gate is not None and facts.gate.outcome is not GateOutcome.PASS
    evaluation = _evaluation(facts, artifacts) if stopped else None
    if evaluation is None or facts.pipeline is None:
        return ()
    return ways_through_the_gate(evaluation, facts.pipeline.evaluation, sum(facts.rows.values()))


def _evaluation(facts: Facts, artifacts: Storage) -> Evaluation | None:
    """The sums that the gate judged, from what its chunks left; None where they are gone."""
    folder = f"{facts.model}/evaluations/{facts.run_id}/chunk-"
    keys = [item.key for item in artifacts.list(folder) if item.key.endswith(".json")]
    parts = [from_json(artifacts.read(key)) for key in keys]
    if not parts:
        return None
    sums, classes = merge(s for s, _ in parts), Snapshots(artifacts).classes(facts.run) if facts.run else ()
    if facts.run and artifacts.exists(program_key(facts.run)):
        said = PairedMoments.from_dict(json.loads(artifacts.read(program_key(facts.run))))
        sums = replace(sums, metrics={**sums.metrics, PROGRAM: said})
    return Evaluation(sums, merged(s for _, s in parts), classes=classes)
