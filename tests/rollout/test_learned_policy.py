"""The first look learns baseline and correlation from what was before the rollout, once."""

import json

import pytest

from switchyard.config.pipeline_json import policy_from_json, policy_to_json
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from tests.rollout.desk import HISTORY_SECONDS, Desk, policy_of


def test_the_first_look_learns_from_what_was_before_the_rollout_and_only_the_first() -> None:
    desk = Desk(requests=20, history=(2_000, 500, 20.0))
    desk.begin()
    desk.look()
    asked = desk.reader.asked[0]
    assert asked == (desk.started_at - HISTORY_SECONDS, desk.started_at, 0)
    policy, source = policy_of(desk)
    assert policy.metrics["errors"].baseline == pytest.approx(0.04, rel=1e-4)
    assert policy.metrics["errors"].correlation == 0.0
    assert source == "learned from the champion's history: errors: 1,000,000 requests in 2,000 periods"
    desk.history = (2_000, 500, 400.0)
    desk.look()
    assert policy_of(desk) == (policy, source)
    assert sum(since < desk.started_at for since, _, _ in desk.reader.asked) == 1


def test_what_was_learned_is_what_is_weighed() -> None:
    """4 % of requests fail, of both models: with the declared 1 % as baseline the evidence is another."""
    looked = {}
    for history in ((2_000, 500, 20.0), None):
        desk = Desk(requests=4_000, champion_errors=0.04, challenger_errors=0.04, history=history)
        desk.begin()
        desk.look()
        looked[history] = json.loads(desk.record()["verdict"])["metrics"][0]["log_e_promote"]
    assert looked[2_000, 500, 20.0] != looked[None]


def test_too_short_a_history_leaves_the_policy_as_declared_and_says_so() -> None:
    desk = Desk(requests=20, history=(3, 300, 200.0))
    desk.begin()
    desk.look()
    policy, source = policy_of(desk)
    assert policy.metrics["errors"] == MetricPolicy(margin=0.005)
    assert source.startswith("as declared")


def test_a_history_that_cannot_be_read_is_tried_again_and_long_silence_is_a_verdict() -> None:
    desk = Desk(requests=20, history=(2_000, 500, 20.0))
    desk.begin()
    desk.broken = RuntimeError("throttled")
    with pytest.raises(RuntimeError):
        desk.look()
    assert desk.stations.ledger.policy(desk.run.run_id) is None
    assert desk.look(1000) is True
    assert desk.answers[0][1]["state"] == "INCONCLUSIVE"


def test_of_two_first_looks_one_policy_stands() -> None:
    desk = Desk(requests=20, history=(2_000, 500, 20.0))
    kept = desk.stations.ledger.keep_policy(desk.run.run_id, "first", "a")
    again = desk.stations.ledger.keep_policy(desk.run.run_id, "second", "b")
    assert kept == again
    assert kept["policy"] == "first"


def test_a_frozen_policy_is_small_and_comes_back_whole() -> None:
    metrics = {name: MetricPolicy(0.005, 0.0123456789, correlation=0.0003) for name in ("errors", "latency")}
    policy = RolloutPolicy(metrics=metrics, deadline_requests=95_000)
    snapshots = policy_to_json(policy)
    assert policy_from_json(snapshots) == policy
    assert len(snapshots) / len(metrics) < 1_024
