"""Policies that name who may ask: of queues, buckets and the trust of roles, with their conditions."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.cloudformation import resources
from tests.contract.iam import ACCOUNT, HERE, arn_of, resolve
from tests.contract.simulator import Question, answers

QUEUES = {"ArrivalQueue": "ArrivalRule", "LabelQueue": "LabelRule", "BatchQueue": "BatchRule"}
ROLES = resources("AWS::IAM::Role")
STRANGER = "999999999999"


def statements_of(kind: str, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = resolve(resources(kind)[name]["PolicyDocument"]["Statement"])
    return found


def sends(
    queue: str, source: str, service: str = "events.amazonaws.com", policy: str = "QueuePolicy"
) -> bool:
    statements = statements_of("AWS::SQS::QueuePolicy", policy)
    context = {"aws:SourceArn": source}
    return answers([Question("sqs:SendMessage", arn_of(queue), statements, context, service)])[0]


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_takes_events_of_its_own_rule_alone(queue: str) -> None:
    assert sends(queue, arn_of(QUEUES[queue]))
    assert not sends(queue, f"arn:aws:events:{HERE}:rule/another")
    assert not sends(queue, arn_of(QUEUES[queue]), "sns.amazonaws.com")


def test_the_webhook_s_queue_takes_the_stack_s_notices_alone() -> None:
    policy, sns = "WebhookQueuePolicy", "sns.amazonaws.com"
    assert sends("WebhookQueue", arn_of("NoticesTopic"), sns, policy)
    assert not sends("WebhookQueue", f"arn:aws:sns:{HERE}:another", sns, policy)


def test_what_no_target_took_comes_from_rules_of_this_account() -> None:
    assert sends("EventDeadLetters", f"arn:aws:events:{HERE}:rule/switchyard-SweepFunctionTick-1")
    assert not sends(
        "EventDeadLetters", f"arn:aws:events:us-east-1:{STRANGER}:rule/switchyard-SweepFunctionTick-1"
    )


@pytest.mark.parametrize("bucket", ["DataBucket", "ArtifactBucket"])
def test_a_bucket_denies_plain_http_to_those_who_may_all_else(bucket: str) -> None:
    everything = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    statements = [everything, *statements_of("AWS::S3::BucketPolicy", f"{bucket}Policy")]

    def reads(secure: str) -> Question:
        return Question(
            "s3:GetObject", f"{arn_of(bucket)}/a", statements, {"aws:SecureTransport": secure}, "s3"
        )

    assert answers([reads("true"), reads("false")]) == [True, False]


def acting_for(service: str, account: str) -> str:
    """The ARN of something that a service acts for: for CodeBuild the project of the stack."""
    name = service.partition(".")[0]
    what = {
        "states": "stateMachine:switchyard-retrain",
        "codebuild": "project/switchyard-image",
        "pipes": "pipe/switchyard-webhook",
    }
    return f"arn:aws:{name}:us-east-1:{account}:{what.get(name, 'training-job/switchyard-digits')}"


def taken_on(role: str, service: str, account: str, context: Mapping[str, str]) -> Question:
    [trust] = resolve(ROLES[role]["AssumeRolePolicyDocument"]["Statement"])
    known = {"aws:SourceAccount": account, "aws:SourceArn": acting_for(service, account)} | dict(context)
    return Question("sts:AssumeRole", "*", [{**trust, "Resource": "*"}], known, service)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_is_taken_on_by_its_service_for_this_account_alone(role: str) -> None:
    [trust] = ROLES[role]["AssumeRolePolicyDocument"]["Statement"]
    service = trust["Principal"]["Service"]
    asked = [
        taken_on(role, service, ACCOUNT, {}),
        taken_on(role, service, STRANGER, {}),
        taken_on(role, service, ACCOUNT, {"aws:SourceArn": acting_for(service, STRANGER)}),
        taken_on(role, "ec2.amazonaws.com", ACCOUNT, {}),
    ]
    assert answers(asked) == [True, False, False, False]
