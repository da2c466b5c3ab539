"""Sums apart for each value of a column."""

from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.gate_policy import GateMetric, GatePolicy
from switchyard.evaluation.rules.gate import Evaluation, GateOutcome, judge_gate
from switchyard.evaluation.rules.slices import KEPT, KEPT_A_CHUNK, merged, sliced
from switchyard.stats.paired import PairedSums

RIGHT, WRONG = 0.9, 0.1
ROW = st.tuples(st.sampled_from("abcde"), st.sampled_from([0.0, 1.0]), st.floats(0, 1), st.floats(0, 1))


def pairs_of(rows):
    return [(label, old, new) for _, label, old, new in rows]


@given(st.lists(ROW, min_size=1, max_size=60), st.integers(1, 7))
def test_slices_of_a_column_add_up_to_the_whole_however_it_is_chunked(rows, size):
    chunks = [rows[at : at + size] for at in range(0, len(rows), size)]
    found = merged({"group": sliced("binary", [row[0] for row in c], pairs_of(c))} for c in chunks)
    assert set(found) == {f"group={row[0]}" for row in rows}
    assert sum(sums.rows for sums in found.values()) == len(rows)
    for value in {row[0] for row in rows}:
        own = [row for row in rows if row[0] == value]
        whole = PairedSums.from_rows("binary", pairs_of(own))
        assert found[f"group={value}"].rows == whole.rows
        assert found[f"group={value}"].classes == whole.classes


def test_only_the_most_frequent_values_have_a_name():
    values = [f"v{n}" for n in range(200) for _ in range(1 + (n < 5))]
    chunk = {"id": sliced("binary", values, [(1.0, RIGHT, RIGHT)] * len(values))}
    assert len(chunk["id"]) == KEPT_A_CHUNK + 1
    found = merged([chunk, chunk])
    assert len(found) == KEPT + 1
    assert {f"id=v{n}" for n in range(5)} < set(found)
    assert found["id: other"].rows + sum(s.rows for n, s in found.items() if "=" in n) == 2 * len(values)


def test_an_empty_value_is_not_a_name_of_its_own():
    found = merged([{"c": sliced("binary", ["", "a"], [(1.0, RIGHT, RIGHT)] * 2)}])
    assert set(found) == {"c=a", "c: other"}


def test_values_that_begin_alike_are_slices_of_their_own():
    """Texts are shown by their first signs, and of two that are shown alike one took the other's place."""
    values = ["x" * 80 + "a", "x" * 80 + "b", "y"] * 4
    found = merged([{"t": sliced("binary", values, [(1.0, 0.5, 0.5)] * 12)}])
    assert {name: sums.rows for name, sums in found.items()} == {
        f"t={'x' * 60}": 4,
        f"t={'x' * 60} (2)": 4,
        "t=y": 4,
    }


def test_a_model_that_ruins_one_slice_fails_though_it_is_as_good_on_the_whole():
    """1,000 of 20,000 rows are of group b: there 60 % of answers become wrong, elsewhere a few become right."""
    rows = [("a", 1.0, WRONG if n % 20 == 0 else RIGHT, RIGHT) for n in range(19_000)]
    rows += [("b", 1.0, RIGHT, WRONG if n % 5 < 3 else RIGHT) for n in range(1_000)]
    sums = PairedSums.from_rows("binary", pairs_of(rows))
    slices = merged([{"group": sliced("binary", [row[0] for row in rows], pairs_of(rows))}])
    policy = GatePolicy(metrics={"accuracy": GateMetric(0.01, floor=0.0)})
    assert judge_gate(Evaluation(sums), policy).outcome is GateOutcome.PASS
    verdict = judge_gate(Evaluation(sums, slices), policy)
    assert verdict.outcome is GateOutcome.FAIL
    assert verdict.reason.startswith("accuracy in group=b: worse by 0.6")
