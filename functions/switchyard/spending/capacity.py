"""Waiting in line for instances: a run for which there is no room is called when there is some, and never polls.

The line is kept in the ledger, one item a pool, changed by compare and swap: each decision is pure (core.pools)
and taken as a whole. A waiter is called by failing its token with CapacityFreedError, which its state catches as it
catches a lap, and enters itself again. SageMaker has the last word: what it refuses goes back to its old place.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from switchyard.core.describe import describe
from switchyard.core.errors import BusyError, CapacityFreedError, NoCapacityError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.waits import Wait
from switchyard.core.ports import Clock, Control, Notices, Tokens
from switchyard.core.resources.notice import notice
from switchyard.core.resources.observation import has_ended
from switchyard.core.resources.pools import CHAMPION, USAGE_OF, Claim, Limits, Place, Pool, waits_text
from switchyard.core.resources.quotas import can_be_freed, quota_of
from switchyard.core.run import RunState

MAX_TRIES = 20
DAY = 86400.0

Change = Callable[[Pool], Pool]


@dataclass(frozen=True)
class Capacity:
    """`limits`: instances by pool, {} for none of ours. patience: seconds after which a run gives up its place."""

    ledger: Ledger
    control: Control
    tokens: Tokens
    clock: Clock
    limits: Limits
    notices: Notices
    patience: float = 7 * DAY

    def take(self, wait: Wait, claim: Claim) -> bool:
        """True when there is room; else the wait stands in line, and its token is failed once it is its turn."""
        limit = self.limits.get(claim.pool)
        if limit is not None and claim.instances > limit:
            raise NoCapacityError(
                f"asks for {claim.text}, and the limit of this stack is {limit}; ask for fewer in pipeline.yaml, "
                f"or raise InstanceLimits"
            )
        place = self._place(wait, claim)
        before, after = self._change(claim.pool, lambda pool: pool.enter(place, limit))
        if not after.waits(place):
            if before.waits(place):
                self.ledger.say(claim.model, claim.record, "")
            return True
        self._stay(after, place, claim)
        return False

    def refused(self, wait: Wait, claim: Claim, said: str) -> None:
        """SageMaker had no room, in its own words: back in line, and people are told once.

        NoCapacityError where no wait can help.
        """
        self._give_up_hopeless(claim, said)
        place = self._place(wait, claim)
        before, after = self._change(claim.pool, lambda pool: pool.refuse(place))
        self._stay(after, place, claim, said)
        if not before.knows_people_told(place):
            self._tell(claim, said)

    def _give_up_hopeless(self, claim: Claim, said: str) -> None:
        quota = quota_of(said)
        if quota is None or can_be_freed(quota, claim):
            return
        raise NoCapacityError(
            f"asks for {claim.text}, and SageMaker's limit {quota.text}: no wait can make room; ask for more of "
            f"'{quota.name}' in Service Quotas, or for fewer or another instance type in pipeline.yaml, then drop "
            f"the dataset again"
        )

    def _tell(self, claim: Claim, said: str) -> None:
        text = notice(
            f"{claim.record} waits for {claim.text}.",
            f"It goes on by itself once instances are free, and gives up after {self.patience / DAY:g} days.",
            f"SageMaker says: {said}",
        )
        self.notices.tell(f"{claim.model}: waiting for instances", text)

    def taken(self, claim: Claim) -> None:
        """What was asked for has been made: the next in line may try."""
        pool, _ = self.ledger.pool(claim.pool)
        if pool.waiters:
            self._call(claim.pool)

    def changed(self, resource: str) -> None:
        """A job or an endpoint changed: if it uses no instances any more, whoever waits for them is called."""
        kind = resource.partition("/")[0]
        usage = USAGE_OF.get(kind, "none")
        pools = {n: p for n, p in self.ledger.pools().items() if n.startswith(f"{usage}/") and p != Pool()}
        if not pools or not has_ended(kind, describe(self.control, resource)):
            return
        for pool_name, pool in pools.items():
            for holder in pool.holders:
                if holder.resource == resource and self._is_over(holder):
                    self._leave(pool_name, holder)
            self._call(pool_name)

    def ended(self, model: str, record: str) -> None:
        """A run or a batch drop has ended: it waits no more, and gives back what nothing of it uses any more."""
        for name, pool in self.ledger.pools().items():
            mine = [p for p in (*pool.holders, *pool.waiters) if (p.model, p.record) == (model, record)]
            for place in mine:
                if pool.waits(place) or self._is_over(place):
                    self._leave(name, place)
            if mine or pool.waiters:
                self._call(name)

    def keep_live(self, model: str, endpoint: str, claim: Claim | None) -> None:
        """What the live endpoint uses between two runs: `claim`, and nothing where there is no endpoint. It takes the
        place of whatever the last run held there.
        """
        kept = claim if claim is not None and claim.pool in self.limits else None
        for name in {*self.ledger.pools(), *([kept.pool] if kept else [])}:
            gone = Place(f"endpoint/{endpoint}", "", model, CHAMPION, 0, self.clock())
            place = replace(gone, instances=kept.instances) if kept and kept.pool == name else None
            before, after = self._change(name, partial(_with, gone=gone, place=place))
            if after.used < before.used:
                self._call(name)

    def sweep(self, dry_run: bool = False) -> Iterator[str]:
        """Gives back what nobody uses any more, and calls whoever is next; a line for each who gave back."""
        for name, pool in self.ledger.pools().items():
            for place in (*pool.holders, *pool.waiters):
                over = self._has_ended(place) if pool.waits(place) else self._is_over(place)
                if over and not dry_run:
                    self._leave(name, place)
                if over:
                    yield f"{place.resource}: it held or waited for {name}, and is over"
            if not dry_run:
                self._call(name)

    def _stay(self, pool: Pool, place: Place, claim: Claim, said: str = "") -> None:
        [kept] = [each for each in pool.waiters if each.is_same(place)]
        waited = self.clock() - kept.since
        if waited > self.patience:
            self._leave(claim.pool, place)
            why = f"SageMaker says: {said}; " if said else ""
            raise NoCapacityError(
                f"waited {waited / DAY:.1f} days for capacity: {claim.text}; {why}ask AWS for a higher quota or "
                f"another instance type in pipeline.yaml, then drop the dataset again"
            )
        self._say(pool, kept, claim.pool, said)

    def _say(self, pool: Pool, place: Place, name: str, said: str = "") -> None:
        usage, _, instance_type = name.partition("/")
        claim = Claim(place.model, place.record, usage, instance_type, place.instances)
        text = waits_text(claim, len(pool.before(place)))
        self.ledger.say(place.model, place.record, f"{text}; SageMaker says: {said}" if said else text)

    def _call(self, name: str) -> None:
        """Calls whoever is next; one whose wait is gone leaves the line, and those behind move up."""
        while True:
            pool, _ = self.ledger.pool(name)
            called = pool.next_up(self.limits.get(name))
            gone = [place for place in called if self.ledger.wait(place.resource, place.key) is None]
            if not gone:
                break
            for place in gone:
                self._leave(name, place)
        for place in called:
            wait = self.ledger.wait(place.resource, place.key)
            if wait is not None:
                self.tokens.fail(wait.token, CapacityFreedError.__name__, f"there may be room in {name}")
        for place in pool.waiters[len(called) :]:
            self._say(pool, place, name)

    def _leave(self, name: str, place: Place) -> None:
        self._change(name, lambda pool: pool.leave(place))

    def _change(self, name: str, change: Change) -> tuple[Pool, Pool]:
        """The pool before and after; whoever else changes it meanwhile is not overwritten."""
        for _ in range(MAX_TRIES):
            before, version = self.ledger.pool(name)
            after = change(before)
            if after == before or self.ledger.save_pool(name, after, version):
                return before, after
        raise BusyError(f"the line of {name} changed {MAX_TRIES} times in a row; tried again later")

    def _place(self, wait: Wait, claim: Claim) -> Place:
        now = self.clock()
        common = (wait.resource, wait.key, claim.model, claim.record, claim.instances, now)
        return Place(*common, of_run=claim.of_run, ahead=claim.ahead)

    def _is_over(self, place: Place) -> bool:
        """Nothing uses these instances any more. What is missing may be about to be made, by a wait without a lap."""
        if place.record == CHAMPION:
            return False
        if place.of_run:
            return self._has_ended(place)
        kind, description = place.resource.partition("/")[0], describe(self.control, place.resource)
        if description is None:
            waits = self.ledger.waits(place.resource)
            return all(wait.laps for wait in waits) or self._has_ended(place)
        return has_ended(kind, description)

    def _has_ended(self, place: Place) -> bool:
        item = self.ledger.record(place.model, place.record)
        return item is None or RunState(str(item["state"])).is_terminal


def _with(pool: Pool, gone: Place, place: Place | None) -> Pool:
    before = [each for each in pool.holders if each.resource == gone.resource]
    if place is not None and [(each.record, each.instances) for each in before] == [
        (CHAMPION, place.instances)
    ]:
        return pool
    left = tuple(each for each in pool.holders if each.resource != gone.resource)
    return replace(pool, holders=(*left, place) if place else left)
