"""Where ports meet adapters: one function a use case. Imports are inside: a function loads what it uses."""

import time
from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime.clients import client
from switchyard.runtime.settings import Settings, from_environment
from switchyard.usecases.frozen import Frozen
from switchyard.usecases.ledger import Ledger

RETRY_SECONDS = 30
LAPS = ("training", "endpoint", "approval", "rollout")
HISTORY_PERIODS = 2_000  # of the champion, before a rollout: 33 hours of minutes

if TYPE_CHECKING:
    from switchyard.adapters.alarms import CloudWatchAlarms
    from switchyard.adapters.executions import StepFunctionsExecutions, StepFunctionsTokens
    from switchyard.adapters.looks import SqsLooks
    from switchyard.adapters.messages import SqsMessages
    from switchyard.adapters.notices import SnsNotices
    from switchyard.adapters.sagemaker import SageMakerControl
    from switchyard.adapters.storage import S3Storage
    from switchyard.usecases.admission import Admission
    from switchyard.usecases.batching import Batching, BatchSettling
    from switchyard.usecases.budgeting import Budgeting
    from switchyard.usecases.capacity import Capacity
    from switchyard.usecases.closing import Closing
    from switchyard.usecases.costing import Costing
    from switchyard.usecases.drifting import Drifting
    from switchyard.usecases.evaluation import Alpha, Judging
    from switchyard.usecases.guarding import Guarding
    from switchyard.usecases.label_windows import LabelWindows
    from switchyard.usecases.labelling import Labelling
    from switchyard.usecases.looking import Looking
    from switchyard.usecases.pairing import Pairing
    from switchyard.usecases.predicting import Predicting
    from switchyard.usecases.preparation import Preparation
    from switchyard.usecases.registry import Registry
    from switchyard.usecases.restoring import Restoring
    from switchyard.usecases.retraining import Retraining
    from switchyard.usecases.returning import Returning
    from switchyard.usecases.rolling_out import RollingOut
    from switchyard.usecases.scheduling import Scheduling
    from switchyard.usecases.scoring import Scoring
    from switchyard.usecases.settling import Settling
    from switchyard.usecases.starting import Starting
    from switchyard.usecases.sweeping import Sweeping
    from switchyard.usecases.training import Training
    from switchyard.usecases.transforming import Transforming
    from switchyard.usecases.waiting import Waiting


@cache
def settings() -> Settings:
    return from_environment()


@cache
def ledger() -> Ledger:
    from switchyard.adapters.items import DynamoItems

    return Ledger(DynamoItems(client("dynamodb"), settings()["LEDGER_TABLE"]), time.time)


def _bucket(name: str) -> "S3Storage":
    from switchyard.adapters.storage import S3Storage

    return S3Storage(client("s3"), settings()[name])


@cache
def artifacts() -> "S3Storage":
    return _bucket("ARTIFACT_BUCKET")


@cache
def frozen() -> Frozen:
    return Frozen(artifacts())


@cache
def control() -> "SageMakerControl":
    from switchyard.adapters.sagemaker import Roles, SageMakerControl

    environment = settings().environment
    roles = Roles(
        training=environment.get("TRAINING_ROLE_ARN", ""),
        hosting=environment.get("HOSTING_ROLE_ARN", ""),
        registry=environment.get("REGISTRY", ""),
        processing=environment.get("PROCESSING_ROLE_ARN", ""),
    )
    return SageMakerControl(client("sagemaker"), roles)


@cache
def alarms() -> "CloudWatchAlarms":
    from switchyard.adapters.alarms import CloudWatchAlarms

    return CloudWatchAlarms(client("cloudwatch"))


@cache
def tokens() -> "StepFunctionsTokens":
    from switchyard.adapters.executions import StepFunctionsTokens

    return StepFunctionsTokens(client("stepfunctions"))


@cache
def notices() -> "SnsNotices":
    from switchyard.adapters.notices import SnsNotices

    return SnsNotices(client("sns"), settings()["NOTICES_TOPIC"])


