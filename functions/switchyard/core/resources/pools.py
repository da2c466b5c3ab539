"""Who may use how many instances: SageMaker counts instances by type and by what they are used for, and so do pools.

Pure. A pool has holders, who use instances, and waiters in one line, oldest first: nobody is let in before those who
came earlier, so nobody waits for ever while others pass. A run holds instances of one state at a time, and a rollout
takes all that it will need at its start; so no two runs can each hold what the other waits for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from switchyard.core.errors import InvalidInputError
from switchyard.core.pipeline import SERVERLESS, Deployment, Pipeline

TRAINING, PROCESSING, TRANSFORM, ENDPOINT = "training", "processing", "transform", "endpoint"
USAGE_OF = {
    "training-job": TRAINING,
    "hyper-parameter-tuning-job": TRAINING,
    "processing-job": PROCESSING,
    "transform-job": TRANSFORM,
    "endpoint": ENDPOINT,
}
CHAMPION = "CHAMPION"  # the record of a place that an endpoint in service keeps between two runs
LIMIT = re.compile(rf"({TRAINING}|{PROCESSING}|{TRANSFORM}|{ENDPOINT})/([a-z0-9.-]+)=([0-9]+)")

Limits = Mapping[str, int]


@dataclass(frozen=True)
class Claim:
    """Instances of one type for one usage. record: the ledger's sort key of the run or batch drop that asks.

    of_run: held until the run has ended, whatever becomes of the resource. ahead: waits for nobody, because its run
    holds all that it needs already.
    """

    model: str
    record: str
    usage: str
    instance_type: str
    instances: int
    of_run: bool = False
    ahead: bool = False

    @property
    def pool(self) -> str:
        return f"{self.usage}/{self.instance_type}"

    @property
    def text(self) -> str:
        return f"{self.instances} {self.instance_type} for {self.usage}"


@dataclass(frozen=True)
class Place:
    """One who holds or waits. `resource`, `key`: the wait whose token is answered; since: seconds since the epoch.

    refused: SageMaker itself had no room, so only it can say whether there is some now. told: people know of it.
    """

    resource: str
    key: str
    model: str
    record: str
    instances: int
    since: float
    of_run: bool = False
    ahead: bool = False
    refused: bool = False
    told: bool = False

    def is_same(self, other: "Place") -> bool:
        return (self.resource, self.record) == (other.resource, other.record)


@dataclass(frozen=True)
class Pool:
    """All instances of one type and usage. `limit` below is None where we know of none."""

    holders: tuple[Place, ...] = ()
    waiters: tuple[Place, ...] = ()

    @property
    def used(self) -> int:
        return sum(each.instances for each in self.holders)

    def holds(self, place: Place) -> bool:
        return any(each.is_same(place) for each in self.holders)

    def waits(self, place: Place) -> bool:
        return any(each.is_same(place) for each in self.waiters)

    def knows_people_told(self, place: Place) -> bool:
        return any(each.is_same(place) and each.told for each in (*self.holders, *self.waiters))

    def before(self, place: Place) -> tuple[Place, ...]:
        """Those in line before it; all of them if it is not in line."""
        places = [index for index, each in enumerate(self.waiters) if each.is_same(place)]
        return self.waiters[: places[0]] if places else self.waiters

    def enter(self, place: Place, limit: int | None) -> "Pool":
        """The place among the holders if it is let in, else in line, where it keeps the moment at which it came.

        Without a limit who has never waited is let in unrecorded.
        """
        if self.holds(place):
            return replace(self, waiters=_without(self.waiters, place))
        place = replace(self._known(place), refused=False)
        if not self._admits(place, limit):
            return self._in_line(self._known(place))
        if limit is None and not self.waits(place):
            return self
        return Pool((*self.holders, place), _without(self.waiters, place))

    def refuse(self, place: Place) -> "Pool":
        """SageMaker had no room for it: back in line, in its old place. Who holds for its whole run keeps that."""
        place = replace(self._known(place), refused=True, told=True)
        left = self if place.ahead else replace(self, holders=_without(self.holders, place))
        return left._in_line(place)

    def leave(self, place: Place) -> "Pool":
        return Pool(_without(self.holders, place), _without(self.waiters, place))

    def next_up(self, limit: int | None) -> tuple[Place, ...]:
        """Waiters to call now, oldest first: all that fit together. Behind one that SageMaker has refused, and where
        no limit is known, only one at a time is tried.
        """
        called: list[Place] = []
        room = float("inf") if limit is None else limit - self.used
        for waiter in self.waiters:
            room -= 0 if waiter.ahead or self.holds(waiter) else waiter.instances
            if room < 0:
                break
            called.append(waiter)
            if waiter.refused or limit is None:
                break
        return tuple(called)

    def _admits(self, place: Place, limit: int | None) -> bool:
        before = self.before(place)
        if place.ahead or (limit is None and not before):
            return True
        if limit is None or any(each.refused for each in before):
            return False
        asked = sum(each.instances for each in before if not self.holds(each))
        return self.used + asked + place.instances <= limit

    def _known(self, place: Place) -> Place:
        """The place with the moment at which it first came."""
        for each in (*self.waiters, *self.holders):
            if each.is_same(place):
                return replace(place, since=each.since, refused=each.refused, told=each.told)
        return place

    def _in_line(self, place: Place) -> "Pool":
        line = [*_without(self.waiters, place), place]
        return replace(self, waiters=tuple(sorted(line, key=lambda each: (not each.ahead, each.since))))


def _without(places: tuple[Place, ...], place: Place) -> tuple[Place, ...]:
    return tuple(each for each in places if not each.is_same(place))


def limits_of(text: str) -> dict[str, int]:
    """ "training/ml.m5.xlarge=4,endpoint/ml.g5.xlarge=1" as {pool: instances}; empty: no limit of ours."""
    limits: dict[str, int] = {}
    for part in (each.strip() for each in text.split(",") if each.strip()):
        found = LIMIT.fullmatch(part)
        if found is None:
            raise InvalidInputError(
                f"InstanceLimits: '{part}' is no limit; write <usage>/<instance type>=<instances>, as in "
                f"training/ml.m5.xlarge=4; usages: training, processing, transform, endpoint"
            )
        limits[f"{found[1]}/{found[2]}"] = int(found[3])
    return limits


def training_claim(model: str, record: str, pipeline: Pipeline) -> Claim:
    """A training job's instances; a tuning job's are those of all jobs that it runs at once."""
    training, tuning = pipeline.training, pipeline.tuning
    at_once = tuning.max_parallel_jobs if tuning else 1
    return Claim(model, record, TRAINING, training.instance_type, training.instance_count * at_once)


def processing_claim(model: str, record: str, pipeline: Pipeline) -> Claim | None:
    prepare = pipeline.prepare
    if prepare is None:
        return None
    return Claim(model, record, PROCESSING, prepare.instance_type, prepare.instance_count)


def dataset_claim(model: str, record: str, pipeline: Pipeline) -> Claim | None:
    job = pipeline.dataset_job
    return None if job is None else Claim(model, record, PROCESSING, job.instance_type, 1)


def program_claim(model: str, record: str, pipeline: Pipeline) -> Claim | None:
    program = pipeline.program
    return None if program is None else Claim(model, record, PROCESSING, program.instance_type, 1)


def transform_claim(model: str, record: str, deployment: Deployment) -> Claim:
    return Claim(model, record, TRANSFORM, deployment.instance_type, deployment.instance_count)


def endpoint_claim(model: str, record: str, deployment: Deployment, fleets: int = 1) -> Claim:
    """fleets: how often the deployment's instances are there at once. Serverless endpoints are counted as such."""
    if deployment.mode == SERVERLESS:
        return Claim(model, record, ENDPOINT, SERVERLESS, fleets)
    return Claim(model, record, ENDPOINT, deployment.instance_type, deployment.most_instances * fleets)


def waits_text(claim: Claim, before: int) -> str:
    """The reason that a waiting run shows."""
    return f"waits for capacity: {claim.text}, {before} {'run' if before == 1 else 'runs'} before it"
