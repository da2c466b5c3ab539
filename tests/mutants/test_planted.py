"""The planted bugs still apply to the code as it is, and the tests that must find them are there."""

import pytest

from tests.mutants.planted import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_bug_applies_and_its_killer_is_there(mutant: Mutant) -> None:
    assert mutant.planted(ROOT) != (ROOT / mutant.file).read_text()
    assert f"def {mutant.killer}(" in (ROOT / mutant.where).read_text()


def test_there_are_enough_planted_bugs() -> None:
    assert len({mutant.name for mutant in MUTANTS}) >= 24
