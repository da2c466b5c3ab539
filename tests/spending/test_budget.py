"""May a run start? Laws of the month's budget."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.config.rules.prices import US_EAST_1, Usage
from switchyard.core.ledger.costs import RESERVED, SETTLED, Costs, Entry, spent
from switchyard.core.pipeline import Budget
from switchyard.spending.rules.budget import month_of, objection
from switchyard.spending.rules.cost import Estimate, Part, cost_of
from tests.fakes.store import MemoryItems

MONTH = "2026-11"
MONEY = st.floats(0.001, 100)


def run_cost(usd: float, instance_type: str = "ml.m5.large") -> Estimate:
    part = Part("training", Usage.TRAINING, instance_type, 1, usd / 0.115 * 3600)
    return Estimate(cost_of([part], US_EAST_1), cost_of([part], US_EAST_1))


def refused(usd: float, spent: float = 0.0, monthly: float | None = 50.0, run: float | None = None) -> str:
    return objection(Budget(monthly, run), run_cost(usd), spent, MONTH)


def test_without_a_budget_nothing_is_refused() -> None:
    assert objection(Budget(), run_cost(1e9, "ml.m4.xlarge"), 1e9, MONTH) == ""


def test_what_does_not_fit_into_the_month_is_refused_with_the_numbers_and_what_to_do() -> None:
    said = refused(3.2, 48.1)
    assert "$3.20 expected" in said
    assert "$48.10 of $50.00 spent in 2026-11" in said
    assert said.endswith("raise budget.monthly_usd in pipeline.yaml and drop it again, or wait for December")


def test_one_run_has_a_limit_of_its_own() -> None:
    assert refused(3.2, run=3.2, monthly=None) == ""
    assert "$3.30 expected" in refused(3.3, run=3.2, monthly=None)
    assert "budget.run_usd" in refused(3.3, run=3.2)


def test_a_budget_that_no_price_can_hold_stops_the_run() -> None:
    said = objection(Budget(50.0), run_cost(1.0, "ml.m4.xlarge"), 0.0, MONTH)
    assert "there is no price of ml.m4.xlarge for training" in said
    assert "prices.json" in said


def test_the_last_cent_may_be_spent() -> None:
    assert refused(0.1 + 0.2, 49.7) == ""


@given(st.lists(st.tuples(MONEY, MONEY), max_size=30), MONEY)
def test_a_month_ends_over_its_budget_by_the_last_run_s_error_at_most(
    runs: list[tuple[float, float]], cap: float
) -> None:
    """Of runs one after the other, each expected to cost so much and then costing so much."""
    costs, error = Costs(MemoryItems()), 0.0
    for at, (expected, actual) in enumerate(runs):
        so_far = spent(costs.entries("m", MONTH))
        if not refused(expected, so_far, cap):
            costs.put("m", MONTH, Entry(f"r{at}", expected, RESERVED))
            assert spent(costs.entries("m", MONTH)) <= cap + 1e-4
            costs.put("m", MONTH, Entry(f"r{at}", actual, SETTLED))
            error = max(0.0, actual - expected)
    assert spent(costs.entries("m", MONTH)) <= cap + error + 1e-4


@given(st.lists(st.tuples(st.integers(0, 4), MONEY, st.sampled_from([RESERVED, SETTLED])), max_size=40))
def test_a_run_counts_once_however_often_it_is_settled(told: list[tuple[int, float, str]]) -> None:
    costs = Costs(MemoryItems())
    for run, usd, kind in told:
        costs.put("m", MONTH, Entry(str(run), usd, kind))
    last = {run: usd for run, usd, _ in told}
    assert spent(costs.entries("m", MONTH)) == pytest.approx(sum(last.values()), abs=1e-4)


def test_months_and_models_do_not_share() -> None:
    costs = Costs(MemoryItems())
    costs.put("m", MONTH, Entry("r", 5.0, SETTLED))
    costs.put("m", "2026-12", Entry("r", 7.0, SETTLED))
    costs.put("n", MONTH, Entry("r", 9.0, SETTLED))
    assert (spent(costs.entries("m", MONTH)), spent(costs.entries("m", MONTH), besides="r")) == (5.0, 0.0)


def test_only_a_reservation_can_be_taken_back() -> None:
    costs = Costs(MemoryItems())
    costs.put("m", MONTH, Entry("a", 5.0, RESERVED))
    costs.put("m", MONTH, Entry("b", 7.0, SETTLED))
    for run in ("a", "b", "c"):
        costs.forget("m", MONTH, run)
    assert costs.entries("m", MONTH) == [Entry("b", 7.0, SETTLED)]


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-11-30T23:59:59+00:00", "2026-11"),
        ("2026-12-01T00:00:00+00:00", "2026-12"),
        ("2026-12-01T00:30:00+01:00", "2026-11"),
        ("2026-12-31T23:59:59-05:00", "2027-01"),
    ],
)
def test_months_turn_at_midnight_utc(moment: str, month: str) -> None:
    assert month_of(datetime.fromisoformat(moment).timestamp()) == month


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_whoever_waits_is_told_the_next_month(moment: datetime) -> None:
    month = month_of(moment.timestamp())
    said = objection(Budget(1.0), run_cost(2.0), 0.0, month)
    following = datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1, tzinfo=UTC)
    assert said.endswith(f"wait for {following:%B}")
