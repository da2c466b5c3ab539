"""The door for rollout and evaluation policies."""

import math

import pytest
import yaml

from switchyard.config.parts.policy_part import gate_policy, rollout_policy
from switchyard.core.gate_policy import GatePolicy
from switchyard.core.policy import PolicyError, Problem, RolloutPolicy

ISSUE = """
alpha: 0.05
metrics: {errors: {margin: 0.005, baseline: 0.01}}
deadline_requests: 95000
"""


def test_the_file_says_what_it_wants_and_the_rest_is_default():
    found = rollout_policy(yaml.safe_load(ISSUE))
    assert found == RolloutPolicy(deadline_requests=95_000)


def test_the_same_file_may_be_part_of_a_pipeline():
    assert rollout_policy({"rollout": yaml.safe_load(ISSUE), "name": "m"}) == rollout_policy(
        yaml.safe_load(ISSUE)
    )


def test_nothing_said_is_the_default():
    assert rollout_policy({}) == RolloutPolicy()
    assert gate_policy({}) == GatePolicy()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"alpha": 0.7}, "alpha: must lie between 0 and 0.5"),
        ({"alpha": math.nan}, "alpha: "),
        ({"alpha": "often"}, "alpha: Input should be a valid number"),
        ({"metrics": {"errors": {"margin": 0}}}, "metrics.errors.margin: must lie between 0 and 1"),
        ({"metrics": {"errors": {}}}, "metrics.errors.margin: Field required"),
        ({"metrics": {"errors": {"margin": 0.1, "marign": 1}}}, "metrics.errors.marign: Extra inputs"),
        ({"rollout": {"metrics": {"errors": {"margin": 0}}}}, "rollout.metrics.errors.margin: must lie"),
        ({"rollout": {"steps": [50, 10]}}, "rollout.steps: must be rising"),
        ({"deadline_requests": 0}, "deadline_requests: must be more than 0"),
        ([1, 2], "rollout: must be a mapping"),
    ],
)
def test_what_decides_nothing_is_refused_by_field(document, message):
    with pytest.raises(PolicyError) as refused:
        rollout_policy(document)
    assert str(refused.value).startswith(message)


def test_gates_are_read_with_their_floors():
    found = gate_policy({"problem": "regression", "metrics": {"squared_error": {"margin": 0.1, "floor": 4}}})
    assert found.problem is Problem.REGRESSION
    assert found.metrics["squared_error"].floor == 4


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"problem": "ranking"}, "evaluation.problem: Input should be"),
        ({"metrics": {"accuracy": {"margin": 0}}}, "evaluation.metrics.accuracy.margin: must lie"),
        (
            {"metrics": {"squared_error": {"margin": 0.1}}},
            "evaluation.metrics.squared_error: is not a binary metric",
        ),
    ],
)
def test_gates_that_decide_nothing_are_refused_by_field(document, message):
    with pytest.raises(PolicyError) as refused:
        gate_policy(document)
    assert str(refused.value).startswith(message)
