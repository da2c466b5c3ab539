"""A sweep of many models, quiet ones with a history: what it asks for and works, `... benchmarks.line.models MODELS`.

The real stations over fakes that count (tests/fakes/stations.py). What is read must not grow with the past of models,
so the same models are swept with few and with many runs behind them; and once more while each call takes as long as on
AWS, as many models side by side as in the function. Prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import replace
from typing import Any

from benchmarks.console_ledger import of_model
from benchmarks.memory import peak_megabytes
from switchyard.core.ledger.each_model import AT_ONCE
from tests.fakes import handler_settings
from tests.flood.play import BYTES, Flood

FEW, MANY = 10, 40
# Milliseconds of a call on AWS, from a function in the same region.
WAITED = {"ledger": 5.0, "S3": 20.0, "SageMaker": 30.0, BYTES: 0.0}
handler_settings.set_up()


class Waiting(Counter[str]):
    """A count of calls, each of which takes as long as on AWS once `is_slow`."""

    is_slow = False

    def __setitem__(self, name: str, count: int) -> None:
        if self.is_slow:
            time.sleep(next(ms for service, ms in WAITED.items() if service in name) / 1000)
        super().__setitem__(name, count)


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

    asked: Waiting

    def __init__(self, models: int, runs: int) -> None:
        self._models, self._runs = models, runs
        super().__init__(Waiting())

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
    """The second sweep counts: the first one writes indexes that the fakes' ledger has not. The third one waits."""
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
        "wall_s": _waited(stations),
        "peak_mb": peak_megabytes(),
    }


def _waited(stations: Many) -> float:
    """Seconds of a sweep while AWS takes its time."""
    turns = replace(stations.sweep.turns, at_once=AT_ONCE)
    stations.asked.is_slow = True
    began = time.perf_counter()
    replace(stations.sweep, turns=turns).sweep()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps([swept(int(sys.argv[1]), runs) for runs in (FEW, MANY)]))
