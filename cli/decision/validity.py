"""Would a pipeline.yaml be taken, whatever the data? Also `switchyard-validate`, which needs little beside it."""

from __future__ import annotations

import sys
from pathlib import Path

from switchyard.config import door
from switchyard.config.yaml_text import read_yaml
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidInputError, InvalidPipelineError
from switchyard.core.policy import Problem

LABELS: dict[Problem, set[float]] = {
    Problem.BINARY: {0.0, 1.0},
    Problem.MULTICLASS: {0.0, 1.0, 2.0},
    Problem.REGRESSION: {0.5, 1.5, 2.5},
}


def fault_of(path: Path) -> str:
    """Nothing where some data exist for which the file is taken: what the target is, only they can tell."""
    try:
        text = path.read_text(encoding="utf-8")
        document = read_yaml(str(path), text)
    except OSError as unreadable:
        return f"cannot be read: {unreadable.strerror}"
    except UnicodeDecodeError as unreadable:
        return f"not UTF-8 text ({unreadable.reason}); save it as UTF-8"  # as the door says it
    except InvalidPipelineError as refused:
        return str(refused)
    fields = document if isinstance(document, dict) else {}
    name, stated = str(fields.get("name", "")), fields.get("problem")
    problems = [Problem(stated)] if stated in list(Problem) else list(Problem)
    faults = [_refusal(name, text, problem) for problem in problems]
    nameless = "/pipeline.yaml: "  # where a file does not say whose it is
    return faults[0].removeprefix(nameless) if all(faults) else ""


def _refusal(name: str, text: str, problem: Problem) -> str:
    labels = LABELS[problem]
    try:
        if door.retires(name, text):
            return ""
        door.parse(name, text, LabelStatistics(len(labels), {*labels}))
    except InvalidInputError as refused:
        return str(refused)
    return ""


def main() -> None:
    """For pre-commit: names of files as arguments, exit status 1 where one would be refused."""
    faults = [f"{path}: {fault}" for path in map(Path, sys.argv[1:]) if (fault := fault_of(path))]
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(1 if faults else 0)
