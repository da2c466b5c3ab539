"""What changed between two datasets: nothing with itself, the biggest first, and never what chance brings forth."""

import json
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.core.data.contract import Contract, Feature, Kind
from switchyard.core.policy import Problem
from switchyard.training.rules.dataset_diff import LISTED, DatasetDiff, dataset_diff
from switchyard.training.rules.distribution import InputDistribution, Sample

Rows = list[list[str]]
KINDS = {"age": Kind.NUMBER, "job": Kind.CATEGORY, "note": Kind.TEXT, "member": Kind.BOOLEAN}


def contract(kinds: dict[str, Kind] = KINDS, problem: Problem = Problem.BINARY) -> Contract:
    features = tuple(Feature(name, kind) for name, kind in kinds.items())
    return Contract("left", features, problem, () if problem is Problem.REGRESSION else ("no", "yes"))


def sample_of(rows: Rows, found: Contract | None = None) -> Sample:
    sample = Sample(found or contract())
    for at, row in enumerate(rows):
        sample.add(at.to_bytes(32), row)
    return sample


def diff(before: Sample, after: Sample, rows: tuple[int, int] = (1000, 1000)) -> DatasetDiff:
    """As it is made: of what is kept of the older, as JSON."""
    kept = json.loads(json.dumps(before.distribution(rows[0]).to_dict()))
    old = InputDistribution.from_dict(kept)
    return dataset_diff("digits-old", old, after.distribution(rows[1], like=old))


def churn(count: int, seed: int) -> Rows:
    """People leave the more, the older they are, and clerks more than others."""
    chance, rows = random.Random(seed), list[list[str]]()  # noqa: S311
    for _ in range(count):
        age, job = chance.gauss(40, 10), chance.choice(("clerk", "nurse", "smith"))
        leaves = chance.random() < (0.8 if age > 45 else 0.1) + (0.2 if job == "clerk" else 0.0)
        rows.append(["yes" if leaves else "no", f"{age:.1f}", job, "a note", str(chance.randrange(2))])
    return rows


def changed(rows: Rows, column: int, change: Callable[[str], str]) -> Rows:
    return [[*row[:column], change(row[column]), *row[column + 1 :]] for row in rows]


field = st.sampled_from(["", "a", "b", "c", "d"])
number = st.integers(-5, 5).map(str) | st.just("")
tables = st.lists(
    st.tuples(st.sampled_from(["no", "yes"]), number, field, field, st.sampled_from(["0", "1", ""])).map(
        list
    ),
    min_size=1,
    max_size=40,
)


@given(tables)
def test_a_dataset_does_not_differ_from_itself(rows: Rows) -> None:
    found = diff(sample_of(rows), sample_of(rows))
    assert (found.columns, found.unlisted) == ((), 0)
    assert found.says.startswith("No column differs")


@settings(max_examples=60)
@given(tables, tables)
def test_two_datasets_differ_in_order_by_size_and_survive_being_written(first: Rows, second: Rows) -> None:
    found = diff(sample_of(first), sample_of(second))
    sizes = [each.size for each in found.columns]
    assert sizes == sorted(sizes, reverse=True)
    assert all(each.size > 0 for each in found.columns)
    assert all((each.size >= 1) == bool(each.notable) for each in found.columns)
    assert all(value is None or value >= 0 for each in found.columns for value in (each.drift, each.relation))
    assert DatasetDiff.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@given(tables, tables)
def test_what_came_one_way_went_the_other(first: Rows, second: Rows) -> None:
    there = {each.name: each for each in diff(sample_of(first), sample_of(second)).columns}
    back = {each.name: each for each in diff(sample_of(second), sample_of(first)).columns}
    for name in there.keys() & back.keys():
        assert (there[name].gained, there[name].lost) == (back[name].lost, back[name].gained)
        assert there[name].missing == back[name].missing[::-1]


@pytest.mark.parametrize("count", [120, 1000, 4000])
def test_two_samples_of_one_law_have_nothing_worth_naming(count: int) -> None:
    for seed in range(12):
        found = diff(sample_of(churn(count, seed)), sample_of(churn(2 * count, 100 + seed)))
        assert [each for each in found.columns if each.notable] == []


