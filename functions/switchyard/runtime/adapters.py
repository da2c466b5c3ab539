"""Where our own code ends: settings, clock, and an adapter for each port; a function imports only what it uses."""

import time
from functools import cache
from typing import TYPE_CHECKING

from switchyard.config.snapshot import Snapshots
from switchyard.core.account import Account, account_of
from switchyard.core.ledger.ledger import Ledger
from switchyard.runtime.clients import client
from switchyard.runtime.settings import Settings, from_environment

LAPS = ("training", "endpoint", "approval", "rollout")

if TYPE_CHECKING:
    from switchyard.aws.alarms import CloudWatchAlarms
    from switchyard.aws.autoscaling import ApplicationAutoscaling
    from switchyard.aws.cloudwatch import CloudWatchEvidence
    from switchyard.aws.dead_letter_queue import SqsDeadLetters
    from switchyard.aws.executions import StepFunctionsExecutions, StepFunctionsTokens
    from switchyard.aws.large_storage import LargeStorage
    from switchyard.aws.log_groups import CloudWatchLogGroups
    from switchyard.aws.looks import SqsLooks
    from switchyard.aws.messages import SqsMessages
    from switchyard.aws.notices import SnsNotices
    from switchyard.aws.retries import SqsRetries
    from switchyard.aws.sagemaker import SageMakerControl
    from switchyard.aws.scorer import EndpointScorer
    from switchyard.aws.storage import S3Storage
    from switchyard.engine.table_files import EngineForms


@cache
def settings() -> Settings:
    return from_environment()


def clock() -> float:
    """Seconds since the epoch."""
    return time.time()


@cache
def ledger() -> Ledger:
    from switchyard.aws.items import DynamoItems

    return Ledger(DynamoItems(client("dynamodb"), settings()["LEDGER_TABLE"]), clock)


def bucket(name: str) -> "S3Storage":
    from switchyard.aws.storage import S3Storage

    return S3Storage(client("s3"), settings()[name], account().key)


def large_bucket(name: str) -> "LargeStorage":
    from switchyard.aws.large_storage import LargeStorage

    return LargeStorage(client("s3"), settings()[name], account().key)


@cache
def artifacts() -> "S3Storage":
    return bucket("ARTIFACT_BUCKET")


@cache
def snapshots() -> Snapshots:
    return Snapshots(artifacts())


@cache
def forms() -> "EngineForms":
    from switchyard.engine.table_files import EngineForms

    return EngineForms()


@cache
def control() -> "SageMakerControl":
    from switchyard.aws.containers import DatasetImage
    from switchyard.aws.sagemaker import Roles, SageMakerControl

    environment = settings().environment
    roles = Roles(
        training=environment.get("TRAINING_ROLE_ARN", ""),
        hosting=environment.get("HOSTING_ROLE_ARN", ""),
        registry=environment.get("REGISTRY", ""),
        processing=environment.get("PROCESSING_ROLE_ARN", ""),
        dataset=environment.get("DATASET_ROLE_ARN", ""),
    )
    told = {name: environment.get(name, "") for name in ("ARTIFACT_BUCKET", "DATA_BUCKET", "KMS_KEY_ARN")}
    dataset = DatasetImage(environment.get("DATASET_IMAGE", ""), told)
    return SageMakerControl(client("sagemaker"), roles, account(), dataset)


def account() -> Account:
    return account_of(settings().environment)


@cache
def alarms() -> "CloudWatchAlarms":
    from switchyard.aws.alarms import CloudWatchAlarms

    return CloudWatchAlarms(client("cloudwatch"))


@cache
def autoscaling() -> "ApplicationAutoscaling":
    from switchyard.aws.autoscaling import ApplicationAutoscaling

    scaling = client("application-autoscaling")
    return ApplicationAutoscaling(scaling, client("cloudwatch"), settings()["PREFIX"])


@cache
def tokens() -> "StepFunctionsTokens":
    from switchyard.aws.executions import StepFunctionsTokens

    return StepFunctionsTokens(client("stepfunctions"))


@cache
def notices() -> "SnsNotices":
    from switchyard.aws.notices import SnsNotices

    return SnsNotices(client("sns"), settings()["NOTICES_TOPIC"])


@cache
def executions() -> "StepFunctionsExecutions":
    from switchyard.aws.executions import StepFunctionsExecutions

    own = settings()
    laps = {kind: own.number(f"{kind.upper()}_LAP_SECONDS") for kind in LAPS}
    restore = own.environment.get("RESTORE_MACHINE_ARN", "")
    retrain, transform = (own.environment.get(f"{m}_MACHINE_ARN", "") for m in ("RETRAIN", "TRANSFORM"))
    return StepFunctionsExecutions(client("stepfunctions"), retrain, restore, laps, transform)


@cache
def requests() -> "SqsMessages":
    from switchyard.aws.messages import SqsMessages

    return SqsMessages(client("sqs"), settings()["ARRIVAL_QUEUE_URL"], "retrain")


@cache
def joins() -> "SqsMessages":
    from switchyard.aws.messages import SqsMessages

    return SqsMessages(client("sqs"), settings()["LABEL_QUEUE_URL"], "join")


def _retries(queue: str) -> "SqsRetries":
    from switchyard.aws.retries import SqsRetries

    return SqsRetries(client("sqs"), settings()[queue])


@cache
def drop_retries() -> "SqsRetries":
    return _retries("ARRIVAL_QUEUE_URL")


@cache
def label_retries() -> "SqsRetries":
    return _retries("LABEL_QUEUE_URL")


@cache
def batch_retries() -> "SqsRetries":
    return _retries("BATCH_QUEUE_URL")


@cache
def batch_arrivals() -> "SqsMessages":
    from switchyard.aws.messages import SqsMessages

    return SqsMessages(client("sqs"), settings()["BATCH_QUEUE_URL"], "detail")


@cache
def dead_letters() -> "SqsDeadLetters":
    from switchyard.aws.dead_letter_queue import SqsDeadLetters

    return SqsDeadLetters(client("sqs"), settings()["DEAD_LETTERS_URL"])


@cache
def looks() -> "SqsLooks":
    from switchyard.aws.looks import SqsLooks

    own = settings()
    return SqsLooks(client("sqs"), own["LOOKS_QUEUE_URL"], own.number("WINDOW_SECONDS"))


@cache
def log_groups() -> "CloudWatchLogGroups":
    from switchyard.aws.log_groups import CloudWatchLogGroups

    return CloudWatchLogGroups(client("logs"))


@cache
def evidence() -> "CloudWatchEvidence":
    from switchyard.aws.cloudwatch import CloudWatchEvidence

    return CloudWatchEvidence(client("cloudwatch"), settings().number("METRIC_PERIOD_SECONDS"))


@cache
def scorer() -> "EndpointScorer":
    from switchyard.aws.scorer import EndpointScorer

    return EndpointScorer(client("sagemaker-runtime"))
