"""What to try next, by Random, Grid or Bayesian search, from what was tried so far.

Each proposal is a function of the space, the history and a seed; nothing is kept between two, so a search goes on
after a crash as if nothing had been. Optuna draws: its tree-structured Parzen estimator stands for SageMaker's
Bayesian search. It is imported by the first tuning job, not by the plane.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sagemaker_local.tuning.strategy.space import Axis, Categorical, Numeric, Space
from sagemaker_local.tuning.strategy.trial import Trial

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

_DRAWS = 50  # for something that was not tried before


@dataclass(frozen=True)
class Search:
    """How one training job definition is searched. Hyperband proposes as Bayesian does, and stops more."""

    space: Space
    strategy: str
    maximise: bool
    seed: str


def propose(search: Search, history: Sequence[Trial]) -> dict[str, str]:
    """The hyperparameters of the next trial; new ones as long as there are any."""
    tried = [dict(each.parameters) for each in history]
    if search.strategy == "Grid":
        return next(each for each in search.space.grid() if each not in tried)
    guess = _draw(search, history, attempt=0, at_random=search.strategy == "Random")
    for attempt in range(1, _DRAWS):
        if guess not in tried:
            break
        guess = _draw(search, history, attempt=attempt, at_random=True)
    return guess


def _draw(search: Search, history: Sequence[Trial], *, attempt: int, at_random: bool) -> dict[str, str]:
    library = _optuna()
    seed = zlib.crc32(f"{search.seed}:{len(history)}:{attempt}".encode())
    if at_random:
        sampler = library.samplers.RandomSampler(seed=seed)
    else:  # running trials count as bad ones, so that parallel proposals spread
        sampler = library.samplers.TPESampler(seed=seed, constant_liar=True)
    study = library.create_study(direction="maximize" if search.maximise else "minimize", sampler=sampler)
    study.add_trials([_frozen(search.space, each) for each in history])
    drawn = study.ask(_distributions(search.space)).params
    return {axis.name: _shown(axis, drawn[axis.name]) for axis in search.space.axes}


def _frozen(space: Space, trial: Trial) -> FrozenTrial:
    library = _optuna()
    states = library.trial.TrialState
    ended = states.FAIL if trial.objective is None else states.COMPLETE
    frozen: FrozenTrial = library.trial.create_trial(
        state=states.RUNNING if trial.is_live else ended,
        value=trial.objective,
        params={axis.name: _inner(axis, trial.parameters[axis.name]) for axis in space.axes},
        distributions=_distributions(space),
    )
    return frozen


def _distributions(space: Space) -> dict[str, BaseDistribution]:
    return {axis.name: _distribution(axis) for axis in space.axes}


def _distribution(axis: Axis) -> BaseDistribution:
    kinds = _optuna().distributions
    distribution: BaseDistribution
    if isinstance(axis, Categorical):
        distribution = kinds.CategoricalDistribution(axis.values)
    elif axis.is_integer:
        distribution = kinds.IntDistribution(int(axis.low), int(axis.high), log=axis.scaling == "Logarithmic")
    elif axis.scaling == "ReverseLogarithmic":
        distribution = kinds.FloatDistribution(1 - axis.high, 1 - axis.low, log=True)
    else:
        distribution = kinds.FloatDistribution(axis.low, axis.high, log=axis.scaling == "Logarithmic")
    return distribution


def _inner(axis: Axis, text: str) -> str | float:
    """A value as the distribution counts it: ReverseLogarithmic walks 1 - x by powers."""
    if isinstance(axis, Categorical):
        return text
    value = float(text)
    if axis.scaling == "ReverseLogarithmic":
        return min(max(1 - value, 1 - axis.high), 1 - axis.low)
    return int(value) if axis.is_integer else value


def _shown(axis: Axis, drawn: Any) -> str:
    if isinstance(axis, Numeric):
        return axis.text(1 - drawn if axis.scaling == "ReverseLogarithmic" else drawn)
    return str(drawn)


@functools.cache
def _optuna() -> Any:
    """A quarter of a second and 20 MB, which a plane that tunes nothing does not pay."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
