"""checkov on the expanded template. What is left out stands here, by resource type, with its reason."""

import json
from typing import Any

from tests.scan.expanded import expanded
from tests.scan.figure import Figure
from tests.scan.tools import BUILD, ROOT, report

LEAST = 97.0  # percent of the checks that are not left out
FUNCTION, QUEUE, GROUP = "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::Logs::LogGroup"
LEFT_OUT = {
    (
        FUNCTION,
        "CKV_AWS_117",
    ): "it calls AWS's own APIs alone; in a VPC it would need a way out, and reach more, not less",
    (
        FUNCTION,
        "CKV_AWS_173",
    ): "its variables are names, ARNs and numbers; Lambda encrypts them with its own key",
    (
        FUNCTION,
        "CKV_AWS_116",
    ): "who waits for it sees it fail: a machine, its queue, or the next tick; tests/template holds the two "
    "that events call to a dead-letter queue",
    (
        FUNCTION,
        "CKV_AWS_115",
    ): "a reservation is also a limit; tests/template holds the four that end runs to theirs, and the "
    "queues to their share",
    (
        QUEUE,
        "CKV_AWS_27",
    ): "SqsManagedSseEnabled, which the check does not know; messages name objects and hold no rows",
    (GROUP, "CKV_AWS_158"): "logs hold no rows and no secrets; CloudWatch encrypts them with its own key",
    (
        "AWS::S3::Bucket",
        "CKV_AWS_18",
    ): "who reads what is CloudTrail's to say; access logs need a third bucket that nobody reads",
    ("AWS::DynamoDB::Table", "CKV_AWS_119"): "KmsKeyArn, which checkov reads as its default, empty",
    (
        "AWS::SNS::Topic",
        "CKV_AWS_26",
    ): "alarms cannot publish under AWS's key; notices hold states and reasons, no rows",
    (
        "AWS::ECR::Repository",
        "CKV_AWS_136",
    ): "the image is built from this public source and holds no data; AES256",
}


def scan() -> Figure:
    document = expanded()
    for resource in document["Resources"].values():
        _leave_out(resource)
    BUILD.mkdir(parents=True, exist_ok=True)
    file = BUILD / "template.json"
    file.write_text(json.dumps(document, indent=1))
    asked = ("--framework", "cloudformation", "--compact", "--quiet", "--output", "json")
    # By its name from here: checkov takes a path of forty signs, which it reads into variables, for a key of AWS's.
    return judge(report("checkov", "--file", str(file.relative_to(ROOT)), *asked), document)


def _leave_out(resource: dict[str, Any]) -> None:
    skipped = [
        {"id": check, "comment": why} for (kind, check), why in LEFT_OUT.items() if kind == resource["Type"]
    ]
    if skipped:
        resource.setdefault("Metadata", {})["checkov"] = {"skip": skipped}


def judge(found: dict[str, Any], document: dict[str, Any]) -> Figure:
    passed, failed = found["summary"]["passed"], found["summary"]["failed"]
    rate = 100 * passed / (passed + failed)
    missed = [
        f"{each['check_id']} {each['resource']}: {each['check_name']}"
        for each in found["results"]["failed_checks"]
    ]
    kinds = {resource["Type"] for resource in document["Resources"].values()}
    idle = [
        f"{kind} {check} is left out, and nothing is of that type"
        for kind, check in LEFT_OUT
        if kind not in kinds
    ]
    told = f"{rate:.1f} % of {passed + failed}, {found['summary']['skipped']} left out"
    return Figure("template", told, f">= {LEAST} %", [*(missed if rate < LEAST else []), *idle])
