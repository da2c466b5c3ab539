"""The contract of the data is one form on both sides: what functions write, the container reads as it was meant."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.features.books import canonical
from container.features.contract import KINDS, ContractError
from container.features.contract import read_contract as read_by_container
from container.features.dates import date_parts
from switchyard.core.data.contract import Contract, Feature, Kind
from switchyard.core.data.dates import read_date
from switchyard.core.data.normalized_text import clean
from switchyard.core.policy import Problem

names = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), min_size=1, unique=True
)


OF_TABLES = tuple(kind for kind in Kind if kind is not Kind.RECORD)


@given(names, names, st.sampled_from(Problem), st.sampled_from(["", "w"]), st.randoms())
def test_a_contract_of_functions_is_read_by_the_container(columns, classes, problem, weight, draw) -> None:
    features = tuple(Feature(name, draw.choice(OF_TABLES)) for name in columns)
    written = Contract("y", features, problem, tuple(classes), ("id",), weight=weight).to_json()
    read = read_by_container(written)
    assert [(item.name, item.kind) for item in read.features] == [(item.name, item.kind) for item in features]
    assert (read.problem, list(read.classes), read.weight) == (problem.value, classes, weight)


def test_both_sides_know_the_same_kinds_of_columns() -> None:
    assert set(KINDS) == {kind.value for kind in OF_TABLES}


def test_the_container_reads_tables_alone() -> None:
    with pytest.raises(ContractError, match="kind is 'record': it must be number, "):
        read_by_container(
            Contract("y", (Feature("image", Kind.RECORD),), Problem.BINARY, ("a", "b")).to_json()
        )


def test_a_contract_whose_problem_is_not_on_record_is_refused() -> None:
    with pytest.raises(ContractError, match="problem is None: it must be binary, multiclass or regression"):
        read_by_container(Contract("y", (Feature("a"),)).to_json())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_both_sides_take_the_same_texts_for_one_category(text: str) -> None:
    assert canonical(text) == clean(text) == canonical(clean(text))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-14, 14))
def test_the_one_form_of_a_date_is_the_same_instant(moment: datetime, hours: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    written = read_date(zoned.isoformat())
    assert written is not None
    assert date_parts(written) == date_parts(zoned.isoformat())
    assert date_parts(written)[1:4] == zoned.astimezone(UTC).timetuple()[:3]
