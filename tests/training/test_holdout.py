"""The holdout cannot be evaded by spelling, and a first dataset that proves nothing leaves nothing behind."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.core.data.identity import row_identity
from switchyard.core.data.packed.packed_rows import PackedRow, beginning_of, packed_rows
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import Problem
from switchyard.core.run import Run
from switchyard.training.rules.holdout import Taken, Taking
from tests.fakes.stations import Stations

HOLDOUT, CONTRACT = "digits/holdout/holdout.csv", "digits/contract.json"
DEFAULT_GATE = {"evaluation": {"minimum_rows": 200}}


def table(rows: Iterable[Sequence[object]], header: str = "y,a,b") -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def noise(rows: int, classes: int = 2, seed: int = 1) -> list[tuple[int, int, int]]:
    chance = random.Random(seed)  # noqa: S311
    return [(chance.randrange(classes), chance.randrange(1000), chance.randrange(1000)) for _ in range(rows)]


def drop(stations: Stations, name: str, body: str) -> str:
    """What became of it: a run's id, or why there is none."""
    stations.drop(f"digits/train/{name}.csv", body)
    [upload] = [each for each in stations.uploads() if str(each["source"]).endswith(f"/{name}.csv")]
    return str(upload["run_id"] or upload["reason"])


def prepared(stations: Stations, name: str, body: str) -> Run:
    run = stations.ledger.run("digits", drop(stations, name, body))
    stations.prepare_dataset.prepare(run)
    return run


def counts(stations: Stations, run: Run) -> dict[str, int]:
    found: dict[str, int] = json.loads(stations.artifacts.read(f"digits/prepared/{run.run_id}/schema.json"))[
        "rows"
    ]
    return found


def ends(stations: Stations, run: Run, state: str = "REJECTED") -> None:
    stations.settle_run.ended(run, stations.executions.succeeds(run.run_id, state))


def pipeline_of(stations: Stations, run: Run) -> Pipeline:
    return stations.snapshots.pipeline(run)


def as_new(stations: Stations) -> bool:
    return not stations.artifacts.list("digits/holdout/")


# the same rows in another spelling


RESPELLINGS = [
    pytest.param(lambda v: f"{v}.0", id="as pandas writes a column that once had a NaN"),
    pytest.param(lambda v: f"{v}e0", id="exponents"),
    pytest.param(lambda v: f"+{v}", id="signs"),
    pytest.param(lambda v: f" {v}", id="blanks"),
    pytest.param(lambda v: f' "{v}"', id="quotes behind blanks"),
    pytest.param(lambda v: f"0{v}", id="leading zeros"),
    pytest.param(lambda v: "-0" if v == 0 else f"{v}.", id="negative zeros"),
    pytest.param(lambda v: f"{v / 10:.6f}e1", id="another scale"),
]


@pytest.mark.parametrize("spell", RESPELLINGS)
def test_rows_of_the_holdout_are_left_out_however_they_are_spelled(stations: Stations, spell: object) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    rows = noise(1500)
    first = prepared(stations, "w1", table(rows))
    stations.promote(first)
    again = prepared(stations, "w2", table([(y, spell(a), spell(b)) for y, a, b in rows]))  # type: ignore[operator]
    assert counts(stations, again) == counts(stations, first)
    assert counts(stations, again)["held_out"] >= 300


@pytest.mark.parametrize("spell", ["{:.1f}", "{:05}", "+{}"])
def test_codes_in_a_column_of_words_are_left_out_however_they_are_spelled(
    stations: Stations, spell: str
) -> None:
    stations.has_pipeline(**DEFAULT_GATE, columns={"a": "category"})
    rows = [(y, a % 40, b) for y, a, b in noise(1500)]
    first = prepared(stations, "w1", table(rows))
    stations.promote(first)
    again = prepared(stations, "w2", table([(y, spell.format(a), b) for y, a, b in rows]))
    assert counts(stations, again) == counts(stations, first)


