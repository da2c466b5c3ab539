"""May somebody do something? Asked of a kept evaluator: MiniStack's, in its own environment (evaluate.py)."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.contract.cloudformation import ROOT

INTERPRETER = ROOT / ".venvs/ministack/bin/python"
SECONDS = 240


@dataclass(frozen=True)
class Question:
    """service: who asks, of a policy whose statements name principals; empty for the policies of a role."""

    action: str
    resource: str
    statements: Sequence[Mapping[str, Any]]
    context: Mapping[str, str] = field(default_factory=dict)
    service: str = ""

    def to_dict(self) -> dict[str, Any]:
        asked = {
            "action": self.action,
            "resource": self.resource,
            "context": dict(self.context),
            "statements": list(self.statements),
        }
        return asked | ({"service": self.service} if self.service else {})


def answers(questions: Sequence[Question]) -> list[bool]:
    """True for each that is allowed, in one go: the evaluator takes longer to start than to answer."""
    asked = json.dumps([question.to_dict() for question in questions])
    command = [str(INTERPRETER), str(ROOT / "tests/contract/evaluate.py")]
    ended = subprocess.run(
        command, input=asked, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=ROOT
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    found: list[bool] = json.loads(ended.stdout)
    return found
