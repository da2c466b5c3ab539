"""What `why` proposes is the judge's own word: applied, it changes the verdict."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.decision.smallest_change import HOLDOUT_ROWS, Way, ways_through_the_gate, ways_through_the_rollout
from switchyard.core.evidence import Block, Evidence
from switchyard.core.gate_policy import GateMetric, GatePolicy
from switchyard.core.metrics import LABEL_ERROR, missing_metric
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.evaluation.rules.gate import Evaluation, GateOutcome, judge_gate
from switchyard.rollout.rules.verdict import Outcome, judge
from switchyard.stats.paired import PairedSums, merge
from switchyard.stats.resampling import Resampling
from tests.evaluation.test_gate import binary
from tests.rollout.rollouts import stream


def applied_to_gate(way: Way, evaluation: Evaluation, policy: GatePolicy) -> GateOutcome:
    """The judge's answer once the changes were made as a person would make them."""
    for change in way.changes:
        if change.field in ("rows", HOLDOUT_ROWS):
            times = round(change.needed / change.now)
            evaluation = Evaluation(merge([evaluation.sums] * times))
        elif change.field == "evaluation.minimum_rows":
            policy = replace(policy, minimum_rows=int(change.needed))
        else:
            _, _, metric, name = change.field.split(".")
            changed = replace(policy.metrics[metric], **{name: change.needed})
            policy = replace(policy, metrics={**policy.metrics, metric: changed})
    return judge_gate(evaluation, policy).outcome


def applied_to_rollout(way: Way, blocks: list[Block], policy: RolloutPolicy) -> Outcome:
    for change in way.changes:
        if change.field in ("labels", "requests"):
            times, told = round(change.needed / change.now), (LABEL_ERROR, missing_metric(LABEL_ERROR))
            chosen = [b for b in blocks if change.field == "requests" or b.metric in told]
            more = [replace(b, block=f"{b.block}~{turn}") for turn in range(1, times) for b in chosen]
            blocks = [*blocks, *more]
        else:
            _, _, metric, name = change.field.split(".")
            changed = replace(policy.metrics[metric], **{name: change.needed})
            policy = replace(policy, metrics={**policy.metrics, metric: changed})
    return judge(Evidence(tuple(blocks), 0, 0.0), policy).outcome


@given(
    count=st.integers(60, 600),
    noise=st.floats(0.1, 3.0),
    seed=st.integers(1, 50),
    margin=st.floats(0.002, 0.05),
)
@settings(max_examples=40)
def test_every_way_through_the_gate_is_one(count: int, noise: float, seed: int, margin: float) -> None:
    policy = GatePolicy(metrics={"accuracy": GateMetric(margin), "log_loss": GateMetric(2 * margin)})
    evaluation = Evaluation(binary(count, 0.2, noise, seed))
    for way in ways_through_the_gate(evaluation, policy):
        assert applied_to_gate(way, evaluation, policy) is GateOutcome.PASS, str(way)


def test_a_verdict_that_passed_needs_nothing() -> None:
    assert ways_through_the_gate(Evaluation(binary(8_000)), GatePolicy()) == ()


def test_too_few_rows_are_told_with_the_number_that_would_do() -> None:
    ways = ways_through_the_gate(Evaluation(binary(150, 0.2, 0.2)), GatePolicy(), 700)
    assert any(change.field == HOLDOUT_ROWS and change.needed > 200 for way in ways for change in way.changes)


def test_a_first_dataset_brings_its_holdout_so_the_advice_counts_its_rows() -> None:
    evaluation = Evaluation(binary(150, champion_noise=None))
    [(rows, *_)] = [
        way.changes for way in ways_through_the_gate(evaluation, GatePolicy(), 750) if len(way.changes) == 1
    ][:1]
    assert (rows.field, rows.now, rows.needed) == ("rows", 750, 1500)
    assert str(rows) == "bring 750 more rows like these (1,500 in all)"
    large = Evaluation(merge([binary(150, champion_noise=None)] * 100))
    strict = GatePolicy(metrics={"accuracy": GateMetric(0.01, floor=0.9999)})
    assert not any(
        c.field == "rows" for w in ways_through_the_gate(large, strict, 750_000) for c in w.changes
    )


def test_a_worse_model_is_not_told_to_bring_more_of_the_same() -> None:
    evaluation = Evaluation(binary(4_000, challenger_noise=3.0))
    fields = {
        change.field for way in ways_through_the_gate(evaluation, GatePolicy()) for change in way.changes
    }
    assert not fields & {"rows", HOLDOUT_ROWS}
    assert "evaluation.metrics.accuracy.margin" in fields


def test_a_floor_that_was_missed_is_named_with_what_was_reached() -> None:
    policy = GatePolicy(metrics={"accuracy": GateMetric(0.01, floor=0.99)})
    evaluation = Evaluation(binary(3_000, champion_noise=None))
    [way] = ways_through_the_gate(evaluation, policy)
    [change] = way.changes
    assert change.field == "evaluation.metrics.accuracy.floor"
    assert change.needed < 0.99
    assert applied_to_gate(way, evaluation, policy) is GateOutcome.PASS


def test_unusable_predictions_are_cured_by_no_margin() -> None:
    sums = PairedSums.from_rows("binary", [(0, 0.1, 0.2), (1, 0.9, float("nan"))] * 200)
    assert ways_through_the_gate(Evaluation(sums), GatePolicy()) == ()


@given(count=st.integers(1, 12), challenger=st.floats(0.0, 0.03), seed=st.integers(1, 50))
@settings(max_examples=20)
def test_every_way_through_the_rollout_is_one(count: int, challenger: float, seed: int) -> None:
    policy = RolloutPolicy(sample_ratio_alpha=0.0)
    blocks = stream(count, 0.01, challenger, requests=500, seed=seed)
    for way in ways_through_the_rollout(Evidence(tuple(blocks), 0, 60.0), policy):
        assert applied_to_rollout(way, blocks, policy) is Outcome.PROMOTE, str(way)