def test_missing_values_are_one_value(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    rows = [(y, a if a % 3 else "", b) for y, a, b in noise(1500)]
    first = prepared(stations, "w1", table(rows))
    stations.promote(first)
    again = prepared(stations, "w2", table([(y, a if a != "" else "NaN", b) for y, a, b in rows]))
    assert counts(stations, again) == counts(stations, first)


def test_a_holdout_of_before_is_read_by_value(stations: Stations) -> None:
    """The layout is the same; what was frozen as text keeps its rows out in every spelling."""
    rows = noise(1500)
    stations.artifacts.write(HOLDOUT, table(rows[:300], "y, a, b").encode())
    stations.artifacts.write("digits/holdout/schema.json", b'{"features": ["a", "b"], "target": "y"}')
    stations.has_pipeline(**DEFAULT_GATE)
    run = prepared(stations, "w1", table([(y, f"{a}.0", f"{b}.00") for y, a, b in rows]))
    assert counts(stations, run)["held_out"] == sum(row in rows[:300] for row in rows)


def test_a_row_lands_in_the_same_channel_in_every_spelling(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    rows = noise(1500)
    first = prepared(stations, "w1", table(rows))
    stations.promote(first)
    second = prepared(stations, "w2", table([(y, f"{a}.0", b) for y, a, b in rows]))

    def validation(run: Run) -> set[tuple[float, ...]]:
        body = stations.artifacts.read(f"digits/prepared/{run.run_id}/validation/part-0.csv").decode()
        return {tuple(map(float, line.split(","))) for line in body.splitlines()}

    assert validation(first) == validation(second)


def test_words_for_missing_values_and_for_yes_and_no_are_handed_on_as_numbers(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    rows = [("yes" if y else "no", a if a % 3 else "NA", b % 2 == 0) for y, a, b in noise(1500)]
    first = prepared(stations, "w1", table(rows))
    assert pipeline_of(stations, first).problem is Problem.BINARY
    train = stations.artifacts.read(f"digits/prepared/{first.run_id}/train/part-0.csv").decode()
    assert set(train) <= set("0123456789,\n")
    stations.promote(first)
    again = [(int(y == "yes"), "" if a == "NA" else f"{a}.0", int(b)) for y, a, b in rows]
    assert counts(stations, prepared(stations, "w2", table(again))) == counts(stations, first)


# nothing is frozen before it is proven


@pytest.mark.parametrize("state", ["REJECTED", "INCONCLUSIVE", "ROLLED_BACK", "FAILED"])
def test_a_first_run_that_is_not_promoted_leaves_the_model_as_new(stations: Stations, state: str) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    ends(stations, prepared(stations, "w1", table([(y, a, 0) for y, a, b in noise(1500)])), state)
    assert as_new(stations)
    second = prepared(stations, "w2", table(noise(1200, 3), "y,other,columns"))
    assert pipeline_of(stations, second).problem is Problem.MULTICLASS
    assert counts(stations, second)["held_out"] >= 240
    stations.promote(second)
    known = stations.snapshots.known("digits")
    assert known is not None
    assert (known.contract.names, known.contract.classes) == (("other", "columns"), ("0", "1", "2"))


def test_a_header_with_blanks_is_read_as_without(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    first = prepared(stations, "w1", table(noise(1200), "y, a, b"))
    stations.promote(first)
    assert (
        counts(stations, prepared(stations, "w2", table(noise(1200))))["held_out"]
        == counts(stations, first)["held_out"]
    )


def test_digits_joined_by_underscores_are_refused_at_the_door_and_leave_nothing(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    why = drop(stations, "w1", table([(y, f"1_{a:03}", b) for y, a, b in noise(1200)]))
    assert "w1.csv: row 2, column 'a': not a finite number: it looks like digits joined by `_`" in why
    assert as_new(stations)
    assert counts(stations, prepared(stations, "w2", table(noise(1200))))["held_out"] == 241


@pytest.mark.parametrize("positives", [1, 3, 9])
def test_a_class_too_rare_for_a_holdout_is_named_and_how_much_data_would_do(
    stations: Stations, positives: int
) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    run = stations.ledger.run(
        "digits", drop(stations, "w1", table([(int(n < positives), n, n % 7) for n in range(1500)]))
    )
    needed = -(-1500 * 10 // positives)
    with pytest.raises(InvalidDatasetError, match=rf"of class 1 \({positives} rows?\).*about {needed} rows"):
        stations.prepare_dataset.prepare(run)
    ends(stations, run, "FAILED")
    assert as_new(stations)
    second = prepared(stations, "w2", table([(int(n % 10 == 0), n, n % 7) for n in range(3000)]))
    held = stations.artifacts.read(f"digits/prepared/{second.run_id}/holdout.csv").decode().splitlines()
    assert Counter(line.split(",")[0] for line in held[1:]) == {"0": 540, "1": 60}


def test_a_small_first_dataset_is_told_how_many_rows_would_do(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE | {"evaluation": {"small_data": "refuse"}})
    run = stations.ledger.run("digits", drop(stations, "w1", table(noise(300))))
    with pytest.raises(
        InvalidDatasetError, match=r"300 rows are too few for a first dataset.*bring 1000 rows"
    ):
        stations.prepare_dataset.prepare(run)
    ends(stations, run, "FAILED")
    assert as_new(stations)
    assert counts(stations, prepared(stations, "w2", table(noise(5000))))["held_out"] in range(1000, 1010)


def test_a_thousand_rows_are_enough(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    assert counts(stations, prepared(stations, "w1", table(noise(1000))))["held_out"] in range(200, 205)


# what belongs to the model is never inferred again


def test_a_class_that_a_later_dataset_lacks_is_no_less_a_class(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    stations.promote(prepared(stations, "w1", table(noise(1500, 3))))
    second = prepared(stations, "w2", table(noise(1500, 2, seed=2)))
    pipeline = pipeline_of(stations, second)
    assert pipeline.problem is Problem.MULTICLASS
    assert pipeline.training.hyperparameters["num_class"] == "3"
    stations.promote(second)
    third = pipeline_of(stations, prepared(stations, "w3", table(noise(1500, 3, seed=3))))
    assert third.training.hyperparameters["num_class"] == "3"


@pytest.mark.parametrize(
    ("before", "after", "named"), [(3, 4, "class 3"), (2, 3, "class 2"), (3, 6, "classes 3, 4, 5")]
)
def test_a_new_class_is_named(stations: Stations, before: int, after: int, named: str) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    stations.promote(prepared(stations, "w1", table(noise(1500, before))))
    assert f"the target has {named}, and the model knows classes 0, 1" in drop(
        stations, "w2", table(noise(1500, after))
    )


def test_a_class_that_the_owner_counted_in_is_not_new(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE, training={"hyperparameters": {"num_class": 5}})
    stations.promote(prepared(stations, "w1", table(noise(1500, 3))))
    assert (
        pipeline_of(stations, prepared(stations, "w2", table(noise(1500, 5)))).problem is Problem.MULTICLASS
    )


def test_whole_numbers_do_not_make_a_regression_a_classification(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    stations.promote(prepared(stations, "w1", table([(y + a / 7, a, b) for y, a, b in noise(1500)])))
    assert pipeline_of(stations, prepared(stations, "w2", table(noise(1500)))).problem is Problem.REGRESSION


def test_another_problem_than_the_model_s_is_refused(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    stations.promote(prepared(stations, "w1", table(noise(1500, 3))))
    stations.has_pipeline(**DEFAULT_GATE, problem="regression")
    assert "regression is stated, and the model is a multiclass one" in drop(
        stations, "w2", table(noise(1500, 3))
    )


def test_a_model_older_than_the_record_has_its_champion_s_problem(stations: Stations) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    stations.promote(prepared(stations, "w1", table(noise(1500, 3))))
    del stations.artifacts.objects[CONTRACT]
    stations.artifacts.write("digits/holdout/schema.json", b'{"features": ["a", "b"], "target": "y"}')
    second = prepared(stations, "w2", table(noise(1500, 2)))
    assert pipeline_of(stations, second).training.hyperparameters["num_class"] == "3"
    stations.promote(second)
    known = stations.snapshots.known("digits")
    assert known is not None
    assert known.problem is Problem.MULTICLASS


def test_what_was_admitted_before_the_model_had_a_problem_of_its_own_is_asked_for_again(
    stations: Stations,
) -> None:
    stations.has_pipeline(**DEFAULT_GATE)
    first = prepared(stations, "w1", table(noise(1500, 3)))
    waiting = stations.ledger.run("digits", drop(stations, "w2", table(noise(1500, 2))))
    stations.promote(first)
    with pytest.raises(InvalidDatasetError, match=r"admitted as a binary problem.*drop it again"):
        stations.prepare_dataset.prepare(waiting)


# which rows are taken


def taken(rows: Sequence[tuple[bytes, int]], minimum_rows: int = 2) -> Taken:
    taking = Taking(are_classes=True, minimum_rows=minimum_rows)
    for at in range(0, len(rows), 7):
        some = rows[at : at + 7]
        taking.add([beginning_of(digest) for digest, _ in some], [code for _, code in some])
    return taking.taken()


def held_by(found: Taken, rows: Sequence[tuple[bytes, int]]) -> set[tuple[bytes, int]]:
    packed = packed_rows(PackedRow(digest, code, b"") for digest, code in rows)
    return set(compress(rows, found.holds(packed)))


@given(
    sizes=st.lists(st.integers(10, 120), min_size=2, max_size=4),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=50)
def test_a_fifth_of_each_class_is_taken_in_whatever_order_the_rows_come(
    sizes: list[int], order: random.Random
) -> None:
    rows = [
        (row_identity([float(n), float(label)]), label)
        for label, size in enumerate(sizes)
        for n in range(size)
    ]
    first = taken(rows)
    held = held_by(first, rows)
    for label, size in enumerate(sizes):
        assert sum(found == label for _, found in held) == max(5, -(-size // 5))
    order.shuffle(rows)
    again = taken(rows)
    assert held_by(again, rows) == held
