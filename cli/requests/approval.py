"""A person's yes or no to a model that waits in the registry."""

from __future__ import annotations

from enum import StrEnum

from cli.records.ledger import Line
from cli.records.run_state import is_terminal
from cli.report.sources import sources_of
from cli.stack.access import Access
from cli.stack.errors import RefusedError

PENDING = "PendingManualApproval"


class Answer(StrEnum):
    """SageMaker's ModelApprovalStatus."""

    APPROVED = "Approved"
    REJECTED = "Rejected"


def waiting_package(stack: Access, line: Line) -> str:
    """The ARN of the model package that waits for an answer. RefusedError where none does."""
    if is_terminal(line.state):
        raise RefusedError(
            f"Run {line.run_id} has ended: {line.state}. An answer would change nothing.",
            f"`switchyard retry {line.run_id}` runs its dataset once more.",
        )
    ledger = sources_of(stack).ledger
    item = ledger.run_item(line.model, line.run_id) or {}
    arn = str(item.get("package", ""))
    if not arn:
        raise RefusedError(
            f"Run {line.run_id} ({line.state}) has registered no model yet.",
            "Follow it with `switchyard watch`; it waits at AwaitApproval where pipeline.yaml says so.",
        )
    described = stack.client("sagemaker").describe_model_package(ModelPackageName=arn)
    if described["ModelApprovalStatus"] != PENDING:
        raise RefusedError(
            f"The model of run {line.run_id} is {described['ModelApprovalStatus']} already.",
            "`switchyard show` says what became of the run.",
        )
    if not ledger.waits(f"model-package/{arn}"):
        raise RefusedError(
            f"Run {line.run_id} waits for nobody's answer: its version is answered by how its rollout ends.",
            "`switchyard abort` stops it; with `approval: { mode: manual }` the next run asks a person.",
        )
    return arn


def answer(stack: Access, line: Line, said: Answer, reason: str) -> None:
    """RefusedError where no model of the run waits for an answer."""
    arn = waiting_package(stack, line)
    stack.client("sagemaker").update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus=said.value, ApprovalDescription=reason[:1024]
    )
