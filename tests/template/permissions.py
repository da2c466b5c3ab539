"""docs/permissions.md: what each role of the template may do on what, written from the template.

`python -m tests.template.permissions` writes it; tests/docs holds it to the template.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.contract.cloudformation import ROOT, template

PAGE = ROOT / "docs/permissions.md"
HEAD = """# What each role may do

Written from `template.yaml` by `python -m tests.template.permissions`; do not edit. `Prefix` is the parameter;
account, region and partition are the stack's own. SAM adds to each function's role what Lambda needs to write its logs
(AWSLambdaBasicExecutionRole), and to those that take from a queue AWSLambdaSQSQueueExecutionRole. With `ModelRoles=own`
(`OwnsRoles`) SageMaker takes on the roles of [model-roles.yaml](../model-roles.yaml), which have of TrainingRole,
ProcessingRole and HostingRole what is one model's.
"""
ARN = re.compile(r"arn:\$\{AWS::Partition\}:(\w+):(?:\$\{AWS::Region\})?:(?:\$\{AWS::AccountId\}|\*):")


def page() -> str:
    rows = [f"| {who} | {what} | {where} | {when} |" for who, what, where, when in table()]
    return "\n".join([HEAD, "| role of | may | on | if |", "| --- | --- | --- | --- |", *rows, ""])


def table() -> Iterator[tuple[str, str, str, str]]:
    """(whose role, actions, resources, conditions), a statement each."""
    for name, body in template()["Resources"].items():
        for policy in body.get("Properties", {}).get("Policies", []):
            yield from _rows(name, policy.get("PolicyDocument", policy))
        if body["Type"] == "AWS::IAM::Policy":
            yield from _rows(name, body["Properties"]["PolicyDocument"], f"{body['Condition']}")


def _rows(owner: str, document: Mapping[str, Any], only: str = "") -> Iterator[tuple[str, str, str, str]]:
    for statement in document["Statement"]:
        actions = ", ".join(_listed(statement["Action"]))
        on = ", ".join(f"`{_short(each)}`" for each in _listed(statement["Resource"]))
        yield owner.removesuffix("Function"), actions, on, only or _condition(statement.get("Condition", {}))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _short(resource: Any) -> str:
    """An ARN as people read it: the resource's own name where there is one."""
    if isinstance(resource, str):
        return resource
    [(kind, value)] = resource.items()
    if kind == "Fn::If":
        return f"{_short(value[2])}, or, with {value[0]}, {_short(value[1])}"
    if kind in ("Ref", "Fn::GetAtt"):
        return str(value if kind == "Ref" else value[0])
    return ARN.sub(r"\1:", str(value)).replace("${", "").replace(".Arn}", "").replace("}", "")


def _condition(condition: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{key} {operator} {', '.join(map(str, _listed(value)))}"
        for operator, keys in condition.items()
        for key, value in keys.items()
    )


def main() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
