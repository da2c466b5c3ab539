"""Use cases joined with what they need: one function each. Imports are inside: a function loads what it uses."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters

HISTORY_PERIODS = 2_000  # of the champion, before a rollout: 33 hours of minutes

if TYPE_CHECKING:
    from switchyard.batch.admit_batch import Batching, BatchSettling
    from switchyard.batch.compare_drop import Pairing
    from switchyard.batch.transform_drop import Predicting
    from switchyard.closing.settle_run import Settling
    from switchyard.closing.sweep import Sweeping
    from switchyard.core.decision_record import Closing
    from switchyard.core.waiting import Waiting
    from switchyard.evaluation.judge_holdout import Alpha, Judging
    from switchyard.evaluation.model_registry import Registry
    from switchyard.evaluation.score_chunk import Scoring
    from switchyard.evaluation.transform_holdout import Transforming
    from switchyard.intake.admission import Admission
    from switchyard.intake.run_queue import Starting
    from switchyard.labels.score_labels import Labelling
    from switchyard.labels.windows import LabelWindows
    from switchyard.rollout.guard_shift import Guarding
    from switchyard.rollout.judge_window import Looking
    from switchyard.rollout.restore_champion import Restoring
    from switchyard.rollout.set_champion import Returning
    from switchyard.rollout.shift_traffic import RollingOut
    from switchyard.spending.capacity import Capacity
    from switchyard.spending.run_budget import Budgeting
    from switchyard.spending.run_cost import Costing
    from switchyard.training.prepare_dataset import Preparation
    from switchyard.training.start_training import Training
    from switchyard.triggers.check_drift import Drifting
    from switchyard.triggers.retraining import Retraining
    from switchyard.triggers.run_schedules import Scheduling


@cache
def waiting() -> "Waiting":
    from switchyard.core.waiting import Waiting

    return Waiting(adapters.ledger(), adapters.control(), adapters.tokens(), capacity())


@cache
def capacity() -> "Capacity":
    from switchyard.core.pools import limits_of
    from switchyard.spending.capacity import DAY, Capacity

    own = adapters.settings().environment
    limits, patience = (
        limits_of(own.get("INSTANCE_LIMITS", "")),
        float(own.get("CAPACITY_WAIT_DAYS", "7")) * DAY,
    )
    return Capacity(
        adapters.ledger(), adapters.control(), adapters.tokens(), adapters.clock, limits, patience
    )


@cache
def starting() -> "Starting":
    from switchyard.intake.run_queue import Starting

    return Starting(adapters.ledger(), adapters.executions(), adapters.frozen(), budgeting(), closing())


@cache
def budgeting() -> "Budgeting":
    from switchyard.spending.run_budget import Budgeting

    return Budgeting(adapters.ledger(), adapters.artifacts(), adapters.frozen(), adapters.clock)


@cache
def closing() -> "Closing":
    from switchyard.core.decision_record import Closing

    return Closing(adapters.ledger(), adapters.artifacts(), adapters.notices(), adapters.clock)


@cache
def costing() -> "Costing":
    from switchyard.spending.run_cost import Costing

    return Costing(adapters.settings()["PREFIX"], adapters.control(), budgeting())


@cache
def admission() -> "Admission":
    from switchyard.intake.admission import Admission
    from switchyard.intake.check_dataset import Checking
    from switchyard.intake.owner_code import Coding

    data = adapters.bucket("DATA_BUCKET")
    return Admission(
        adapters.ledger(),
        data,
        adapters.artifacts(),
        starting(),
        Checking(data, adapters.frozen()),
        Coding(adapters.artifacts()),
    )


@cache
def retraining() -> "Retraining":
    from switchyard.triggers.retraining import Retraining

    return Retraining(adapters.ledger(), adapters.artifacts(), admission(), adapters.clock)


@cache
def label_windows() -> "LabelWindows":
    from switchyard.labels.windows import LabelWindows

    return LabelWindows(
        adapters.ledger(),
        adapters.joins(),
        adapters.clock,
        adapters.settings().number("LABEL_WINDOW_SECONDS"),
    )


@cache
def labelling() -> "Labelling":
    from switchyard.labels.score_labels import Labelling

    own = adapters.settings()
    period = own.number("METRIC_PERIOD_SECONDS")
    return Labelling(
        own["PREFIX"],
        adapters.ledger(),
        adapters.bucket("DATA_BUCKET"),
        adapters.artifacts(),
        adapters.frozen(),
        adapters.clock,
        period,
    )


@cache
def pairing() -> "Pairing":
    from switchyard.batch.compare_drop import Pairing

    return Pairing(adapters.ledger(), adapters.bucket("DATA_BUCKET"), adapters.artifacts(), adapters.frozen())


@cache
def scheduling() -> "Scheduling":
    from switchyard.triggers.run_schedules import Scheduling

    return Scheduling(adapters.ledger(), adapters.artifacts(), adapters.requests(), adapters.clock)


@cache
def drifting() -> "Drifting":
    from switchyard.triggers.check_drift import Drifting

    return Drifting(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.requests(),
        adapters.clock,
    )


@cache
def preparation() -> "Preparation":
    from switchyard.training.prepare_dataset import Preparation

    return Preparation(adapters.artifacts(), adapters.frozen())


@cache
def training() -> "Training":
    from switchyard.training.start_training import Training

    return Training(
        adapters.settings()["PREFIX"], adapters.artifacts(), adapters.control(), adapters.frozen(), waiting()
    )


@cache
def alpha() -> "Alpha":
    from switchyard.evaluation.judge_holdout import Alpha

    return Alpha(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.frozen(),
        waiting(),
    )


@cache
def scoring() -> "Scoring":
    from switchyard.evaluation.score_chunk import Scoring

    return Scoring(adapters.artifacts(), adapters.frozen(), adapters.scorer())


@cache
def transforming() -> "Transforming":
    from switchyard.evaluation.transform_holdout import Transforming

    return Transforming(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.frozen(),
        waiting(),
    )


@cache
def judging() -> "Judging":
    from switchyard.evaluation.judge_holdout import Judging

    return Judging(adapters.artifacts(), adapters.frozen())


@cache
def registry() -> "Registry":
    from switchyard.evaluation.model_registry import Registry

    prefix = adapters.settings()["PREFIX"]
    return Registry(
        prefix,
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.frozen(),
        waiting(),
        adapters.tokens(),
        adapters.clock,
    )


@cache
def rolling_out() -> "RollingOut":
    from switchyard.rollout.shift_traffic import RollingOut

    return RollingOut(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.frozen(),
        waiting(),
        adapters.clock,
    )


@cache
def guarding() -> "Guarding":
    from switchyard.rollout.guard_shift import Guarding

    own = adapters.settings()
    parts = (adapters.artifacts(), adapters.control(), adapters.alarms(), adapters.frozen(), waiting())
    return Guarding(own["PREFIX"], adapters.ledger(), *parts, own.number("METRIC_PERIOD_SECONDS"))


@cache
def looking() -> "Looking":
    from switchyard.rollout.judge_window import Looking

    own = adapters.settings()
    lag, history = own.number("METRIC_LAG_SECONDS"), HISTORY_PERIODS * own.number("METRIC_PERIOD_SECONDS")
    parts = (
        adapters.ledger(),
        adapters.frozen(),
        adapters.evidence(),
        label_windows(),
        adapters.tokens(),
        adapters.looks(),
        adapters.clock,
    )
    return Looking(own["PREFIX"], *parts, lag, history)


@cache
def batching() -> "Batching":
    from switchyard.batch.admit_batch import Batching

    return Batching(
        adapters.ledger(),
        adapters.bucket("DATA_BUCKET"),
        adapters.artifacts(),
        adapters.frozen(),
        adapters.executions(),
    )


@cache
def predicting() -> "Predicting":
    from switchyard.batch.transform_drop import Predicting

    return Predicting(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.frozen(),
        waiting(),
    )


@cache
def batch_settling() -> "BatchSettling":
    from switchyard.batch.admit_batch import BatchSettling

    return BatchSettling(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.control(),
        adapters.executions(),
        capacity(),
    )


@cache
def restoring() -> "Restoring":
    from switchyard.rollout.restore_champion import Restoring

    return Restoring(
        adapters.settings()["PREFIX"], adapters.ledger(), adapters.control(), adapters.tokens(), waiting()
    )


@cache
def returning() -> "Returning":
    from switchyard.rollout.set_champion import Returning

    return Returning(adapters.ledger(), adapters.artifacts(), adapters.clock)


@cache
def settling() -> "Settling":
    from switchyard.closing.settle_run import Settling

    ledger, artifacts, control = adapters.ledger(), adapters.artifacts(), adapters.control()
    ending = (closing(), costing(), capacity(), adapters.alarms())
    prefix = adapters.settings()["PREFIX"]
    return Settling(
        prefix, ledger, artifacts, control, adapters.executions(), starting(), adapters.clock, *ending
    )


@cache
def sweeping() -> "Sweeping":
    from switchyard.batch.admit_batch import BatchSweeping
    from switchyard.closing.cleanup import Reaping
    from switchyard.closing.retire_model import Retiring
    from switchyard.closing.sweep import Sweeping

    own = adapters.settings()
    return Sweeping(
        own["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.executions(),
        starting(),
        settling(),
        Reaping(own["PREFIX"], adapters.ledger(), adapters.control(), adapters.alarms()),
        BatchSweeping(adapters.ledger(), adapters.executions(), adapters.batch_arrivals(), batch_settling()),
        Retiring(own["PREFIX"], adapters.ledger(), adapters.artifacts(), adapters.control(), closing()),
    )
