"""Small settled runs for the tests of the report: records, snapshots and blocks as the pipeline leaves them."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from switchyard.config.pipeline_json import pipeline_to_json
from switchyard.core.evidence import Block, Evidence
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Items, Storage
from switchyard.core.run import Run, RunState
from switchyard.rollout.rules.verdict import judge
from switchyard.training.rules.dataset_diff import ColumnChange, DatasetDiff
from tests.fakes.pipelines import pipeline
from tests.fakes.store import Clock

DIGEST = "ab" * 32
RUN_ID = "digits-abababababab"
CHAMPION = "digits-cdcdcdcdcdcd"
SOURCE = "s3://data/digits/train/v2.csv"
BEGAN = 1_800_000_000.0
RUN = Run("digits", RUN_ID, DIGEST, SOURCE, f"digits/frozen/{DIGEST}/")


def blocks(count: int, errors: int = 0, metric: str = "errors") -> list[Block]:
    """Periods of ten seconds: 900 requests of the champion, 100 of the challenger, who has that many errors."""
    return [Block(metric, str(int(BEGAN) + 10 * k), 0, 900, 9, 100, errors) for k in range(count)]


def gate(outcome: str = "pass", **changes: Any) -> dict[str, Any]:
    figure = {
        "metric": "accuracy",
        "rows": 500,
        "outcome": outcome,
        "reason": "accuracy: as it is",
        "slice": "",
    }
    values = {"champion": 0.91, "challenger": 0.93, "interval": [0.9, 0.96], "floor": 0.5}
    harm = {"harm": -0.02, "harm_interval": [-0.04, 0.003], "margin": 0.01}
    figures = [{**figure, **values, **harm, **changes}]
    return {"outcome": outcome, "reason": "accuracy: as it is", "rows": 500, "figures": figures}


@dataclass
class Desk:
    """Where one run of the model `digits` is left behind."""

    items: Items
    artifacts: Storage

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.items, Clock(BEGAN - 60))

    def write(self, key: str, content: Any) -> None:
        self.artifacts.write(key, json.dumps(content).encode())

    def upload(
        self, state: RunState, reason: str = "because", run_id: str = RUN_ID, source: str = SOURCE
    ) -> None:
        self.ledger.record_upload("digits", f"{source}#1", source, state, reason, run_id)

    def admit(self, state: RunState, reason: str = "because") -> None:
        """The ledger's part."""
        self.ledger.create_run(RUN, BEGAN - 60)
        self.ledger.set_state("digits", RUN_ID, state, reason)
        self.upload(state, reason)

    def snapshot(self, columns: tuple[str, ...] = ("y", "a", "b"), **parts: Any) -> Pipeline:
        file = {"name": "v2.csv", "size": 2048, "sha256": "ef" * 32, "rows": 1234}
        manifest = {"digest": DIGEST, "source": SOURCE, "columns": columns, "files": [file]}
        self.write(f"{RUN.snapshot}manifest.json", manifest)
        frozen = pipeline(**parts)
        self.artifacts.write(RUN.pipeline_key, pipeline_to_json(frozen))
        counts = {"train": 1000, "validation": 100, "held_out": 134}
        self.write(
            f"digits/prepared/{RUN_ID}/schema.json", {"features": ["a", "b"], "target": "y", "rows": counts}
        )
        return frozen

    def differ(self, against: str = CHAMPION) -> None:
        """The dataset differs from the champion's in two columns."""
        job = ColumnChange(
            "job", ("category", "category"), (0.002, 0.31), 0.44, None, ("<astronaut>",), ("smith",), (2, 0),
            ("drift", "missing", "gained"), 6.2,
        )  # fmt: skip
        says = f"Against the data of {against}, 'job' is missing in 31.0% of the rows (0.2% before)."
        few = ColumnChange("y", ("number", "number"), (0.0, 0.0), 0.01, size=0.05)
        diff = DatasetDiff(against, "y", (80_000, 1234), (job, few), 3, says)
        self.write(f"digits/prepared/{RUN_ID}/diff.json", diff.to_dict())

    def decide(self, state: RunState, reason: str = "because", **parts: Any) -> None:
        """The ledger's part and the decision record."""
        self.admit(state, reason)
        record = {
            "run": RUN.to_dict(),
            "state": state.value,
            "reason": reason,
            "started_at": "2027-01-15T07:59:00.000+00:00",
            "settled_at": BEGAN + 300,
            "champion": {"run_id": CHAMPION},
            "evaluation": {"champion": CHAMPION, "artifact_sha256": "12" * 32, "gate": gate()},
            "weights": [],
            "rollout": {},
        }
        self.write(f"digits/decisions/{RUN_ID}.json", {**record, **parts})

    def roll_out(
        self, state: RunState, found: list[Block], frozen: Pipeline, reason: str = "because", **parts: Any
    ) -> None:
        """A run that was judged on `found`, from 10 % on."""
        verdict = judge(Evidence(tuple(found), 0, 200.0), frozen.rollout)
        self.ledger.save_blocks(RUN_ID, found)
        look = {"at": BEGAN + 250, "stage": 0, "outcome": verdict.outcome, "reason": verdict.reason}
        counts = {"requests": verdict.requests, "challenger_requests": verdict.challenger_requests}
        seen = {**look, **counts, "metrics": [asdict(metric) for metric in verdict.metrics]}
        live = RUN_ID if state is RunState.PROMOTED else CHAMPION
        weights = [{"at": BEGAN, "stage": 0, "weight": 10.0}]
        self.decide(state, reason, weights=weights, rollout=seen, champion={"run_id": live}, **parts)
