"""Use cases joined with what they need: one function each. Imports are inside: a function loads what it uses."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import ends

HISTORY_PERIODS = 2_000  # of the champion, before a rollout: 33 hours of minutes

if TYPE_CHECKING:
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
def waiting() -> "Waiting":
    from switchyard.usecases.waiting import Waiting

    return Waiting(ends.ledger(), ends.control(), ends.tokens(), capacity())


@cache
def capacity() -> "Capacity":
    from switchyard.domain.capacity import limits_of
    from switchyard.usecases.capacity import DAY, Capacity

    own = ends.settings().environment
    limits, patience = (
        limits_of(own.get("INSTANCE_LIMITS", "")),
        float(own.get("CAPACITY_WAIT_DAYS", "7")) * DAY,
    )
    return Capacity(ends.ledger(), ends.control(), ends.tokens(), ends.clock, limits, patience)


@cache
def starting() -> "Starting":
    from switchyard.usecases.starting import Starting

    return Starting(ends.ledger(), ends.executions(), ends.frozen(), budgeting(), closing())


@cache
def budgeting() -> "Budgeting":
    from switchyard.usecases.budgeting import Budgeting

    return Budgeting(ends.ledger(), ends.artifacts(), ends.frozen(), ends.clock)


@cache
def closing() -> "Closing":
    from switchyard.usecases.closing import Closing

    return Closing(ends.ledger(), ends.artifacts(), ends.notices(), ends.clock)


@cache
def costing() -> "Costing":
    from switchyard.usecases.costing import Costing

    return Costing(ends.settings()["PREFIX"], ends.control(), budgeting())


@cache
def admission() -> "Admission":
    from switchyard.usecases.admission import Admission
    from switchyard.usecases.checking import Checking
    from switchyard.usecases.coding import Coding

    data = ends.bucket("DATA_BUCKET")
    return Admission(
        ends.ledger(),
        data,
        ends.artifacts(),
        starting(),
        Checking(data, ends.frozen()),
        Coding(ends.artifacts()),
    )


@cache
def retraining() -> "Retraining":
    from switchyard.usecases.retraining import Retraining

    return Retraining(ends.ledger(), ends.artifacts(), admission(), ends.clock)


@cache
def label_windows() -> "LabelWindows":
    from switchyard.usecases.label_windows import LabelWindows

    return LabelWindows(
        ends.ledger(), ends.joins(), ends.clock, ends.settings().number("LABEL_WINDOW_SECONDS")
    )


@cache
def labelling() -> "Labelling":
    from switchyard.usecases.labelling import Labelling

    own = ends.settings()
    period = own.number("METRIC_PERIOD_SECONDS")
    return Labelling(
        own["PREFIX"],
        ends.ledger(),
        ends.bucket("DATA_BUCKET"),
        ends.artifacts(),
        ends.frozen(),
        ends.clock,
        period,
    )


@cache
def pairing() -> "Pairing":
    from switchyard.usecases.pairing import Pairing

    return Pairing(ends.ledger(), ends.bucket("DATA_BUCKET"), ends.artifacts(), ends.frozen())


@cache
def scheduling() -> "Scheduling":
    from switchyard.usecases.scheduling import Scheduling

    return Scheduling(ends.ledger(), ends.artifacts(), ends.requests(), ends.clock)


@cache
def drifting() -> "Drifting":
    from switchyard.usecases.drifting import Drifting

    return Drifting(ends.settings()["PREFIX"], ends.ledger(), ends.artifacts(), ends.requests(), ends.clock)


@cache
def preparation() -> "Preparation":
    from switchyard.usecases.preparation import Preparation

    return Preparation(ends.artifacts(), ends.frozen())


@cache
def training() -> "Training":
    from switchyard.usecases.training import Training

    return Training(ends.settings()["PREFIX"], ends.artifacts(), ends.control(), ends.frozen(), waiting())


@cache
def alpha() -> "Alpha":
    from switchyard.usecases.evaluation import Alpha

    return Alpha(
        ends.settings()["PREFIX"], ends.ledger(), ends.artifacts(), ends.control(), ends.frozen(), waiting()
    )


@cache
def scoring() -> "Scoring":
    from switchyard.usecases.scoring import Scoring

    return Scoring(ends.artifacts(), ends.frozen(), ends.scorer())


@cache
def transforming() -> "Transforming":
    from switchyard.usecases.transforming import Transforming

    return Transforming(
        ends.settings()["PREFIX"], ends.ledger(), ends.artifacts(), ends.control(), ends.frozen(), waiting()
    )


@cache
def judging() -> "Judging":
    from switchyard.usecases.evaluation import Judging

    return Judging(ends.artifacts(), ends.frozen())


@cache
def registry() -> "Registry":
    from switchyard.usecases.registry import Registry

    prefix = ends.settings()["PREFIX"]
    return Registry(
        prefix,
        ends.ledger(),
        ends.artifacts(),
        ends.control(),
        ends.frozen(),
        waiting(),
        ends.tokens(),
        ends.clock,
    )


@cache
def rolling_out() -> "RollingOut":
    from switchyard.usecases.rolling_out import RollingOut

    return RollingOut(
        ends.settings()["PREFIX"],
        ends.ledger(),
        ends.artifacts(),
        ends.control(),
        ends.frozen(),
        waiting(),
        ends.clock,
    )


@cache
def guarding() -> "Guarding":
    from switchyard.usecases.guarding import Guarding

    own = ends.settings()
    parts = (ends.artifacts(), ends.control(), ends.alarms(), ends.frozen(), waiting())
    return Guarding(own["PREFIX"], ends.ledger(), *parts, own.number("METRIC_PERIOD_SECONDS"))


@cache
def looking() -> "Looking":
    from switchyard.usecases.looking import Looking

    own = ends.settings()
    lag, history = own.number("METRIC_LAG_SECONDS"), HISTORY_PERIODS * own.number("METRIC_PERIOD_SECONDS")
    parts = (
        ends.ledger(),
        ends.frozen(),
        ends.evidence(),
        label_windows(),
        ends.tokens(),
        ends.looks(),
        ends.clock,
    )
    return Looking(own["PREFIX"], *parts, lag, history)


@cache
def batching() -> "Batching":
    from switchyard.usecases.batching import Batching

    return Batching(
        ends.ledger(), ends.bucket("DATA_BUCKET"), ends.artifacts(), ends.frozen(), ends.executions()
    )


@cache
def predicting() -> "Predicting":
    from switchyard.usecases.predicting import Predicting

    return Predicting(
        ends.settings()["PREFIX"], ends.ledger(), ends.artifacts(), ends.control(), ends.frozen(), waiting()
    )


@cache
def batch_settling() -> "BatchSettling":
    from switchyard.usecases.batching import BatchSettling

    return BatchSettling(
        ends.settings()["PREFIX"], ends.ledger(), ends.control(), ends.executions(), capacity()
    )


@cache
def restoring() -> "Restoring":
    from switchyard.usecases.restoring import Restoring

    return Restoring(ends.settings()["PREFIX"], ends.ledger(), ends.control(), ends.tokens(), waiting())


@cache
def returning() -> "Returning":
    from switchyard.usecases.returning import Returning

    return Returning(ends.ledger(), ends.artifacts(), ends.clock)


@cache
def settling() -> "Settling":
    from switchyard.usecases.settling import Settling

    ledger, artifacts, control = ends.ledger(), ends.artifacts(), ends.control()
    ending = (closing(), costing(), capacity(), ends.alarms())
    prefix = ends.settings()["PREFIX"]
    return Settling(prefix, ledger, artifacts, control, ends.executions(), starting(), ends.clock, *ending)


@cache
def sweeping() -> "Sweeping":
    from switchyard.usecases.batching import BatchSweeping
    from switchyard.usecases.reaping import Reaping
    from switchyard.usecases.retiring import Retiring
    from switchyard.usecases.sweeping import Sweeping

    own = ends.settings()
    return Sweeping(
        own["PREFIX"],
        ends.ledger(),
        ends.artifacts(),
        ends.control(),
        ends.executions(),
        starting(),
        settling(),
        Reaping(own["PREFIX"], ends.ledger(), ends.control(), ends.alarms()),
        BatchSweeping(ends.ledger(), ends.executions(), ends.batch_arrivals(), batch_settling()),
        Retiring(own["PREFIX"], ends.ledger(), ends.artifacts(), ends.control(), closing()),
    )
