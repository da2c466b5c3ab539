"""Every reason that may end a run says what to do: read off the code, so that a new one is found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENDS_A_RUN = {
    "ContractError",
    "InvalidDatasetError",
    "InvalidPipelineError",
    "JobFailedError",
    "MismatchError",
    "MissingError",
    "NoCapacityError",
    "PolicyError",
    "StuckError",
}
# What a person may do, and a value that is wrong beside those that are right.
ADVICE = re.compile(
    r"\b(add|approve|begin|bring|choose|close|convert|copy|correct|declare|drop|end every|give|keep|leave|lower|make"
    r"|mend|must|put|raise|remove|rename|replace|restore|retry|run the|save|set|split|swap|take|upload"
    r"|use|wait|write|known|anew|Next)\b"
)


class Reason(NamedTuple):
    """said: as the code has it, {} for what is put in."""

    place: str
    error: str
    said: str


def reasons() -> Iterator[Reason]:
    for path in sorted((ROOT / "functions/switchyard").rglob("*.py")):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if any(f"raise {name}" in text for name in ENDS_A_RUN) else ():
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                name = ast.unparse(node.exc.func).rpartition(".")[2]
                if name in ENDS_A_RUN:
                    said = " ".join(map(text_of, node.exc.args))
                    yield Reason(f"{path.relative_to(ROOT)}:{node.lineno}", name, said)


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp):
        return text_of(node.left) + text_of(node.right)
    return "{}"


def own_words(reason: Reason) -> bool:
    """One that only puts a place in front of what another said is no reason of its own."""
    return re.search(r"[a-z]{3,} [a-z]{2,}", reason.said.replace("{}", "|")) is not None


OWN = [each for each in reasons() if own_words(each)]


def test_reasons_are_found() -> None:
    assert len(OWN) > 80


@pytest.mark.parametrize("reason", OWN, ids=lambda reason: reason.place)
def test_it_says_what_to_do(reason: Reason) -> None:
    advice = ADVICE.search(reason.said) or reason.said.rstrip().endswith("{}")
    assert advice, f"{reason.place}: {reason.error}: {reason.said!r} says what is wrong, and not what to do"
