"""The verdict on rows that both models scored: promote, roll back, wait; with an interval that fits it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.evidence import Block, Evidence, EvidenceError
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.labels.rules.coverage import too_few
from switchyard.rollout.rules.verdict import Outcome, Verdict, judge

POLICY = RolloutPolicy(
    steps=(50,), metrics={"label_error": MetricPolicy(0.05, paired=True)}, sample_ratio_alpha=0.0
)


def drop(name: str, rows: int, better: int, worse: int, both: int = 0) -> Block:
    """`better`: rows that the challenger alone got right; `worse`: the champion alone."""
    lost = float(both + better), float(both + worse)
    return Block("label_error", name, 0, rows, lost[0], rows, lost[1], both=float(both))


def verdict(*drops: Block, elapsed: float = 60.0) -> Verdict:
    return judge(Evidence(drops, 0, elapsed), POLICY)


@pytest.mark.parametrize(
    ("better", "worse", "outcome"),
    [(30, 30, Outcome.PROMOTE), (20, 90, Outcome.ROLLBACK), (30, 55, Outcome.CONTINUE)],
)
def test_a_thousand_rows_decide_by_those_that_tell_the_models_apart(
    better: int, worse: int, outcome: Outcome
) -> None:
    assert verdict(drop("a", 1000, better, worse, both=100)).outcome is outcome


def test_nothing_is_decided_of_no_rows_until_the_deadline() -> None:
    assert verdict().outcome is Outcome.CONTINUE
    late = verdict(elapsed=POLICY.deadline_seconds)
    assert late.outcome is Outcome.INCONCLUSIVE
    assert "no verdict within" in late.reason


@given(
    drops=st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)),
        min_size=1,
        max_size=5,
    ),
    shuffled=st.randoms(use_true_random=False),
)
def test_drops_add_up_in_any_order_and_the_difference_lies_in_its_interval(
    drops: list[tuple[int, int, int, int]], shuffled: object
) -> None:
    blocks = [
        drop(str(at), same + better + worse + both, better, worse, both)
        for at, (same, better, worse, both) in enumerate(drops)
    ]
    other = list(blocks)
    shuffled.shuffle(other)  # type: ignore[attr-defined]
    [one], [two] = verdict(*blocks).metrics, verdict(*other).metrics
    assert one.log_e_promote == pytest.approx(two.log_e_promote)
    rows = sum(block.n0 for block in blocks)
    if rows:
        assert one.lower <= (one.s1 - one.s0) / rows <= one.upper


def test_what_both_lost_must_be_possible() -> None:
    with pytest.raises(EvidenceError, match="cannot be lost by both"):
        Block("m", "a", 0, 10, 2.0, 10, 8.0, both=3.0)
    with pytest.raises(EvidenceError, match="cannot be lost by both"):
        Block("m", "a", 0, 10, 8.0, 10, 8.0, both=5.0)
    with pytest.raises(EvidenceError, match="answered by both models"):
        Block("m", "a", 0, 10, 1.0, 9, 1.0, both=1.0)
    with pytest.raises(EvidenceError, match="does not say which rows both lost"):
        verdict(Block("label_error", "a", 0, 10, 1.0, 10, 1.0))


@pytest.mark.parametrize(("missing", "said"), [(0, False), (10, False), (14, False), (60, True), (100, True)])
def test_too_few_labels_cannot_decide(missing: int, said: bool) -> None:
    lost = float(missing)
    blocks = [Block("missing", "a", 0, 100, lost, 100, lost, both=lost)]
    assert bool(too_few(blocks, "missing", 0.1)) is said
    assert too_few([], "missing", 0.1) == ""
