"""Waiting that costs nothing: leave the token, do the one thing, go home; an event, or the next lap, answers.

The order is what makes it safe: the token is stored before the side effect, so an event can never come too early,
and after the side effect we look once ourselves, so that a lap finds what an earlier one started. Where there is no
room for what is asked, nothing is started: the token stands in line (`Line`), and no lap is counted. Nor is it while
an endpoint is in the middle of another change, SageMaker's own maintenance among them: the token then waits until the
endpoint has settled, and its state asks again.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from switchyard.core.describe import describe
from switchyard.core.errors import (
    BusyError,
    EndpointSettledError,
    JobFailedError,
    ResourceLimitError,
    StuckError,
)
from switchyard.core.known_members import known_members
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.waits import Wait
from switchyard.core.names import Names
from switchyard.core.ports import Control, Tokens
from switchyard.core.resources.observation import (
    Asked,
    Expected,
    Observation,
    Progress,
    best_job,
    changed_at,
    observe_endpoint,
    observe_package,
    observe_processing,
    observe_training,
    observe_transform,
    observe_tuning,
)
from switchyard.core.resources.pools import Claim

# A lap of a job is more than a day (`laps` of the machines), and pipeline.yaml takes 28 days; one of an endpoint is an
# hour.
MAX_LAPS = 30
MAX_ENDPOINT_LAPS = 12
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
        before = changed_at(self.control.describe_endpoint(name))
        wait = Wait(f"endpoint/{name}", wait_key, token, asdict(expected), result, before=before)
        self._begin(wait, start, claim)

    def _begin(self, wait: Wait, start: Callable[[], None], claim: Claim | None = None) -> None:
        """What was asked for in an earlier lap, and has come or failed since, is not asked for again."""
        wait = self.ledger.save_wait(wait)
        self._give_up_stuck(wait)
        if wait.laps and self._answer(wait):
            return
        if self._has_started(wait, start, claim):
            self.ledger.count_lap(wait)
            self._answer(wait)

    def _give_up_stuck(self, wait: Wait) -> None:
        laps = max(wait.laps, wait.refusals)
        if laps < (MAX_ENDPOINT_LAPS if _is_endpoint(wait) else MAX_LAPS):
            return
        self.ledger.end_wait(wait)  # whoever tries once more starts to count anew
        raise StuckError(
            f"waited {laps} laps for {wait.resource} and it has not settled; look at it in the "
            f"SageMaker console, then start the restore machine or drop the dataset again"
        )

    def _has_started(self, wait: Wait, start: Callable[[], None], claim: Claim | None) -> bool:
        """False when it waits for something else first. What has started once, as its laps say, has its instances."""
        if claim and not wait.laps and not self.capacity.take(wait, claim):
            return False
        try:
            start()
        except ResourceLimitError as error:
            if claim is None:
                raise BusyError(str(error)) from error
            self.capacity.refused(wait, claim, str(error))
            return False
        except BusyError as error:
            self._wait_until_settled(wait, error)
            return False
        if claim and not wait.laps:
            self.capacity.taken(claim)
        return True

    def _wait_until_settled(self, wait: Wait, error: BusyError) -> None:
        """The token waits for the end of the other change. One that is over already, or that DescribeEndpoint does not
        know of yet, is left to the machine's Retry.
        """
        wait = replace(wait, expects=asdict(Expected(settled=True, again=True)))
        if not _is_endpoint(wait) or self._observe(wait).progress is Progress.DONE:
            raise error
        self.ledger.count_refusal(wait)
        self._answer(wait)

    def resource_changed(self, resource: str) -> int:
        """Answers whoever waits for this resource, if what they wait for has come; says how many waited."""
        waits = self.ledger.waits(resource)
        for wait in waits:
            self._answer(wait)
        self.capacity.changed(resource)
        return len(waits)

    def is_due(self, resource: str) -> bool:
        """Whether somebody waits for this resource, and what they wait for has come already."""
        waits = self.ledger.waits(resource)
        return any(self._observe(wait).progress is not Progress.PENDING for wait in waits)

    def _answer(self, wait: Wait) -> bool:
        """False while it has to wait."""
        seen = self._observe(wait)
        if seen.progress is Progress.PENDING:
            return False
        if wait.expects.get("again"):
            said = f"{wait.resource} has settled: asked again"
            self.tokens.fail(wait.token, EndpointSettledError.__name__, said)
            if not wait.laps:  # what has been asked for in an earlier lap is still waited for
                self.ledger.end_wait(wait)
            return True
        if seen.progress is Progress.DONE:
            self.tokens.succeed(wait.token, {**wait.result, **seen.found})
        else:
            self.tokens.fail(wait.token, JobFailedError.__name__, seen.reason)
        self.ledger.end_wait(wait)
        return True

    def _observe(self, wait: Wait) -> Observation:
        kind, found = wait.resource.partition("/")[0], describe(self.control, wait.resource)
        if kind == "endpoint":
            since = wait.asked_at if wait.laps else None
            asked = None if wait.before is None else Asked(wait.before, wait.age, since)
            return observe_endpoint(found, Expected(**known_members(Expected, wait.expects)), asked)
        if kind == "hyper-parameter-tuning-job":
            return self._observe_tuning(found)
        return OBSERVED[kind](found)

    def _observe_tuning(self, tuning: Mapping[str, Any] | None) -> Observation:
        winner = best_job(tuning)
        best = self.control.describe_training(winner["training_job"]) if winner else None
        return observe_tuning(tuning, best)


def _is_endpoint(wait: Wait) -> bool:
    return wait.resource.startswith("endpoint/")


def waited_for(names: Names, package: str) -> list[str]:
    """The resources of one run that its states wait for, besides the model's own endpoint. package: "" for none."""
    own = [f"training-job/{names.training_job}", f"hyper-parameter-tuning-job/{names.tuning_job}"]
    own += [f"transform-job/{job}" for job in (names.transform_job, names.champion_transform_job)]
    own += [f"processing-job/{job}" for job in (names.dataset_job, names.preparation_job, names.program_job)]
    own += [f"endpoint/{names.alpha}"]
    return own + ([f"model-package/{package}"] if package else [])
