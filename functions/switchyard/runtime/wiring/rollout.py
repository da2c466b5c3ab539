"""Moves of traffic, verdicts and the way back, joined with what they need."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters
from switchyard.runtime.wiring.core import registry, waiting
from switchyard.runtime.wiring.labels import label_windows

HISTORY_PERIODS = 2_000  # of the champion, before a rollout: 33 hours of minutes

if TYPE_CHECKING:
    from switchyard.rollout.guard_shift import GuardShift
    from switchyard.rollout.judge_window import JudgeWindow
    from switchyard.rollout.restore_champion import RestoreChampion
    from switchyard.rollout.scaled_endpoint import ScaledEndpoint
    from switchyard.rollout.set_champion import SetChampion
    from switchyard.rollout.shift_traffic import ShiftTraffic
    from switchyard.rollout.window_evidence import WindowEvidence


@cache
def scaled_endpoint() -> "ScaledEndpoint":
    from switchyard.rollout.scaled_endpoint import ScaledEndpoint

    return ScaledEndpoint(adapters.settings()["PREFIX"], adapters.control(), adapters.autoscaling())


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
        scaled_endpoint(),
    )


@cache
def guard_shift() -> "GuardShift":
    from switchyard.rollout.guard_shift import GuardShift

    own = adapters.settings()
    parts = (adapters.artifacts(), adapters.control(), adapters.alarms(), adapters.snapshots(), waiting())
    period = own.number("METRIC_PERIOD_SECONDS")
    return GuardShift(own["PREFIX"], adapters.ledger(), *parts, period, scaled_endpoint())


@cache
def judge_window() -> "JudgeWindow":
    from switchyard.rollout.judge_window import JudgeWindow

    parts = (adapters.snapshots(), adapters.control(), window_evidence(), adapters.tokens(), adapters.looks())
    return JudgeWindow(adapters.settings()["PREFIX"], adapters.ledger(), *parts, adapters.clock)


@cache
def window_evidence() -> "WindowEvidence":
    from switchyard.rollout.window_evidence import WindowEvidence

    own = adapters.settings()
    lag, period = own.number("METRIC_LAG_SECONDS"), own.number("METRIC_PERIOD_SECONDS")
    parts = (adapters.ledger(), adapters.evidence(), label_windows(), adapters.clock)
    return WindowEvidence(own["PREFIX"], *parts, lag, period, HISTORY_PERIODS * period)


@cache
def restore_champion() -> "RestoreChampion":
    from switchyard.rollout.restore_champion import RestoreChampion

    return RestoreChampion(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.control(),
        adapters.tokens(),
        waiting(),
        scaled_endpoint(),
    )


@cache
def set_champion() -> "SetChampion":
    from switchyard.rollout.set_champion import SetChampion

    return SetChampion(adapters.ledger(), adapters.artifacts(), adapters.clock, registry())
