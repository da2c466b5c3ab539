"""One evaluation by the engine, in a process of its own: `python -m benchmarks.evaluation.ours FILE PROBLEM [ROWS]`.

Prints its CPU seconds, its peak memory and the figures that the gate reads.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.memory import peak_megabytes
from cli.scores.score_files import ROWS, score_sums
from switchyard.stats import calibration, confusion, delta
from switchyard.stats.auc import Auc, from_counts
from switchyard.stats.paired import PairedSums, Wanted, merge


def main(path: Path, problem: str, rows: int = ROWS) -> dict[str, Any]:
    began = time.process_time()
    wanted = Wanted(areas=(0, 1, 2)) if problem == "multiclass" else Wanted()
    figures, hidden = figures_of(merge(score_sums(path, problem, wanted, rows)))
    taken = time.process_time() - began
    return {"cpu_s": taken, "peak_mb": peak_megabytes(), "figures": figures, "hidden": hidden}


def figures_of(sums: PairedSums) -> tuple[dict[str, float], dict[str, float]]:
    """Figures by name, and by how much areas may be off by what their bins hide."""
    found = {"rows": float(sums.rows)}
    for loss, pair in sums.metrics.items():
        found |= {
            f"{loss} {arm}": getattr(pair, arm).mean for arm in ("champion", "challenger", "difference")
        }
        found[f"{loss} error"] = pair.difference.error
    if sums.problem == "regression":
        return found | _of_numbers(sums), {}
    for arm in ("champion", "challenger"):
        mean = confusion.mean_of_classes(confusion.f1, _classes(sums))
        found[f"f1 {arm}"] = getattr(confusion.compare(sums.confusion, mean), arm)
        found[f"calibration {arm}"] = getattr(calibration.compare(sums.calibration), arm)
    areas = {
        index: _area(counts)
        for index, counts in ({"": sums.scores} | dict(sums.areas)).items()
        if counts.fine
    }
    for index, area in areas.items():
        found |= {f"auc{index} {arm}": getattr(area, arm) for arm in ("champion", "challenger")}
    return found, {f"auc{index}": area.hidden for index, area in areas.items()}


def _of_numbers(sums: PairedSums) -> dict[str, float]:
    """The share of the target's size that the errors are, and of its variance that is explained."""
    wape, squares = delta.ratio(sums.sizes), sums.metrics["squared_error"]
    assert wape is not None
    found = {"wape error": wape.error}
    for arm in ("champion", "challenger"):
        found[f"wape {arm}"] = getattr(wape, arm)
        found[f"r2 {arm}"] = 1 - getattr(squares, arm).mean * sums.rows / sums.target.m2
    return found


def _classes(sums: PairedSums) -> list[int]:
    return [1] if sums.problem == "binary" else sorted(map(int, sums.classes))


def _area(counts: Any) -> Auc:
    area = from_counts(counts)
    assert area is not None
    return area


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))))
