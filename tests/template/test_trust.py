"""Who may take on a role: services, and only on behalf of this account's own resources."""

from typing import Any

import pytest

from tests.contract.cloudformation import functions, machines, resources
from tests.contract.iam import resolve

ROLES = resources("AWS::IAM::Role")
SOURCES = {  # service -> what it acts for, as its own guide's example of the confused deputy says
    "states.amazonaws.com": "arn:aws:states:us-east-1:000000000000:stateMachine:*",
    "sagemaker.amazonaws.com": "arn:aws:sagemaker:us-east-1:000000000000:*",
    "pipes.amazonaws.com": "arn:aws:pipes:us-east-1:000000000000:pipe/switchyard-webhook",
    "codebuild.amazonaws.com": "arn:aws:codebuild:us-east-1:000000000000:project/switchyard-image",
}


def trust(role: str) -> dict[str, Any]:
    [statement] = ROLES[role]["AssumeRolePolicyDocument"]["Statement"]
    found: dict[str, Any] = resolve(statement)
    return found


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_is_taken_on_by_one_service_for_this_account_s_resources(role: str) -> None:
    statement = trust(role)
    service = statement["Principal"]["Service"]
    assert statement["Principal"] == {"Service": service}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "000000000000"},
        "ArnLike": {"aws:SourceArn": SOURCES[service]},
    }


def test_every_machine_has_a_role_of_its_own() -> None:
    """SAM would make one that any account's state machines could be handed."""
    roles = [machine["Role"]["Fn::GetAtt"][0] for machine in machines().values()]
    assert len(set(roles)) == len(machines())
    assert {trust(role)["Principal"]["Service"] for role in roles} == {"states.amazonaws.com"}


def test_a_function_s_role_is_sam_s() -> None:
    """Lambda's guide names no condition for an execution role's trust; it takes on roles of its own account alone."""
    assert [name for name, function in functions().items() if "Role" in function] == []