def test_a_rollout_that_ran_out_of_time_is_told_the_requests_it_lacked() -> None:
    blocks = stream(3, 0.01, 0.01, requests=300)
    ways = ways_through_the_rollout(Evidence(tuple(blocks), 0, 90_000.0), RolloutPolicy())
    assert any(change.field == "requests" for way in ways for change in way.changes)


LABELLED = RolloutPolicy(
    metrics={"errors": MetricPolicy(0.02), LABEL_ERROR: MetricPolicy(0.05, baseline=0.1)},
    sample_ratio_alpha=0.0,
)


def labelled(answered: int, known: int, wrong: float, seed: int) -> list[Block]:
    """Periods of requests without an error, and fewer of labels."""
    errors = stream(answered, 0.001, 0.001, requests=1_000, seed=seed)
    return [*errors, *stream(known, 0.1, wrong, requests=200, seed=seed, metric=LABEL_ERROR)]


@given(known=st.integers(1, 8), wrong=st.floats(0.05, 0.14), seed=st.integers(1, 50))
@settings(max_examples=20)
def test_every_way_of_a_rollout_with_labels_is_one(known: int, wrong: float, seed: int) -> None:
    blocks = labelled(30, known, wrong, seed)
    for way in ways_through_the_rollout(Evidence(tuple(blocks), 0, 60.0), LABELLED):
        assert applied_to_rollout(way, blocks, LABELLED) is Outcome.PROMOTE, str(way)


def test_enough_requests_with_too_few_labels_are_told_the_labels_that_lack() -> None:
    blocks = labelled(30, 2, 0.1, 1)
    ways = ways_through_the_rollout(Evidence(tuple(blocks), 0, 90_000.0), LABELLED)
    [labels] = [change for way in ways for change in way.changes if change.field == "labels"]
    assert (labels.now, labels.needed > 400) == (400, True)
    assert str(labels).startswith("bring ")
    assert f"more labels like these ({labels.needed:,.0f} in all)" in str(labels)
    one_less = Way((replace(labels, needed=labels.needed - labels.now),), "promote")
    assert applied_to_rollout(one_less, blocks, LABELLED) is not Outcome.PROMOTE


def test_labels_are_no_advice_where_requests_lack_too() -> None:
    blocks = labelled(1, 1, 0.1, 1)
    ways = ways_through_the_rollout(Evidence(tuple(blocks), 0, 90_000.0), LABELLED)
    fields = {change.field for way in ways for change in way.changes}
    assert "requests" in fields
    assert "labels" not in fields


def test_a_rollout_by_labels_alone_is_not_told_to_bring_requests() -> None:
    policy = replace(LABELLED, metrics={LABEL_ERROR: LABELLED.metrics[LABEL_ERROR]})
    blocks = stream(2, 0.1, 0.1, requests=200, metric=LABEL_ERROR)
    ways = ways_through_the_rollout(Evidence(tuple(blocks), 0, 60.0), policy)
    fields = {change.field for way in ways for change in way.changes}
    assert "labels" in fields
    assert "requests" not in fields


def test_without_evidence_there_is_no_way() -> None:
    assert ways_through_the_rollout(Evidence((), 0, 0.0), RolloutPolicy()) == ()


@pytest.mark.parametrize("name", ["errors", "latency"])
def test_only_the_metric_that_stands_in_the_way_gets_another_margin(name: str) -> None:
    policy = RolloutPolicy(
        metrics={"errors": MetricPolicy(0.05), "latency": MetricPolicy(0.05)}, sample_ratio_alpha=0.0
    )
    rates = {"errors": 0.01, "latency": 0.01} | {name: 0.1}
    blocks = [b for m, rate in rates.items() for b in stream(40, 0.01, rate, requests=1_000, metric=m)]
    ways = ways_through_the_rollout(Evidence(tuple(blocks), 0, 60.0), policy)
    fields = {change.field for way in ways for change in way.changes if change.field != "requests"}
    assert fields <= {f"rollout.metrics.{name}.margin"}


@pytest.mark.parametrize("count", [40, 120])
@pytest.mark.parametrize("noise", [0.3, 3.0])
def test_every_way_through_cross_validation_is_one(count: int, noise: float) -> None:
    """Rows that a holdout would judge then are as sure as those that were repeated."""
    how, policy = Resampling(10, 5), GatePolicy(metrics={"accuracy": GateMetric(0.01)}, minimum_rows=200)
    sums = merge([binary(count, 0.2, noise, 3)] * how.repeats)
    evaluation = Evaluation(replace(sums, resampling=how))
    ways = ways_through_the_gate(evaluation, policy)
    fields = {change.field for way in ways for change in way.changes}
    assert fields <= {"rows", *(f"evaluation.metrics.accuracy.{name}" for name in ("margin", "floor"))}
    assert ways
    for way in ways:
        if way.changes[0].field != "rows":
            assert applied_to_gate(way, evaluation, policy) is GateOutcome.PASS
            continue
        needed = way.changes[0].needed
        assert way.changes[0].now == evaluation.sums.distinct_rows
        held_out = 0.2 * (needed - count)  # all rows of the champion's are in the new dataset
        folded = 0.2 * needed < policy.minimum_rows
        wanted = how.effective(needed) if folded else held_out
        by_holdout = merge([binary(count, 0.2, noise, 3)] * ceil(wanted / count))
        assert judge_gate(Evaluation(by_holdout), replace(policy, minimum_rows=2)).outcome is GateOutcome.PASS
