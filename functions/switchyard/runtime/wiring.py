"""Use cases joined with what they need: one function each. Imports are inside: a function loads what it uses."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters

HISTORY_PERIODS = 2_000  # of the champion, before a rollout: 33 hours of minutes

if TYPE_CHECKING:
    from switchyard.batch.admit_batch import AdmitBatch, SettleBatch
    from switchyard.batch.compare_drop import CompareDrop
    from switchyard.batch.transform_drop import TransformDrop
    from switchyard.closing.settle_run import SettleRun
    from switchyard.closing.sweep import Sweep
    from switchyard.core.decision_record import DecisionRecords
    from switchyard.core.rebuild import Rebuild
    from switchyard.core.waiting import Waiting
    from switchyard.evaluation.judge_holdout import AlphaEndpoint, JudgeHoldout
    from switchyard.evaluation.model_registry import ModelRegistry
    from switchyard.evaluation.score_chunk import ScoreChunk
    from switchyard.evaluation.transform_holdout import TransformHoldout
    from switchyard.intake.admission import Admission
    from switchyard.intake.run_queue import RunQueue
    from switchyard.labels.score_labels import ScoreLabels
    from switchyard.labels.windows import LabelWindows
    from switchyard.rollout.guard_shift import GuardShift
    from switchyard.rollout.judge_window import JudgeWindow
    from switchyard.rollout.restore_champion import RestoreChampion
    from switchyard.rollout.set_champion import SetChampion
    from switchyard.rollout.shift_traffic import ShiftTraffic
    from switchyard.spending.capacity import Capacity
    from switchyard.spending.run_budget import RunBudget
    from switchyard.spending.run_cost import RunCost
    from switchyard.training.prepare_dataset import PrepareDataset
    from switchyard.training.start_training import StartTraining
    from switchyard.triggers.check_drift import CheckDrift
    from switchyard.triggers.retraining import Retraining
    from switchyard.triggers.run_schedules import RunSchedules


@cache
def waiting() -> "Waiting":
    from switchyard.core.waiting import Waiting

    return Waiting(adapters.ledger(), adapters.control(), adapters.tokens(), capacity())


@cache
def capacity() -> "Capacity":
    from switchyard.core.resources.pools import limits_of
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
def run_queue() -> "RunQueue":
    from switchyard.intake.run_queue import RunQueue

    return RunQueue(
        adapters.ledger(), adapters.executions(), adapters.snapshots(), run_budget(), decision_records()
    )


@cache
def run_budget() -> "RunBudget":
    from switchyard.spending.run_budget import RunBudget

    return RunBudget(adapters.ledger(), adapters.artifacts(), adapters.snapshots(), adapters.clock)


@cache
def decision_records() -> "DecisionRecords":
    from switchyard.core.decision_record import DecisionRecords

    return DecisionRecords(adapters.ledger(), adapters.artifacts(), adapters.notices(), adapters.clock)


@cache
def run_cost() -> "RunCost":
    from switchyard.spending.run_cost import RunCost

    return RunCost(adapters.settings()["PREFIX"], adapters.control(), run_budget())


@cache
def admission() -> "Admission":
    from switchyard.intake.admission import Admission
    from switchyard.intake.check_dataset import DatasetCheck
    from switchyard.intake.owner_code import OwnerCode

    data = adapters.bucket("DATA_BUCKET")
    return Admission(
        adapters.ledger(),
        data,
        adapters.artifacts(),
        run_queue(),
        DatasetCheck(data, adapters.snapshots()),
        OwnerCode(adapters.artifacts()),
        rebuild(),
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
def score_labels() -> "ScoreLabels":
    from switchyard.labels.score_labels import ScoreLabels

    own = adapters.settings()
    period = own.number("METRIC_PERIOD_SECONDS")
    return ScoreLabels(
        own["PREFIX"],
        adapters.ledger(),
        adapters.bucket("DATA_BUCKET"),
        adapters.artifacts(),
        adapters.snapshots(),
        adapters.clock,
        period,
    )


@cache
def compare_drop() -> "CompareDrop":
    from switchyard.batch.compare_drop import CompareDrop

    return CompareDrop(
        adapters.ledger(), adapters.bucket("DATA_BUCKET"), adapters.artifacts(), adapters.snapshots()
    )


@cache
def run_schedules() -> "RunSchedules":
    from switchyard.triggers.run_schedules import RunSchedules

    return RunSchedules(adapters.ledger(), adapters.artifacts(), adapters.requests(), adapters.clock)


@cache
def check_drift() -> "CheckDrift":
    from switchyard.triggers.check_drift import CheckDrift

    return CheckDrift(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.requests(),
        adapters.clock,
    )


@cache
def prepare_dataset() -> "PrepareDataset":
    from switchyard.training.prepare_dataset import PrepareDataset

    return PrepareDataset(adapters.artifacts(), adapters.snapshots())


@cache
def start_training() -> "StartTraining":
    from switchyard.training.start_training import StartTraining

    return StartTraining(
        adapters.settings()["PREFIX"],
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
    )


@cache
def alpha_endpoint() -> "AlphaEndpoint":
    from switchyard.evaluation.judge_holdout import AlphaEndpoint

    return AlphaEndpoint(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
    )


@cache
def score_chunk() -> "ScoreChunk":
    from switchyard.evaluation.score_chunk import ScoreChunk

    return ScoreChunk(adapters.artifacts(), adapters.snapshots(), adapters.scorer())


@cache
def transform_holdout() -> "TransformHoldout":
    from switchyard.evaluation.transform_holdout import TransformHoldout

    return TransformHoldout(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
    )


@cache
def judge_holdout() -> "JudgeHoldout":
    from switchyard.evaluation.judge_holdout import JudgeHoldout

    return JudgeHoldout(adapters.artifacts(), adapters.snapshots())


@cache
def model_registry() -> "ModelRegistry":
    from switchyard.evaluation.model_registry import ModelRegistry

    prefix = adapters.settings()["PREFIX"]
    return ModelRegistry(
        prefix,
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
        adapters.tokens(),
        adapters.clock,
    )


@cache
def shift_traffic() -> "ShiftTraffic":
    from switchyard.rollout.shift_traffic import ShiftTraffic

    return ShiftTraffic(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
        adapters.clock,
    )


@cache
def guard_shift() -> "GuardShift":
    from switchyard.rollout.guard_shift import GuardShift

    own = adapters.settings()
    parts = (adapters.artifacts(), adapters.control(), adapters.alarms(), adapters.snapshots(), waiting())
    return GuardShift(own["PREFIX"], adapters.ledger(), *parts, own.number("METRIC_PERIOD_SECONDS"))


@cache
def judge_window() -> "JudgeWindow":
    from switchyard.rollout.judge_window import JudgeWindow

    own = adapters.settings()
    lag, history = own.number("METRIC_LAG_SECONDS"), HISTORY_PERIODS * own.number("METRIC_PERIOD_SECONDS")
    parts = (
        adapters.ledger(),
        adapters.snapshots(),
        adapters.evidence(),
        label_windows(),
        adapters.tokens(),
        adapters.looks(),
        adapters.clock,
    )
    return JudgeWindow(own["PREFIX"], *parts, lag, history)


@cache
def admit_batch() -> "AdmitBatch":
    from switchyard.batch.admit_batch import AdmitBatch

    return AdmitBatch(
        adapters.ledger(),
        adapters.bucket("DATA_BUCKET"),
        adapters.artifacts(),
        adapters.snapshots(),
        adapters.executions(),
    )


@cache
def transform_drop() -> "TransformDrop":
    from switchyard.batch.transform_drop import TransformDrop

    return TransformDrop(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
    )


@cache
def settle_batch() -> "SettleBatch":
    from switchyard.batch.admit_batch import SettleBatch

    return SettleBatch(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.control(),
        adapters.executions(),
        capacity(),
    )


@cache
def restore_champion() -> "RestoreChampion":
    from switchyard.rollout.restore_champion import RestoreChampion

    return RestoreChampion(
        adapters.settings()["PREFIX"], adapters.ledger(), adapters.control(), adapters.tokens(), waiting()
    )


@cache
def set_champion() -> "SetChampion":
    from switchyard.rollout.set_champion import SetChampion

    return SetChampion(adapters.ledger(), adapters.artifacts(), adapters.clock)


@cache
def settle_run() -> "SettleRun":
    from switchyard.closing.settle_run import SettleRun

    ledger, artifacts, control = adapters.ledger(), adapters.artifacts(), adapters.control()
    ending = (decision_records(), run_cost(), capacity(), adapters.alarms())
    prefix = adapters.settings()["PREFIX"]
    return SettleRun(
        prefix, ledger, artifacts, control, adapters.executions(), run_queue(), adapters.clock, *ending
    )


@cache
def rebuild() -> "Rebuild":
    from switchyard.core.rebuild import Rebuild

    return Rebuild(adapters.ledger(), adapters.artifacts())


@cache
def sweep() -> "Sweep":
    from switchyard.batch.admit_batch import SweepBatches
    from switchyard.closing.cleanup import Cleanup
    from switchyard.closing.forgotten import Forgotten
    from switchyard.closing.retire_model import RetireModel
    from switchyard.closing.sweep import Sweep

    own = adapters.settings()
    return Sweep(
        own["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.executions(),
        run_queue(),
        settle_run(),
        Cleanup(own["PREFIX"], adapters.ledger(), adapters.control(), adapters.alarms()),
        SweepBatches(adapters.ledger(), adapters.executions(), adapters.batch_arrivals(), settle_batch()),
        RetireModel(
            own["PREFIX"], adapters.ledger(), adapters.artifacts(), adapters.control(), decision_records()
        ),
        rebuild(),
        Forgotten(adapters.ledger(), adapters.artifacts(), adapters.executions(), settle_run()),
    )
