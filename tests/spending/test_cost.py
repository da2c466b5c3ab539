"""What a run costs, before and after."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.config.rules.prices import US_EAST_1, Usage
from switchyard.core.pipeline import Guardrails
from switchyard.spending.rules.billing import (
    processing_seconds,
    training_seconds,
    transform_seconds,
    tuning_seconds,
)
from switchyard.spending.rules.cost import Cost, Estimate, Part, cost_of, dollars, estimate
from tests.fakes.pipelines import pipeline

LARGE = "ml.m5.large"
SPARK = {"problem": "binary", "prepare": {"kind": "spark", "entry_point": "prepare.py"}}
DEPTH = {"max_jobs": 4, "parameters": {"max_depth": {"min": 2, "max": 6}}}
GRID = {
    "strategy": "Grid",
    "parameters": {"max_depth": {"values": [2, 4, 6]}, "eta": {"values": ["0.1", "0.2"]}},
}


def estimated(*past: Cost, champion: bool = True, **parts: Any) -> Estimate:
    return estimate(pipeline(**parts), champion, past, US_EAST_1)


def seconds(cost: Cost) -> dict[str, tuple[int, float]]:
    """(instances, seconds) by part."""
    return {part.what: (part.instances, part.seconds) for part in cost.parts}


def bill(what: str, each: float, instance_type: str = LARGE) -> Cost:
    return cost_of([Part(what, Usage.TRAINING, instance_type, 1, each)], US_EAST_1)


def test_a_first_run_is_estimated_by_what_is_declared() -> None:
    found = estimated(training={"max_runtime_seconds": 3600}, rollout={"deadline_seconds": 7200})
    assert seconds(found.expected) == {
        "training": (1, 3600),
        "alpha endpoint": (2, 900),
        "rollout": (1, 7200),
    }
    assert {part.basis for part in found.expected.parts} == {"declared", "assumed"}
    assert found.expected.usd == pytest.approx(0.115 * (1 + 2 / 4 + 2))
    assert found.most.usd == pytest.approx(0.115 * (1 + 2 + 2))


def test_a_first_deployment_has_one_model_and_no_rollout() -> None:
    assert "rollout" not in seconds(estimated(champion=False).most)
    assert seconds(estimated(champion=False).most)["alpha endpoint"][0] == 1


def test_the_alpha_endpoint_has_one_instance_a_model_however_many_serve() -> None:
    large = {"deployment": {"instance_count": 10}}
    assert pipeline(**large).on_alpha.deployment.instance_count == 1
    assert seconds(estimated(**large).most)["alpha endpoint"][0] == 2
    assert seconds(estimated(**large).most)["rollout"][0] == 10


@pytest.mark.parametrize("mode", ["serverless", "async", "batch"])
def test_where_nothing_stands_beside_the_champion_a_rollout_costs_nothing(mode: str) -> None:
    assert "rollout" not in seconds(estimated(deployment={"mode": mode}).most)


def test_each_way_has_its_parts() -> None:
    found = estimated(
        **SPARK,
        tuning=DEPTH,
        training={"max_runtime_seconds": 60, "instance_count": 2, "image": "own:1"},
        evaluation={"via": "transform"},
    )
    assert seconds(found.most) == {
        "preparation": (1, 3600),
        "tuning": (2, 240),
        "holdout transforms": (1, 7200),
        "rollout": (1, 86400),
    }


def test_a_grid_has_as_many_jobs_as_combinations() -> None:
    found = estimated(tuning=GRID, training={"max_runtime_seconds": 60})
    assert seconds(found.most)["tuning"] == (1, 360)


def test_declared_traffic_shortens_the_expected_rollout_and_not_the_longest() -> None:
    found = estimated(rollout={"requests_per_minute": 3000})
    assert seconds(found.expected)["rollout"][1] < seconds(found.most)["rollout"][1] == 86400


def test_guardrails_take_their_waits() -> None:
    guarded = replace(
        pipeline(deployment={"instance_count": 2}),
        guardrails=Guardrails(wait_seconds=100, termination_wait_seconds=20),
    )
    found = estimate(guarded, True, (), US_EAST_1)
    assert (seconds(found.expected)["rollout"], seconds(found.most)["rollout"]) == ((2, 220), (2, 3600))


def test_past_runs_say_what_is_expected_and_never_more_than_declared() -> None:
    found = estimated(bill("training", 100), bill("training", 300), training={"max_runtime_seconds": 3600})
    assert seconds(found.expected)["training"] == (1, 200)
    assert found.expected.parts[0].basis == "last 2 runs"
    assert (
        seconds(estimated(bill("training", 1e6), training={"max_runtime_seconds": 60}).expected)["training"][
            1
        ]
        == 60
    )


def test_times_on_other_instances_say_nothing() -> None:
    assert estimated(bill("training", 100, "ml.p3.2xlarge")).expected.parts[0].basis == "declared"


def test_an_unknown_type_is_named_and_not_counted_as_nothing() -> None:
    found = estimated(training={"instance_type": "ml.m4.xlarge"})
    assert found.unpriced == ("ml.m4.xlarge for training",)
    assert str(found.expected).startswith("at least $")
    assert "no price of ml.m4.xlarge for training" in str(found)


@given(st.lists(st.tuples(st.sampled_from([LARGE, "ml.m4.xlarge"]), st.integers(1, 9), st.floats(0, 1e6))))
def test_a_cost_is_the_sum_of_its_priced_parts_and_survives_json(parts: list[tuple[str, int, float]]) -> None:
    found = cost_of([Part("training", Usage.TRAINING, *part) for part in parts], US_EAST_1)
    whole = sum(0.115 * n * s / 3600 for kind, n, s in parts if kind == LARGE)
    assert found.usd == pytest.approx(whole, abs=1e-5)
    assert bool(found.unpriced) == any(kind != LARGE for kind, _, _ in parts)
    assert Cost.from_dict(found.to_dict()) == found


@given(st.floats(1, 1e5), st.floats(1, 1e5))
def test_at_most_is_never_less_than_expected(first: float, second: float) -> None:
    found = estimated(bill("training", first), bill("alpha endpoint", second))
    assert found.expected.usd <= found.most.usd + 1e-6


def at(second: int) -> datetime:
    return datetime.fromtimestamp(1_800_000_000 + second, UTC)


def test_training_is_billed_by_its_billable_seconds() -> None:
    times = {"TrainingStartTime": at(0), "TrainingEndTime": at(100)}
    assert training_seconds({"BillableTimeInSeconds": 40, **times}, 0) == 40
    assert training_seconds(times, 0) == 100


def test_a_job_that_is_being_stopped_is_billed_until_now_and_one_that_never_started_not_at_all() -> None:
    assert processing_seconds({"ProcessingStartTime": at(0)}, at(70).timestamp()) == 70
    assert processing_seconds({}, at(70).timestamp()) == processing_seconds(None, 0) == 0
    assert training_seconds({"TrainingJobStatus": "Failed"}, at(70).timestamp()) == 0


def test_many_jobs_are_billed_together() -> None:
    jobs = [{"TransformStartTime": at(0), "TransformEndTime": at(30)}, None]
    assert transform_seconds([*jobs, jobs[0]], 0) == 60
    assert tuning_seconds([{"TrainingStartTime": at(5), "TrainingEndTime": at(9)}] * 3, 0) == 12


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "$0.00"), (0.0031, "$0.0031"), (48.1, "$48.10"), (0.1, "$0.10")]
)
def test_money_is_written_so_that_it_can_be_read(amount: float, text: str) -> None:
    assert dollars(amount) == text
