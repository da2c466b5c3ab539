"""RestoreChampion: looks at the endpoint and does the one next thing on the way back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.ports import Control, Tokens
from switchyard.core.resources.observation import Expected
from switchyard.core.run import Run
from switchyard.core.waiting import Waiting
from switchyard.rollout.rules.restore_step import (
    Done,
    GiveWeights,
    Later,
    Recreate,
    Remove,
    Step,
    UseConfig,
    next_step,
)
from switchyard.rollout.scaled_endpoint import ScaledEndpoint


@dataclass(frozen=True)
class RestoreChampion:
    """The executor of rollout.rules.restore_step's steps."""

    prefix: str
    ledger: Ledger
    control: Control
    tokens: Tokens
    waiting: Waiting
    scaled: ScaledEndpoint

    def restore(self, run: Run, token: str) -> None:
        names = Names(self.prefix, run.model, run.run_id)
        endpoint, champion = names.endpoint, self.ledger.champion(run.model)
        state = self.ledger.state(run.model, run.run_id)
        given_up = state is not None and not state.is_terminal
        step = next_step(
            self.control.describe_endpoint(endpoint), champion, names.full_config if given_up else ""
        )
        if isinstance(step, Done):
            self.tokens.succeed(token, {"done": True, "step": step.reason})
            return
        expected, act = self._act(endpoint, step)
        result: dict[str, Any] = {"done": False, "step": type(step).__name__}
        key = f"{run.run_id}#RestoreChampion#{type(step).__name__}"
        self.waiting.for_endpoint(endpoint, key, token, expected, result, act)

    def _give(self, endpoint: str, weights: Mapping[str, float]) -> None:
        self.control.set_weights(endpoint, weights, self.scaled.taking_all(endpoint, weights))

    def _use(self, endpoint: str, config: str) -> None:
        self.scaled.release(endpoint)
        self.control.ensure_endpoint(endpoint, config)

    def _act(self, endpoint: str, step: Step) -> tuple[Expected, Callable[[], None]]:
        match step:
            case GiveWeights(weights=weights):
                return Expected(weights=weights), lambda: self._give(endpoint, weights)
            case UseConfig(config=config) | Recreate(config=config):
                return Expected(config), lambda: self._use(endpoint, config)
            case Later():
                return Expected(settled=True), lambda: None
            case Remove():
                return Expected(gone=True), lambda: self.control.delete_endpoint(endpoint)
            case _:
                raise AssertionError(f"{step} is no step to take")
