"""Waiting that costs nothing: leave the token, do the one thing, go home; an event, or the next lap, answers.

The order is what makes it safe: the token is stored before the side effect, so an event can never come too early,
and after the side effect we look once ourselves, so that a lap finds what an earlier one started. Where there is no
room for what is asked, nothing is started: the token stands in line (`Line`), and no lap is counted.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from switchyard.core.describe import describe
from switchyard.core.errors import BusyError, JobFailedError, ResourceLimitError, StuckError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.waits import Wait
from switchyard.core.ports import Control, Tokens
from switchyard.core.resources.observation import (
    Expected,
    Observation,
    Progress,
    best_job,
    observe_endpoint,
    observe_package,
    observe_processing,
    observe_training,
    observe_transform,
    observe_tuning,
)
from switchyard.core.resources.pools import Claim

MAX_LAPS = 12
OBSERVED = {
    "training-job": observe_training,
    "processing-job": observe_processing,
    "transform-job": observe_transform,
    "model-package": observe_package,
}


class Line(Protocol):
    """The line of those who wait for instances; spending.capacity keeps it."""

    def take(self, wait: Wait, claim: Claim) -> bool:
        """True when there is room; else the wait stands in line."""

    def taken(self, claim: Claim) -> None: ...
    def refused(self, wait: Wait, claim: Claim, said: str) -> None: ...
    def changed(self, resource: str) -> None: ...


@dataclass(frozen=True)
class Waiting:
    """Joins the ledger's tokens with what SageMaker says."""

    ledger: Ledger
    control: Control
    tokens: Tokens
    capacity: Line

    def for_job(
        self,
        kind: str,
        name: str,
        wait_key: str,
        token: str,
        start: Callable[[], None],
        claim: Claim | None = None,
    ) -> None:
        """kind: as in the job's ARN: training-job, processing-job, transform-job, hyper-parameter-tuning-job."""
        self._begin(Wait(f"{kind}/{name}", wait_key, token, {}, {"job": name}), start, claim)

    def for_package(self, arn: str, wait_key: str, token: str) -> None:
        """Nothing is started: a person acts in the registry."""
        self._begin(Wait(f"model-package/{arn}", wait_key, token, {}, {"package": arn}), lambda: None)

    def for_endpoint(
        self,
        name: str,
        wait_key: str,
        token: str,
        expected: Expected,
        result: dict[str, Any],
        start: Callable[[], None],
        claim: Claim | None = None,
    ) -> None:
        """claim: the instances that it needs; without one it waits for nobody."""
        self._begin(Wait(f"endpoint/{name}", wait_key, token, asdict(expected), result), start, claim)

    def _begin(self, wait: Wait, start: Callable[[], None], claim: Claim | None = None) -> None:
        wait = self.ledger.save_wait(wait)
        if wait.laps >= MAX_LAPS:
            self.ledger.end_wait(wait)  # whoever tries once more starts to count anew
            raise StuckError(
                f"waited {wait.laps} laps for {wait.resource} and it has not settled; look at it in the "
                f"SageMaker console, then start the restore machine or drop the dataset again"
            )
        if self._has_started(wait, start, claim):
            self.ledger.count_lap(wait)
            self._answer(wait)

    def _has_started(self, wait: Wait, start: Callable[[], None], claim: Claim | None) -> bool:
        """False when it stands in line instead. What has started once, as its laps say, has its instances."""
        if claim and not wait.laps and not self.capacity.take(wait, claim):
            return False
        try:
            start()
        except ResourceLimitError as error:
            if claim is None:
                raise BusyError(str(error)) from error
            self.capacity.refused(wait, claim, str(error))
            return False
        if claim and not wait.laps:
            self.capacity.taken(claim)
        return True

    def resource_changed(self, resource: str) -> int:
        """Answers whoever waits for this resource, if what they wait for has come; says how many waited."""
        waits = self.ledger.waits(resource)
        for wait in waits:
            self._answer(wait)
        self.capacity.changed(resource)
        return len(waits)

    def _answer(self, wait: Wait) -> None:
        seen = self._observe(wait)
        if seen.progress is Progress.PENDING:
            return
        if seen.progress is Progress.DONE:
            self.tokens.succeed(wait.token, {**wait.result, **seen.found})
        else:
            self.tokens.fail(wait.token, JobFailedError.__name__, seen.reason)
        self.ledger.end_wait(wait)

    def _observe(self, wait: Wait) -> Observation:
        kind, found = wait.resource.partition("/")[0], describe(self.control, wait.resource)
        if kind == "endpoint":
            return observe_endpoint(found, Expected(**wait.expects))
        if kind == "hyper-parameter-tuning-job":
            return self._observe_tuning(found)
        return OBSERVED[kind](found)

    def _observe_tuning(self, tuning: Mapping[str, Any] | None) -> Observation:
        winner = best_job(tuning)
        best = self.control.describe_training(winner["training_job"]) if winner else None
        return observe_tuning(tuning, best)
