"""A sweep of many models, quiet ones with a history: what it asks for and works, `... benchmarks.line.models MODELS`.

The real stations over fakes that count (tests/fakes/stations.py). What is read must not grow with the past of models,
so the same models are swept with few and with many runs behind them. Prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.console_ledger import of_model
from benchmarks.memory import peak_megabytes
from tests.fakes import handler_settings
from tests.flood.play import BYTES, Flood

FEW, MANY = 10, 40
# Milliseconds of a call on AWS, from a function in the same region: what a sweep waits for besides its own work.
WAITED = {"ledger": 5.0, "S3": 20.0, "SageMaker": 30.0}
handler_settings.set_up()


class CountedControl:
    """SageMaker that counts what it is asked."""

    def __init__(self, control: Any, asked: Counter[str]) -> None:
        self._control, self._asked = control, asked

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._control, name)
        if callable(found):
            self._asked["calls of SageMaker"] += 1
        return found


class Many(Flood):
    """Quiet models: each serves its champion, and nothing is under way."""

    def __init__(self, models: int, runs: int) -> None:
        self._models, self._runs = models, runs
        super().__init__(Counter())

    def __post_init__(self) -> None:
        self.control = CountedControl(self.control, self.asked)  # type: ignore[assignment]
        super().__post_init__()
        for number in range(self._models):
            model = f"model-{number:04d}"
            self.has_pipeline(model)
            for item in of_model(model, self._runs, number):
                self.items.put(item)
            self.champion(f"{model}-{0:012x}", model)


def swept(models: int, runs: int) -> dict[str, Any]:
    """The second sweep: the first one writes indexes that the fakes' ledger has not."""
    stations = Many(models, runs)
    stations.sweep.sweep()
    stations.asked.clear()
    began = time.process_time()
    said = stations.sweep.sweep()
    taken = time.process_time() - began
    a_model = {name: count / models for name, count in stations.asked.items() if name != BYTES}
    return {
        "scene": "sweep",
        "models": models,
        "runs_each": runs,
        "said": len(said),
        "cpu_s": taken,
        **a_model,
        "waited_on_aws_s": models * _waited(a_model) / 1000,
        "peak_mb": peak_megabytes(),
    }


def _waited(asked: dict[str, float]) -> float:
    """Milliseconds for one model, one call after another."""
    return sum(
        count * next(ms for service, ms in WAITED.items() if service in name) for name, count in asked.items()
    )


if __name__ == "__main__":
    print(json.dumps([swept(int(sys.argv[1]), runs) for runs in (FEW, MANY)]))
