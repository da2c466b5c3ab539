"""A person's yes or no to a model that waits in the registry."""

from __future__ import annotations

from enum import StrEnum

from cli.records.ledger import Line
from cli.stack.access import Access
from cli.stack.errors import RefusedError
from switchyard.core.ledger.ledger import Ledger

PENDING = "PendingManualApproval"


class Answer(StrEnum):
    """SageMaker's ModelApprovalStatus."""

    APPROVED = "Approved"
    REJECTED = "Rejected"


def answer(stack: Access, ledger: Ledger, line: Line, said: Answer, reason: str) -> str:
    """The ARN of the model package that was answered for. RefusedError where none waits."""
    arn = str((ledger.run_item(line.model, line.run_id) or {}).get("package", ""))
    if not arn:
        raise RefusedError(
            f"Run {line.run_id} ({line.state}) has registered no model yet.",
            "Follow it with `switchyard watch`; it waits at AwaitApproval where pipeline.yaml says so.",
        )
    client = stack.client("sagemaker")
    status = client.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"]
    if status != PENDING:
        raise RefusedError(
            f"The model of run {line.run_id} is {status} already.",
            "`switchyard show` says what became of the run.",
        )
    client.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus=said.value, ApprovalDescription=reason
    )
    return arn
