"""Blocks that cannot have been observed are refused, with the field and the reason."""

import pytest

from switchyard.core.errors import InvalidInputError
from switchyard.core.evidence import Block, EvidenceError, heavier

GOOD = {"metric": "errors", "block": "1", "stage": 0, "n0": 90, "s0": 1, "n1": 10, "s1": 0}


@pytest.mark.parametrize("field", ["n0", "s0", "n1", "s1"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), -0.5])
def test_negative_and_non_finite_counts_are_refused(field, value):
    with pytest.raises(EvidenceError, match="must be finite and not negative") as refused:
        Block(**{**GOOD, field: value})
    assert refused.value.field == field


@pytest.mark.parametrize(("field", "value"), [("s0", 91), ("s1", 10.5)])
def test_more_losses_than_requests_are_refused(field, value):
    with pytest.raises(EvidenceError, match="exceeds the") as refused:
        Block(**{**GOOD, field: value})
    assert refused.value.field == field


def test_a_negative_stage_is_refused():
    with pytest.raises(EvidenceError, match="stage: must be 0 or more"):
        Block(**{**GOOD, "stage": -1})


def test_refusals_are_invalid_input():
    assert issubclass(EvidenceError, InvalidInputError)


def test_the_version_with_more_requests_stands_whatever_comes_first():
    early, late = Block(**GOOD), Block(**{**GOOD, "n1": 12})
    assert heavier(late, early)
    assert not heavier(early, late)
    assert not heavier(early, early)
