"""docs/promises.md names tests, inputs and invariants that are there, and leaves no invariant out."""

import re
from pathlib import Path

import pytest

from switchyard.closing.rules.invariants import INVARIANTS
from switchyard.closing.rules.leftover_invariants import EXPLAINED
from tests.hostile.recipes import book

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/promises.md").read_text()
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
PARTS = PAGE.split("\n## ")


def named(title: str, column: int) -> set[str]:
    """What stands between backticks in that column of the table of that part."""
    [part] = [each for each in PARTS if each.startswith(title)]
    cells = [line.split("|")[column] for line in part.splitlines() if line.startswith("|")]
    return set(re.findall(r"`([^`]+)`", " ".join(cells)))


@pytest.mark.parametrize(("file", "test"), TESTS)
def test_a_test_that_is_named_is_there(file: str, test: str) -> None:
    assert re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_every_invariant_has_its_line_and_no_line_has_another() -> None:
    assert named("What must hold of every model", 3) == {*INVARIANTS, EXPLAINED}
    assert [number for number in range(1, 17) if f"| I{number} |" not in PAGE] == []


def test_every_input_that_is_named_is_a_recipe() -> None:
    assert named("Inputs that were tried first", 2) - book().recipes.keys() == set()
