"""After a deployment: is every part of the stack there, switched on, and free of trouble?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from cli.doctor.check import Check, broken, ok, warning
from cli.doctor.deployment import Deployment, Resource

AGAIN = "Deploy again (`sam build && sam deploy`), or put it right in its console."
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")


def resources(stack: Deployment) -> Iterator[Check]:
    """CloudFormation's own word."""
    bad = [f"{each.logical} {each.status}" for each in stack.resources if each.status not in GOOD]
    yield _all(
        "resources",
        len(stack.resources),
        bad,
        "Read the stack's events in CloudFormation, then deploy again.",
    )


def functions(stack: Deployment) -> Iterator[Check]:
    client, found = stack.access.client("lambda"), stack.of("AWS::Lambda::Function")
    yield _each(
        "functions", found, lambda name: _function(client.get_function_configuration(FunctionName=name))
    )


def _function(found: Mapping[str, Any]) -> str:
    """What is wrong; "" for one that can be called."""
    state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    return "" if (state, update) == ("Active", "Successful") else f"is {state}, its last update {update}"


def event_sources(stack: Deployment) -> Iterator[Check]:
    """The queues that functions are called from."""
    client, found = stack.access.client("lambda"), stack.of("AWS::Lambda::EventSourceMapping")

    def wrong(name: str) -> str:
        state = client.get_event_source_mapping(UUID=name).get("State", "")
        return "" if state in ("Enabled", "Enabling", "Updating") else f"is {state}"

    yield _each("queues that call functions", found, wrong)


def rules(stack: Deployment) -> Iterator[Check]:
    """Without them no drop arrives, no job is seen to end, and no schedule is kept."""
    client, found = stack.access.client("events"), stack.of("AWS::Events::Rule")

    def wrong(name: str) -> str:
        state = client.describe_rule(Name=name.rpartition("|")[2])["State"]
        return "" if state == "ENABLED" else f"is {state}"

    yield _each("event rules", found, wrong)


def machines(stack: Deployment) -> Iterator[Check]:
    client, found = stack.access.client("stepfunctions"), stack.of("AWS::StepFunctions::StateMachine")

    def wrong(name: str) -> str:
        status = client.describe_state_machine(stateMachineArn=name).get("status", "ACTIVE")
        return "" if status == "ACTIVE" else f"is {status}"

    yield _each("state machines", found, wrong)


def ledger(stack: Deployment) -> Iterator[Check]:
    name = stack.access.output("LedgerTableName")
    status = stack.access.client("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"]
    lost = "Deploy again, then `switchyard sweep`: champions and ended runs come back from their decision records."
    yield ok("ledger", name) if status == "ACTIVE" else broken("ledger", f"{name} is {status}", lost)


def buckets(stack: Deployment) -> Iterator[Check]:
    """Both answer, and the data bucket tells EventBridge of every object."""
    client = stack.access.client("s3")
    for output in ("DataBucketName", "ArtifactBucketName"):
        client.head_bucket(Bucket=stack.access.output(output))
    data = stack.access.output("DataBucketName")
    tells = "EventBridgeConfiguration" in client.get_bucket_notification_configuration(Bucket=data)
    silent = f"{data} does not tell EventBridge of new objects: no drop will ever arrive"
    yield ok("buckets", data) if tells else broken("buckets", silent, AGAIN)


def dead_letters(stack: Deployment) -> Iterator[Check]:
    client = stack.access.client("sqs")
    queues = [each for each in stack.of("AWS::SQS::Queue") if each.logical.endswith("DeadLetters")]

    def wrong(url: str) -> str:
        asked = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
        held = int(client.get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])
        return f"holds {held} messages" if held else ""

    yield _each(
        "dead letters",
        queues,
        wrong,
        'See "Dead letters" in docs/operations.md: read them, correct the cause, redrive.',
    )


def alarms(stack: Deployment) -> Iterator[Check]:
    client, found = stack.access.client("cloudwatch"), stack.of("AWS::CloudWatch::Alarm")

    def wrong(name: str) -> str:
        [alarm] = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return f"is in ALARM: {alarm.get('StateReason', '')}" if alarm["StateValue"] == "ALARM" else ""

    yield _each("alarms", found, wrong, "docs/operations.md says what each alarm means.")


def notices(stack: Deployment) -> Iterator[Check]:
    """Somebody is told how runs end."""
    topic = stack.access.output("NoticesTopicArn")
    found = stack.access.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    pending = [each["Endpoint"] for each in found if each["SubscriptionArn"] == "PendingConfirmation"]
    if pending:
        yield broken(
            "notices", f"{', '.join(pending)} has not confirmed", "Open the link in the mail from AWS."
        )
    elif not found and not stack.is_local:
        yield warning(
            "notices", "nobody is told how runs end", "Subscribe to the topic, or set NotificationEmail."
        )
    else:
        yield ok("notices", f"{len(found)} subscriptions")


def images(stack: Deployment) -> Iterator[Check]:
    """Of the stack's own repository; models with other images do not need it."""
    client = stack.access.client("ecr")
    for repository in stack.of("AWS::ECR::Repository"):
        held = client.describe_images(repositoryName=repository.name)["imageDetails"]
        missing = f"{repository.name} holds no image: runs of training.kind container will fail"
        step = "`switchyard image push` builds and pushes container/."
        yield ok("image", f"{len(held)} in {repository.name}") if held else warning("image", missing, step)


def _each(
    title: str, found: Iterable[Resource], wrong: Callable[[str], str], next_step: str = AGAIN
) -> Check:
    """wrong: physical name -> what is wrong with it; an answer that cannot be had is wrong, too."""
    found = list(found)
    said = [(each.logical, _asked(wrong, each.name)) for each in found]
    return _all(title, len(found), [f"{logical} {what}" for logical, what in said if what], next_step)


def _asked(wrong: Callable[[str], str], name: str) -> str:
    try:
        return wrong(name)
    except ClientError as error:
        return f"cannot be read: {error.response['Error'].get('Message', error)}"


def _all(title: str, count: int, bad: list[str], next_step: str) -> Check:
    return broken(title, "; ".join(bad), next_step) if bad else ok(title, f"{count} as they should be")


CHECKS: tuple[tuple[str, Callable[[Deployment], Iterable[Check]]], ...] = (
    ("resources", resources),
    ("buckets", buckets),
    ("ledger", ledger),
    ("functions", functions),
    ("queues that call functions", event_sources),
    ("event rules", rules),
    ("state machines", machines),
    ("dead letters", dead_letters),
    ("alarms", alarms),
    ("notices", notices),
)
ON_AWS = (*CHECKS, ("image", images))
