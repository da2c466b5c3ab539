"""Labels and their windows, joined with what they need."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters

if TYPE_CHECKING:
    from switchyard.labels.score_labels import ScoreLabels
    from switchyard.labels.windows import LabelWindows


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
