"""Evaluations of a run as the gate leaves them, with every part that a problem has."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from switchyard.evaluation.rules.class_figures import class_figures
from switchyard.evaluation.rules.performance import performance_of
from switchyard.stats.paired import PairedSums
from tests.cli.report.test_report_of_importance import NEW, OLD
from tests.cli.settled_runs import CHAMPION, gate
from tests.evaluation.test_gate import rows as of_two
from tests.evaluation.test_performance import of_numbers, of_three

ROWS = {"binary": of_two, "multiclass": of_three, "regression": of_numbers}
PROBLEMS = tuple(ROWS)
CLASSES = ("no", "a word of some length", "yes")


def judged_evaluation(problem: str) -> dict[str, Any]:
    """Of 800 rows, with a champion."""
    sums = PairedSums.from_rows(problem, ROWS[problem](800, seed=1))
    classes = () if problem == "regression" else class_figures(sums, CLASSES)
    return {
        "champion": CHAMPION,
        "artifact_sha256": "12" * 32,
        "gate": gate() | {"classes": [asdict(each) for each in classes]},
        "performance": performance_of(sums, CLASSES).to_dict(),
        "importance": {"challenger": NEW.to_dict(), "champion": OLD.to_dict()},
    }