def largest(second: Rows, first: Rows | None = None) -> tuple[str, tuple[str, ...], str]:
    found = diff(sample_of(first or churn(2000, 1)), sample_of(second))
    return found.columns[0].name, found.columns[0].notable, found.says


def test_a_column_that_moved_is_first_and_named() -> None:
    name, notable, says = largest(changed(churn(2000, 2), 1, lambda age: f"{float(age) + 30:.1f}"))
    assert (name, "drift" in notable) == ("age", True)
    assert "'age'" in says


def test_labels_that_say_something_else_are_named_though_no_column_moved() -> None:
    """As after a shifted join: every column and the target are distributed as before."""
    rows = churn(2000, 1)
    labels = [row[0] for row in rows]
    name, notable, says = largest(
        [[label, *row[1:]] for label, row in zip(labels[1:] + labels[:1], rows, strict=True)]
    )
    assert (name, notable) == ("age", ("relation",))
    assert says == (
        "Against the data of digits-old, the target 'left' goes with 'age' otherwise than before "
        "(were labels joined to the wrong rows?)."
    )


def test_values_that_are_missing_now_are_named_by_their_share() -> None:
    rows = churn(2000, 1)
    some = [[*row[:3], "" if at % 4 else row[3], row[4]] for at, row in enumerate(rows)]
    name, notable, says = largest(some, rows)
    assert (name, notable) == ("note", ("missing",))
    assert "'note' is missing in 75.0% of the rows (0.0% before)" in says


def test_categories_come_and_go_by_name_and_rare_ones_by_number() -> None:
    rows = churn(2000, 1)
    later = [[*row[:2], "astronaut" if row[2] == "smith" else row[2], *row[3:]] for row in rows]
    later[0][2] = later[1][2] = "a single person's own job"
    [job] = [each for each in diff(sample_of(rows), sample_of(later)).columns if each.name == "job"]
    assert (job.gained, job.lost, job.rare) == (("astronaut",), ("smith",), (1, 0))
    assert {"gained", "lost"} <= set(job.notable)


def test_fewer_rows_are_named() -> None:
    same = sample_of(churn(500, 1))
    assert diff(same, same, (80_000, 600)).says.endswith("there are 600 rows, and were 80,000.")


def test_columns_that_come_go_or_are_of_another_kind_are_first() -> None:
    rows = churn(300, 1)
    other = {"age": Kind.CATEGORY, "town": Kind.CATEGORY, "note": Kind.TEXT, "member": Kind.BOOLEAN}
    found = diff(sample_of(rows), sample_of(rows, contract(other)))
    assert [(each.name, each.kinds) for each in found.columns] == [
        ("age", ("number", "category")),
        ("job", ("category", "")),
        ("town", ("", "category")),
    ]
    assert "'age' is read as category, and was read as number" in found.says


def test_a_target_that_is_a_number_moves_like_a_column() -> None:
    rows = changed(churn(800, 1), 0, lambda _: "1.5")
    numbers = [[f"{at % 40}", *row[1:]] for at, row in enumerate(rows)]
    regression = contract(problem=Problem.REGRESSION)
    later = changed(numbers, 0, lambda value: f"{float(value) * 3:g}")
    found = diff(sample_of(numbers, regression), sample_of(later, regression))
    assert found.columns[0].name == "left"
    assert "the target 'left' is distributed otherwise" in found.says


def test_a_wide_table_is_listed_in_part() -> None:
    names = {f"c{at}": Kind.NUMBER for at in range(LISTED + 40)}
    values: Sequence[int] = range(60)
    first = [[("no", "yes")[at % 2], *[str(at)] * len(names)] for at in values]
    second = [[("no", "yes")[at % 2], *[str(at + 50)] * len(names)] for at in values]
    found = diff(sample_of(first, contract(names)), sample_of(second, contract(names)))
    assert (len(found.columns), found.unlisted) == (LISTED, 40)


def test_what_an_older_version_kept_is_held_against_as_far_as_it_goes() -> None:
    older = InputDistribution.from_dict(
        {"features": [{"name": "age", "cuts": [40.0], "shares": [0.5, 0.5, 0.0]}]}
    )
    after = sample_of(changed(churn(500, 1), 1, lambda _: "99")).distribution(500, like=older)
    found = {each.name: each for each in dataset_diff("digits-old", older, after).columns}
    assert found["age"].drift is not None
    assert found["age"].drift > 1
