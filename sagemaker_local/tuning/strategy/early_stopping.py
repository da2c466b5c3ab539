"""TrainingJobEarlyStoppingType Auto: a training job that does worse than the others did by then is stopped.

"If the value of the objective metric for the current training job is worse than the median value of running averages
of the objective metric for previous training jobs up to the same epoch, SageMaker stops the current training job."
(Developer Guide, How Early Stopping Works.) An epoch is one value of the metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

from sagemaker_local.tuning.strategy.trial import Trial, better

_FEWEST_OTHERS = 3  # AWS names no number; a median of fewer says nothing


def is_behind(trial: Trial, others: Sequence[Trial], *, maximise: bool) -> bool:
    """Whether `trial` is to be stopped. `others`: the trials that began before it."""
    epoch = len(trial.curve)
    averages = [fmean(each.curve[:epoch]) for each in others if len(each.curve) >= epoch > 0]
    if len(averages) < _FEWEST_OTHERS:
        return False
    return better(median(averages), trial.curve[-1], maximise=maximise)
