"""Who may pass which role: before a deployment this person, after it each function that hands one to SageMaker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from cli.doctor.account_checks import Account
from cli.doctor.check import Check, broken, ok
from cli.doctor.deployment import Deployment

SAGEMAKER = "sagemaker.amazonaws.com"
DEPLOYS = ("cloudformation:CreateChangeSet", "iam:CreateRole", "iam:PutRolePolicy", "iam:PassRole")
OWN = (
    "Deploy model-roles.yaml for that model (its first lines say how), with the Prefix of the stack; "
    "or deploy the stack with ModelRoles=shared."
)
AGAIN = (
    "Deploy again (`sam build && sam deploy`); what an account's policies deny on top of it, its owner says."
)


def deploying(account: Account) -> Iterator[Check]:
    """A deployment makes roles and hands them to Lambda and Step Functions. Root may everything."""
    caller = str(account.client("sts").get_caller_identity()["Arn"])
    denied = (
        []
        if caller.endswith(":root")
        else _denied(account.client("iam"), _principal(account, caller), DEPLOYS)
    )
    step = "Ask for these actions, or deploy as somebody who has them."
    yield (
        broken("roles", f"you may not {', '.join(denied)}", step)
        if denied
        else ok("roles", "you may make and pass")
    )


def _principal(account: Account, caller: str) -> str:
    """The user, or the role of a session, by its ARN; a role's path is not in that of its session."""
    if ":assumed-role/" not in caller:
        return caller.replace(":sts:", ":iam:")
    role = caller.split("/")[1]
    return str(account.client("iam").get_role(RoleName=role)["Role"]["Arn"])


def passing(stack: Deployment) -> Iterator[Check]:
    """Each role that a function hands to SageMaker is there, is SageMaker's to take on, and may be passed by it.

    With ModelRoles=own these are three for each model.
    """
    client, models = stack.access.client("iam"), _models(stack)
    wanted: dict[str, list[str]] = {}
    for function in stack.of("AWS::Lambda::Function"):
        found = stack.access.client("lambda").get_function_configuration(FunctionName=function.name)
        arns = [arn for each in _named(found) for arn in _of_models(each, models)]
        for arn in arns:
            wanted.setdefault(arn, [])
        if arns and (denied := _unpassed(client, str(found["Role"]), arns)):
            step = AGAIN
            yield broken("roles", f"{function.logical} may not pass {', '.join(denied)}", step)
    for arn in wanted:
        if said := _amiss(client, arn):
            yield broken("roles", said, OWN if "/switchyard/" in arn else AGAIN)
            wanted[arn].append(said)
    if not any(wanted.values()):
        yield ok("roles", f"{len(wanted)} that SageMaker takes on")


def _named(function: Mapping[str, Any]) -> list[str]:
    """Roles that are in a function's variables: those that it passes."""
    variables = function.get("Environment", {}).get("Variables", {})
    return [value for name, value in sorted(variables.items()) if name.endswith("_ROLE_ARN")]


def _of_models(arn: str, models: list[str]) -> list[str]:
    """A role with a * is each model's own."""
    return [arn.replace("*", model) for model in models] if "*" in arn else [arn]


def _models(stack: Deployment) -> list[str]:
    """By their pipeline.yaml."""
    bucket, client = stack.access.output("ArtifactBucketName"), stack.access.client("s3")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/")
    folders = [str(each["Prefix"])[:-1] for page in pages for each in page.get("CommonPrefixes", [])]
    return [each for each in folders if _has_pipeline(client, bucket, each)]


def _has_pipeline(client: Any, bucket: str, model: str) -> bool:
    key = f"{model}/pipeline.yaml"
    listed = client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
    return any(each["Key"] == key for each in listed)


def _amiss(client: Any, arn: str) -> str:
    name = arn.rpartition("/")[2]
    try:
        role = client.get_role(RoleName=name)["Role"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return f"there is no role {name}"
        raise
    if role["Arn"] != arn:
        return f"{name} is {role['Arn']}, and {arn} is passed"
    return (
        ""
        if SAGEMAKER in json.dumps(role["AssumeRolePolicyDocument"])
        else f"SageMaker may not take on {name}"
    )


def _unpassed(client: Any, function_role: str, arns: list[str]) -> list[str]:
    context = [
        {"ContextKeyName": "iam:PassedToService", "ContextKeyValues": [SAGEMAKER], "ContextKeyType": "string"}
    ]
    asked = {"PolicySourceArn": function_role, "ActionNames": ["iam:PassRole"], "ResourceArns": arns}
    found = client.simulate_principal_policy(**asked, ContextEntries=context)["EvaluationResults"]
    return [each["EvalResourceName"] for each in found if each["EvalDecision"] != "allowed"]


def _denied(client: Any, principal: str, actions: tuple[str, ...]) -> list[str]:
    found = client.simulate_principal_policy(PolicySourceArn=principal, ActionNames=list(actions))
    return [
        each["EvalActionName"] for each in found["EvaluationResults"] if each["EvalDecision"] != "allowed"
    ]
