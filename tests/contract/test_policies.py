"""The shape of every policy in template.yaml, whoever uses it."""

from collections.abc import Iterator

import pytest

from tests.asl.project import of
from tests.contract.cloudformation import functions, machines, template
from tests.contract.iam import arn_of, resolve, statements
from tests.contract.simulator import Question, answers

STAR = {  # what knows no resource, by the Service Authorization Reference
    "states:SendTaskSuccess",
    "states:SendTaskFailure",
    "cloudwatch:GetMetricData",
    "cloudwatch:PutMetricData",
    "sagemaker:ListEndpoints",
    "sagemaker:ListEndpointConfigs",
    "sagemaker:ListModels",
    "ecr:GetAuthorizationToken",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
}


def every_statement() -> Iterator[tuple[str, dict[str, object]]]:
    for name, body in template()["Resources"].items():
        for policy in body.get("Properties", {}).get("Policies", []):
            document = policy.get("PolicyDocument", policy)
            for statement in document["Statement"]:
                yield name, statement


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def test_no_action_has_a_wildcard() -> None:
    assert [(n, a) for n, s in every_statement() for a in _list(s["Action"]) if "*" in str(a)] == []


def test_nothing_is_denied_or_inverted() -> None:
    """Allow, Action and Resource alone: what is written is what is granted."""
    shapes = {frozenset(s) - {"Sid", "Condition"} for _, s in every_statement()}
    assert shapes == {frozenset({"Effect", "Action", "Resource"})}


def test_only_what_knows_no_resource_has_all_of_them() -> None:
    found = {
        a for _, s in every_statement() if "*" in _list(resolve(s["Resource"])) for a in _list(s["Action"])
    }
    assert found <= STAR


def test_what_knows_no_resource_stands_in_a_statement_of_its_own() -> None:
    for name, statement in every_statement():
        actions = set(map(str, _list(statement["Action"])))
        assert not actions & STAR or actions <= STAR, name


def test_a_role_is_passed_to_sagemaker_alone_and_it_is_one_role() -> None:
    passes = [(n, s) for n, s in every_statement() if "iam:PassRole" in _list(s["Action"])]
    assert {name for name, _ in passes} == {
        "StartPreparationFunction",
        "StartDatasetJobFunction",
        "StartProgramFunction",
        "StartTuningFunction",
        "StartTrainingFunction",
        "StartAlphaFunction",
        "PrepareTransformFunction",
        "SweepFunction",  # a champion's model that was deleted by hand is made again
    }
    for name, statement in passes:
        assert statement["Action"] == "iam:PassRole", name
        kind = statement["Resource"]["Fn::If"][2]["Fn::GetAtt"][0].removesuffix("Role")
        assert kind in ("Processing", "Dataset", "Training", "Hosting"), name
        own = (
            f"role/switchyard/${{Prefix}}-*-{kind.lower()}"  # of any model's own, by the path that is theirs
        )
        arn = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:" + own}
        assert statement["Resource"] == {"Fn::If": ["OwnsRoles", arn, {"Fn::GetAtt": [f"{kind}Role", "Arn"]}]}
        given = functions()[name]["Environment"]["Variables"][f"{kind.upper()}_ROLE_ARN"]
        assert given == statement["Resource"], name
        assert statement["Condition"] == {
            "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
        }, name


def writers(bucket: str, key: str) -> set[str]:
    """Functions that may write an object."""
    names, object_ = sorted(functions()), f"{arn_of(bucket)}/{key}"
    granted = [[each.document() for each in statements(name)] for name in names]
    allowed = answers([Question("s3:PutObject", object_, documents) for documents in granted])
    return {name for name, may in zip(names, allowed, strict=True) if may}


def test_the_uploaders_bucket_is_written_by_nobody_of_ours() -> None:
    assert writers("DataBucket", "digits/train/x.csv") == set()


def test_preparing_writes_no_holdout_of_the_model_and_only_admission_snapshots() -> None:
    assert writers("ArtifactBucket", "digits/holdout/holdout.csv") == {
        "SettleRunFunction",
        "SweepFunction",
    }
    assert writers("ArtifactBucket", "digits/snapshots/0/data/a.csv") == {"AdmitDatasetFunction"}
    assert writers("ArtifactBucket", "digits/decisions/r.json") <= {
        "SetChampionFunction",
        "SettleRunFunction",
        "SweepFunction",
        "AdmitDatasetFunction",
    }


def test_no_managed_policy_is_attached() -> None:
    for name, body in template()["Resources"].items():
        properties = body.get("Properties", {})
        assert "ManagedPolicyArns" not in properties, name
        assert all(isinstance(policy, dict) for policy in properties.get("Policies", [])), name


@pytest.mark.parametrize("machine", sorted(machines()))
def test_a_machine_may_invoke_what_it_names_and_nothing_else(machine: str) -> None:
    given = machines()[machine]["DefinitionSubstitutions"]
    wanted = {str(resolve(value)) for name, value in given.items() if name.endswith("FunctionArn")}
    granted = {r for s in statements(machine) if "lambda:InvokeFunction" in s.actions for r in s.resources}
    assert granted == wanted


@pytest.mark.parametrize("machine", sorted(machines()))
def test_a_machine_may_start_watch_and_stop_its_children_and_nothing_else(machine: str) -> None:
    """startExecution.sync needs all three, and the rule by which Step Functions hears of the child's end."""
    given = machines()[machine]["DefinitionSubstitutions"]
    children = {str(resolve(value)) for name, value in given.items() if name.endswith("MachineArn")}
    found = {
        (a, r) for s in statements(machine) for a in s.actions if a.startswith("states:") for r in s.resources
    }
    wanted = {("states:StartExecution", child) for child in children}
    for child in children:
        executions = child.replace(":stateMachine:", ":execution:") + ":*"
        wanted |= {("states:DescribeExecution", executions), ("states:StopExecution", executions)}
    if any("ItemReader" in state for _, state in of(machines()[machine]).states()):
        # A Distributed Map starts executions of its own machine: "IAM policies for Distributed Map states".
        own = arn_of(machine)
        parts = own.replace(":stateMachine:", ":execution:") + "/*"
        wanted |= {("states:StartExecution", own)}
        wanted |= {("states:DescribeExecution", parts), ("states:StopExecution", parts)}
    assert found == wanted
    needs_rule = any(
        "startExecution.sync" in str(s.get("Resource")) for _, s in of(machines()[machine]).states()
    )
    assert needs_rule == any("events:PutRule" in s.actions for s in statements(machine))