@cache
def executions() -> "StepFunctionsExecutions":
    from switchyard.adapters.executions import StepFunctionsExecutions

    own = settings()
    laps = {kind: own.number(f"{kind.upper()}_LAP_SECONDS") for kind in LAPS}
    restore = own.environment.get("RESTORE_MACHINE_ARN", "")
    retrain, transform = (own.environment.get(f"{m}_MACHINE_ARN", "") for m in ("RETRAIN", "TRANSFORM"))
    return StepFunctionsExecutions(client("stepfunctions"), retrain, restore, laps, transform)


@cache
def waiting() -> "Waiting":
    from switchyard.usecases.waiting import Waiting

    return Waiting(ledger(), control(), tokens(), capacity())


@cache
def capacity() -> "Capacity":
    from switchyard.domain.capacity import limits_of
    from switchyard.usecases.capacity import DAY, Capacity

    own = settings().environment
    limits, patience = (
        limits_of(own.get("INSTANCE_LIMITS", "")),
        float(own.get("CAPACITY_WAIT_DAYS", "7")) * DAY,
    )
    return Capacity(ledger(), control(), tokens(), time.time, limits, patience)


@cache
def starting() -> "Starting":
    from switchyard.usecases.starting import Starting

    return Starting(ledger(), executions(), frozen(), budgeting(), closing())


@cache
def budgeting() -> "Budgeting":
    from switchyard.usecases.budgeting import Budgeting

    return Budgeting(ledger(), artifacts(), frozen(), time.time)


@cache
def closing() -> "Closing":
    from switchyard.usecases.closing import Closing

    return Closing(ledger(), artifacts(), notices(), time.time)


@cache
def costing() -> "Costing":
    from switchyard.usecases.costing import Costing

    return Costing(settings()["PREFIX"], control(), budgeting())


@cache
def admission() -> "Admission":
    from switchyard.usecases.admission import Admission
    from switchyard.usecases.checking import Checking
    from switchyard.usecases.coding import Coding

    data = _bucket("DATA_BUCKET")
    return Admission(ledger(), data, artifacts(), starting(), Checking(data, frozen()), Coding(artifacts()))


@cache
def retraining() -> "Retraining":
    from switchyard.usecases.retraining import Retraining

    return Retraining(ledger(), artifacts(), admission(), time.time)


@cache
def requests() -> "SqsMessages":
    from switchyard.adapters.messages import SqsMessages

    return SqsMessages(client("sqs"), settings()["ARRIVAL_QUEUE_URL"], "retrain")


@cache
def joins() -> "SqsMessages":
    from switchyard.adapters.messages import SqsMessages

    return SqsMessages(client("sqs"), settings()["LABEL_QUEUE_URL"], "join")


@cache
def label_windows() -> "LabelWindows":
    from switchyard.usecases.label_windows import LabelWindows

    return LabelWindows(ledger(), joins(), time.time, settings().number("LABEL_WINDOW_SECONDS"))


@cache
def labelling() -> "Labelling":
    from switchyard.usecases.labelling import Labelling

    own = settings()
    period = own.number("METRIC_PERIOD_SECONDS")
    return Labelling(
        own["PREFIX"], ledger(), _bucket("DATA_BUCKET"), artifacts(), frozen(), time.time, period
    )


@cache
def pairing() -> "Pairing":
    from switchyard.usecases.pairing import Pairing

    return Pairing(ledger(), _bucket("DATA_BUCKET"), artifacts(), frozen())


@cache
def scheduling() -> "Scheduling":
    from switchyard.usecases.scheduling import Scheduling

    return Scheduling(ledger(), artifacts(), requests(), time.time)


@cache
def drifting() -> "Drifting":
    from switchyard.usecases.drifting import Drifting

    return Drifting(settings()["PREFIX"], ledger(), artifacts(), requests(), time.time)


@cache
def arrivals() -> "SqsLooks":
    from switchyard.adapters.looks import SqsLooks

    return SqsLooks(client("sqs"), settings()["ARRIVAL_QUEUE_URL"], RETRY_SECONDS)


@cache
def preparation() -> "Preparation":
    from switchyard.usecases.preparation import Preparation

    return Preparation(artifacts(), frozen())


@cache
def training() -> "Training":
    from switchyard.usecases.training import Training

    return Training(settings()["PREFIX"], artifacts(), control(), frozen(), waiting())


@cache
def alpha() -> "Alpha":
    from switchyard.usecases.evaluation import Alpha

    return Alpha(settings()["PREFIX"], ledger(), artifacts(), control(), frozen(), waiting())


