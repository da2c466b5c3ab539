"""Answers policy questions with MiniStack's evaluator, the one that the local stack enforces policies by.

Run by the interpreter of .venvs/ministack: a JSON list of questions on standard input, a JSON list of true and false
on standard output. A question: {"action", "resource", "context", "statements"}, or with "service" for a policy of a
resource or of a role's trust, whose statements name a principal.
"""

import json
import sys
from typing import Any

from ministack.core.iam_evaluator import (
    EvalContext,
    evaluate,
    evaluate_resource_policy,
    parse_policy_document,
)

ROLE = "arn:aws:sts::000000000000:assumed-role/role/session"


def allowed(question: dict[str, Any]) -> bool:
    document = {"Version": "2012-10-17", "Statement": question["statements"]}
    secure = question["context"].get("aws:SecureTransport", "true") == "true"
    context = EvalContext(
        principal_arn=ROLE,
        principal_type="AssumedRole",
        principal_account="000000000000",
        action=question["action"],
        resource_arn=question["resource"],
        region="us-east-1",
        secure_transport=secure,
        service_context={key.lower(): value for key, value in question["context"].items()},
    )
    if "service" in question:
        answer = evaluate_resource_policy(document, context, service=question["service"])
    else:
        answer = evaluate(context, [parse_policy_document(document)])
    return bool(answer.decision == "Allow")


if __name__ == "__main__":
    json.dump([allowed(question) for question in json.load(sys.stdin)], sys.stdout)
