"""Who may pass which role: a line for each that is not there, is not SageMaker's, or may not be passed."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cli.doctor.account_checks import Account
from cli.doctor.check import Health, run_checks
from cli.doctor.deployment import Deployment
from cli.doctor.role_checks import deploying, passing
from tests.doctor.stack import sound_stack
from tests.quick_moto import mock_aws

OWN = "arn:aws:iam::123456789012:role/switchyard/switchyard-*-{}"
KINDS = ("training", "hosting")
TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """With roles of each model's own, and two models."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    with sound_stack() as made:
        variables = {f"{kind.upper()}_ROLE_ARN": OWN.format(kind) for kind in KINDS}
        made.access.client("lambda").update_function_configuration(
            FunctionName="sweep", Environment={"Variables": variables}
        )
        for model in ("digits", "churn"):
            made.access.client("s3").put_object(Bucket="artifacts", Key=f"{model}/pipeline.yaml", Body=b"")
            for kind in KINDS:
                make(made, f"switchyard-{model}-{kind}")
        made.access.client("s3").put_object(Bucket="artifacts", Key="_capture/x", Body=b"")
        yield made


def make(stack: Deployment, name: str, path: str = "/switchyard/", **trust: Any) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST | trust]})
    stack.access.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document)


def simulate(client: Any, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """moto has no policy simulator: answers as IAM's, in front of the wire; what was asked is in the list."""
    asked: list[dict[str, Any]] = []
    events, operation = client.meta.events, "iam.SimulatePrincipalPolicy"
    events.register(f"provide-client-params.{operation}", lambda params, **_: asked.append(dict(params)))
    answer = SimpleNamespace(status_code=200), {"EvaluationResults": results}
    events.register(f"before-call.{operation}", lambda **_: answer)
    return asked


def said(stack: Deployment, *denied: str) -> list[str]:
    """What is broken; denied: roles that IAM says the function may not pass."""
    client = stack.access.client("iam")
    arns = [OWN.format(kind).replace("*", model) for kind in sorted(KINDS) for model in ("churn", "digits")]
    decided = {arn: "implicitDeny" if arn.endswith(denied or ("-",)) else "allowed" for arn in arns}
    results = [{"EvalResourceName": arn, "EvalDecision": decision} for arn, decision in decided.items()]
    simulated = simulate(client, results)
    found = list(run_checks(stack, [("roles", passing)]))
    [asked] = simulated
    assert asked["ResourceArns"] == arns
    assert asked["ContextEntries"][0]["ContextKeyValues"] == ["sagemaker.amazonaws.com"]
    assert all(each.next_step for each in found if each.health is Health.BROKEN)
    return [each.found for each in found if each.health is Health.BROKEN]


def test_roles_of_each_model_s_own_are_there_and_may_be_passed(stack: Deployment) -> None:
    assert said(stack) == []


def test_a_model_without_its_role_is_named(stack: Deployment) -> None:
    stack.access.client("iam").delete_role(RoleName="switchyard-churn-hosting")
    assert said(stack) == ["there is no role switchyard-churn-hosting"]


def test_a_role_that_sagemaker_may_not_take_on_is_named(stack: Deployment) -> None:
    stack.access.client("iam").delete_role(RoleName="switchyard-churn-hosting")
    make(stack, "switchyard-churn-hosting", Principal={"Service": "lambda.amazonaws.com"})
    assert said(stack) == ["SageMaker may not take on switchyard-churn-hosting"]


def test_a_role_of_another_path_is_another_role(stack: Deployment) -> None:
    stack.access.client("iam").delete_role(RoleName="switchyard-churn-hosting")
    make(stack, "switchyard-churn-hosting", path="/")
    [found] = said(stack)
    assert "role/switchyard-churn-hosting, and arn:aws:iam::123456789012:role/switchyard/" in found


def test_a_function_that_may_not_pass_a_role_is_named(stack: Deployment) -> None:
    found = said(stack, "digits-training")
    assert found == [f"SweepFunction may not pass {OWN.format('training').replace('*', 'digits')}"]


def test_who_may_not_make_and_pass_roles_is_told_before_deploying(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    with mock_aws():
        account = Account(boto3.Session(region_name="us-east-1"), "ml.m5.large")
        client, stubber = account.client("iam"), Stubber(account.client("sts"))
        maker = boto3.client("iam", region_name="us-east-1")
        role = maker.create_role(RoleName="deployer", Path="/teams/", AssumeRolePolicyDocument="{}")["Role"]
        session = "arn:aws:sts::123456789012:assumed-role/deployer/me"
        stubber.add_response(
            "get_caller_identity", {"Arn": session, "Account": "123456789012", "UserId": "x"}
        )
        stubber.activate()

        denied = {"EvalActionName": "iam:PassRole", "EvalDecision": "explicitDeny"}
        asked = simulate(client, [{"EvalActionName": "iam:CreateRole", "EvalDecision": "allowed"}, denied])
        [found] = run_checks(account, [("roles", deploying)])
    assert (found.health, found.found) == (Health.BROKEN, "you may not iam:PassRole")
    assert [each["PolicySourceArn"] for each in asked] == [role["Arn"]]
    assert {"iam:CreateRole", "iam:PassRole"} <= set(asked[0]["ActionNames"])