@cache
def scoring() -> "Scoring":
    from switchyard.adapters.scorer import EndpointScorer
    from switchyard.usecases.scoring import Scoring

    return Scoring(artifacts(), frozen(), EndpointScorer(client("sagemaker-runtime")))


@cache
def transforming() -> "Transforming":
    from switchyard.usecases.transforming import Transforming

    return Transforming(settings()["PREFIX"], ledger(), artifacts(), control(), frozen(), waiting())


@cache
def judging() -> "Judging":
    from switchyard.usecases.evaluation import Judging

    return Judging(artifacts(), frozen())


@cache
def registry() -> "Registry":
    from switchyard.usecases.registry import Registry

    prefix = settings()["PREFIX"]
    return Registry(prefix, ledger(), artifacts(), control(), frozen(), waiting(), tokens(), time.time)


@cache
def rolling_out() -> "RollingOut":
    from switchyard.usecases.rolling_out import RollingOut

    return RollingOut(settings()["PREFIX"], ledger(), artifacts(), control(), frozen(), waiting(), time.time)


@cache
def guarding() -> "Guarding":
    from switchyard.usecases.guarding import Guarding

    own = settings()
    parts = (artifacts(), control(), alarms(), frozen(), waiting())
    return Guarding(own["PREFIX"], ledger(), *parts, own.number("METRIC_PERIOD_SECONDS"))


@cache
def looking() -> "Looking":
    from switchyard.adapters.evidence import CloudWatchEvidence
    from switchyard.adapters.looks import SqsLooks
    from switchyard.usecases.looking import Looking

    own = settings()
    reader = CloudWatchEvidence(client("cloudwatch"), own.number("METRIC_PERIOD_SECONDS"))
    looks = SqsLooks(client("sqs"), own["LOOKS_QUEUE_URL"], own.number("WINDOW_SECONDS"))
    lag, history = own.number("METRIC_LAG_SECONDS"), HISTORY_PERIODS * own.number("METRIC_PERIOD_SECONDS")
    parts = (ledger(), frozen(), reader, label_windows(), tokens(), looks, time.time)
    return Looking(own["PREFIX"], *parts, lag, history)


@cache
def batch_arrivals() -> "SqsMessages":
    from switchyard.adapters.messages import SqsMessages

    return SqsMessages(client("sqs"), settings()["BATCH_QUEUE_URL"], "detail")


@cache
def batching() -> "Batching":
    from switchyard.usecases.batching import Batching

    return Batching(ledger(), _bucket("DATA_BUCKET"), artifacts(), frozen(), executions())


@cache
def predicting() -> "Predicting":
    from switchyard.usecases.predicting import Predicting

    return Predicting(settings()["PREFIX"], ledger(), artifacts(), control(), frozen(), waiting())


@cache
def batch_settling() -> "BatchSettling":
    from switchyard.usecases.batching import BatchSettling

    return BatchSettling(settings()["PREFIX"], ledger(), control(), executions(), capacity())


@cache
def restoring() -> "Restoring":
    from switchyard.usecases.restoring import Restoring

    return Restoring(settings()["PREFIX"], ledger(), control(), tokens(), waiting())


@cache
def returning() -> "Returning":
    from switchyard.usecases.returning import Returning

    return Returning(ledger(), artifacts(), time.time)


@cache
def settling() -> "Settling":
    from switchyard.usecases.settling import Settling

    own = settings()
    ends = (closing(), costing(), capacity(), alarms())
    parts = (ledger(), artifacts(), control(), executions(), starting(), time.time, *ends)
    return Settling(own["PREFIX"], *parts)


@cache
def sweeping() -> "Sweeping":
    from switchyard.usecases.batching import BatchSweeping
    from switchyard.usecases.reaping import Reaping
    from switchyard.usecases.retiring import Retiring
    from switchyard.usecases.sweeping import Sweeping

    own = settings()
    return Sweeping(
        own["PREFIX"],
        ledger(),
        artifacts(),
        control(),
        executions(),
        starting(),
        settling(),
        Reaping(own["PREFIX"], ledger(), control(), alarms()),
        BatchSweeping(ledger(), executions(), batch_arrivals(), batch_settling()),
        Retiring(own["PREFIX"], ledger(), artifacts(), control(), closing()),
    )
