"""The door holds what a file asks of its network against what SageMaker can do there."""

from typing import Any

import pytest

from switchyard.config.rules.network import network_refusals
from switchyard.core.account import Account
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.pipeline import Network
from tests.fakes.pipelines import pipeline

VPC = Account(network=Network(("subnet-1",), ("sg-1",)))
ISOLATED_BESIDE_MLFLOW = Account("switchyard", network=Network(isolation=True), mlflow="arn")
ISOLATED = Account(network=Network(isolation=True))
SPARK = {"kind": "spark", "entry_point": "prepare.py"}
CODE = {"kind": "script", "framework": "pytorch", "entry_point": "train.py"}


@pytest.mark.parametrize(
    ("account", "parts", "key"),
    [
        (VPC, {"deployment": {"mode": "serverless"}}, "deployment.mode"),
        (ISOLATED, {"deployment": {"mode": "serverless"}}, "deployment.mode"),
        (ISOLATED, {"training": CODE}, "training.kind"),
        (
            ISOLATED,
            {"problem": "binary", "prepare": SPARK | {"arguments": ["{input_s3}"]}},
            "prepare.arguments",
        ),
        (Account(tags={f"t{n}": "" for n in range(48)}), {}, "tags"),
    ],
)
def test_what_the_stack_asks_for_and_sagemaker_cannot_do_is_refused(
    account: Account, parts: dict[str, Any], key: str
) -> None:
    described = pipeline(**parts)
    assert [each.key for each in network_refusals(described, account)] == [key]
    assert not list(network_refusals(described, Account()))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"network": {"isolation": True}, "training": CODE}, "training.kind.*fetch their code from S3"),
        ({"network": {"subnets": ["subnet-1"]}}, "given together, or neither"),
        ({"network": {"subnets": ["vpc-1"], "security_groups": ["sg-1"]}}, "network.subnets.0.*pattern"),
        (
            {
                "training": {"mlflow_experiment": "churn"},
                "tuning": {"parameters": {"max_depth": {"min": 2, "max": 6}}},
            },
            "tells tuning jobs of no MLflow server",
        ),
        ({"tags": {"aws:team": "risk"}}, "not yours to give"),
        ({"tags": {"switchyard:run": "r"}}, "not yours to give"),
        ({"tags": {"team": 42}}, "put it in quotes"),
        ({"tags": {"a;b": "c"}}, "pattern"),
    ],
)
def test_what_the_file_itself_asks_for_is_held_against_the_same(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidPipelineError, match=said):
        pipeline(**parts)


def test_network_and_tags_belong_to_the_pipeline_of_the_run() -> None:
    own = {"subnets": ["subnet-1"], "security_groups": ["sg-1"], "isolation": True}
    described = pipeline(network=own, tags={"team": "risk"})
    assert described.network == Network(("subnet-1",), ("sg-1",), isolation=True)
    assert described.tags == {"team": "risk"}


@pytest.mark.parametrize(
    ("account", "parts", "said"),
    [
        (Account("switchyard"), {}, "the stack has no MLflow server"),
        (ISOLATED_BESIDE_MLFLOW, {}, "an isolated container reaches no MLflow server"),
    ],
)
def test_an_experiment_that_no_job_could_be_told_of_is_refused(
    account: Account, parts: dict[str, Any], said: str
) -> None:
    described = pipeline(training={"mlflow_experiment": "churn"}, **parts)
    assert [each.reason for each in network_refusals(described, account)] == [said]
    assert not list(
        network_refusals(pipeline(training={"mlflow_experiment": "churn"}), Account(mlflow="arn"))
    )
