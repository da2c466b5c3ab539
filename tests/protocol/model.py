"""A small model of the protocol, gone through breadth first: three runs, one place, one endpoint, a sweep, an operator.

What decides is the product's own: `restore_step.next_step` says how an endpoint is given back, `RunState.may_become`
which moves of a run are allowed, `Names` what a variant is called. Faults: an execution is stopped at any step, a
Lambda is held up with its call on the way while the execution goes under, the event of an end is lost, a settling
breaks off, and an operator goes back to the champion of before. `weak` takes one rule out; a model that is weak must
break a promise.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from switchyard.core.champion import Champion
from switchyard.core.names import Names
from switchyard.core.run import RunState
from switchyard.rollout.rules.restore_step import Done, GiveWeights, next_step

RUNS = (1, 2, 3)  # by arrival; 0 is the champion that is there at first
FIRST, HALF, ALL = 10, 50, 100
WEAK = frozenset(
    {
        "the place is taken although it is held",
        "the place is given back by whoever does not hold it",
        "the place is given back before the endpoint is",
        "an end leaves the endpoint as it is",
        "variants have one name for all runs",
        "a start does not look at the champion again",
        "a promotion does not look at the champion again",
        "a promotion asks for no verdict",
        "a champion is made after the place is given back",
        "what is superseded starts all the same",
        "nobody sweeps endpoints",
        "nobody sweeps runs",
        "a waiting run is replaced by an older one",
    }
)


class Live(NamedTuple):
    """The endpoint: `full` of one run (canary 0, weight 0), or a champion's beside `canary` at a weight."""

    full: int
    canary: int = 0
    weight: int = 0


class One(NamedTuple):
    """A run: its state in the ledger, how far its execution is, whom it was judged against, what evidence allows."""

    state: RunState = RunState.ADMITTED
    step: str = "none"  # none, started, canary, half, promote, full, broken, crowned
    against: int = 0
    allowed: int = 0
    is_told: bool = True  # the event of its end will come


class State(NamedTuple):
    runs: tuple[One, ...] = (One(), One(), One())
    place: int = 0
    waiting: int = 0
    champion: int = 0
    former: int = 0
    live: Live = Live(0)
    late: frozenset[tuple[str, int, int]] = frozenset()  # calls on the way: kind, run, champion beside
    operator: int = -1  # the champion that an operator is about to set
    faults: int = 4
    wrong: str = ""

    def run(self, r: int) -> One:
        return self.runs[r - 1]

    def having(self, r: int, **changes: object) -> "State":
        runs = list(self.runs)
        runs[r - 1] = self.run(r)._replace(**changes)
        return self._replace(runs=tuple(runs))


@cache
def variant(run: int, shared: bool) -> str:
    return "candidate" if shared and run else Names("switchyard", "digits", f"digits-{run}").variant


@cache
def champion(run: int) -> Champion:
    return Champion(f"digits-{run}", f"full-{run}", f"model-{run}", "schema", "0" * 64)


@cache
def way_back(live: Live, to: int) -> str:
    """done, weights or config: what the product's own rule says."""
    weights = {f"digits-{live.full}": float(ALL - live.weight)}
    if live.canary:
        weights[f"digits-{live.canary}"] = float(live.weight)
    described = {
        "EndpointStatus": "InService",
        "EndpointConfigName": f"canary-{live.canary}" if live.canary else f"full-{live.full}",
        "ProductionVariants": [
            {"VariantName": name, "CurrentWeight": w, "DesiredWeight": w} for name, w in weights.items()
        ],
    }
    step = next_step(described, champion(to))
    return "done" if isinstance(step, Done) else "weights" if isinstance(step, GiveWeights) else "config"


@dataclass(frozen=True)
class Protocol:
    """weak: the one rule that is left out, or ""."""

    weak: str = ""

    def next(self, state: State) -> Iterator[State]:
        if state.wrong:
            return
        for r in RUNS:
            yield from self._arrive(state, r)
            yield from self._go_on(state, r)
            yield from self._end(state, r)
        for call in state.late:
            yield self._apply(state._replace(late=state.late - {call}), *call)
        yield from self._start_waiting(state)
        yield from self._sweep(state)
        yield from self._operate(state)

    # admission and the one place of a model

    def _arrive(self, state: State, r: int) -> Iterator[State]:
        one = state.run(r)
        if one.state is not RunState.ADMITTED or (r > 1 and state.run(r - 1).state is RunState.ADMITTED):
            return
        if not state.place or self.weak == "the place is taken although it is held":
            yield self._begin(state, r)
        elif not state.waiting:
            yield state.having(r, state=RunState.WAITING)._replace(waiting=r)
        elif state.waiting < r:
            after = self._supersede(state, state.waiting)
            yield after.having(r, state=RunState.WAITING)._replace(waiting=r)

    def _begin(self, state: State, r: int) -> State:
        one = state.run(r)
        may = one.state.may_become(RunState.RUNNING) or self.weak == "what is superseded starts all the same"
        if not may:
            return state
        wrong = "two runs have the place" if state.place and state.place != r else ""
        wrong = wrong or ("a superseded run starts" if one.state.is_terminal else "")
        others = [state.run(each).state for each in RUNS if each != r]
        wrong = wrong or ("two runs are under way" if RunState.RUNNING in others else "")
        after = state.having(r, state=RunState.RUNNING, step="started", against=state.champion)
        return after._replace(place=r, wrong=wrong)

    def _supersede(self, state: State, r: int) -> State:
        if state.run(r).state.may_become(RunState.SUPERSEDED):
            return state.having(r, state=RunState.SUPERSEDED)
        return state

    def _start_waiting(self, state: State) -> Iterator[State]:
        if state.waiting and not state.place:
            yield self._begin(state, state.waiting)._replace(waiting=0)
        if self.weak == "what is superseded starts all the same" and not state.place:
            for r in RUNS:
                if state.run(r).state is RunState.SUPERSEDED:
                    yield self._begin(state, r)
        if self.weak == "a waiting run is replaced by an older one" and state.waiting > 1 and state.place:
            older = state.waiting - 1
            if state.run(older).state is RunState.SUPERSEDED:
                yield self._supersede(state, state.waiting)._replace(waiting=0, wrong="the newest never ran")

    # an execution: each call is made, or is held up while the execution goes under

    def _go_on(self, state: State, r: int) -> Iterator[State]:
        one = state.run(r)
        if one.step in ("none", "broken", "crowned", "full"):
            if one.step == "full":
                yield from self._faulty(state, r)
            return
        yield from self._faulty(state, r)
        yield self._broken(state, r)  # the evidence says no
        if one.step == "started":
            yield from self._deploy_canary(state, r)
        elif one.step == "canary":
            yield from self._call(state.having(r, allowed=HALF), r, "weights", "half")
        elif one.step == "half":
            yield state.having(r, step="promote", allowed=ALL)
        elif one.step == "promote":
            yield from self._promote(state, r)
        if self.weak == "a promotion asks for no verdict" and one.step == "canary":
            yield from self._promote(state, r)

    def _deploy_canary(self, state: State, r: int) -> Iterator[State]:
        one = state.run(r)
        if one.against == state.champion:
            yield from self._call(state.having(r, allowed=FIRST), r, "canary", "canary")
        elif self.weak == "a start does not look at the champion again":
            yield state._replace(wrong="a rollout starts against a champion that is not live")

    def _promote(self, state: State, r: int) -> Iterator[State]:
        if state.run(r).against == state.champion:
            yield from self._call(state, r, "full", "full")
        elif self.weak == "a promotion does not look at the champion again":
            yield state._replace(wrong="a champion is beaten that is no longer there")
        else:
            yield self._broken(state, r)

    def _call(self, state: State, r: int, kind: str, then: str) -> Iterator[State]:
        call = (kind, r, state.champion)
        yield self._apply(state, *call).having(r, step=then)
        if state.faults:
            yield self._broken(state, r)._replace(late=state.late | {call}, faults=state.faults - 1)

    def _faulty(self, state: State, r: int) -> Iterator[State]:
        if state.faults:
            after = self._broken(state, r)._replace(faults=state.faults - 1)
            yield after
            yield after.having(r, is_told=False)  # and nobody hears of it

    def _broken(self, state: State, r: int) -> State:
        return state.having(r, step="broken")

    def _apply(self, state: State, kind: str, r: int, beside: int) -> State:
        live = state.live
        if kind == "canary":
            live = Live(beside, r, FIRST)
        elif kind == "full":
            live = Live(r)
        else:
            shared = self.weak == "variants have one name for all runs"
            is_there = live.canary and variant(live.canary, shared) == variant(r, shared)
            live = live._replace(weight=HALF) if is_there else live  # else SageMaker refuses the call
        return self._looked_at(state._replace(live=live))

    def _looked_at(self, state: State) -> State:
        """Nobody has more of the traffic than the evidence for it allows."""
        live = state.live
        over = live.canary and live.weight > state.run(live.canary).allowed
        over = over or (live.full and not live.canary and state.run(live.full).allowed < ALL)
        return state._replace(wrong="more traffic than the evidence allows") if over else state

    # settling, by the event of the end or by the sweep

    def _end(self, state: State, r: int, by_sweep: bool = False) -> Iterator[State]:
        one = state.run(r)
        if one.state in (RunState.PROMOTED, RunState.ROLLED_BACK) and state.place and state.faults:
            yield self._release(state, r)._replace(faults=state.faults - 1)  # the event comes once more
        if one.state is not RunState.RUNNING or not (one.is_told or by_sweep):
            return
        if one.step == "full":
            yield from self._crown(state, r)
        elif one.step == "crowned":
            yield self._close(state, r, RunState.PROMOTED)
        elif one.step == "broken":
            yield from self._give_back(state, r)

    def _crown(self, state: State, r: int) -> Iterator[State]:
        if self.weak == "a champion is made after the place is given back":
            yield self._close(state, r, RunState.PROMOTED)
            return
        crowned = self._set(state, r).having(r, step="crowned")
        yield crowned
        if state.faults:  # the settling breaks off, and its event does not come again
            yield crowned.having(r, is_told=False)._replace(faults=state.faults - 1)

    def _set(self, state: State, r: int) -> State:
        return state if state.champion == r else state._replace(champion=r, former=state.champion)

    def _close(self, state: State, r: int, end: RunState) -> State:
        assert state.run(r).state.may_become(end)
        wrong = state.wrong
        if end is RunState.PROMOTED and state.run(r).step != "crowned":
            wrong = "a run is promoted and was never champion"
        if end is RunState.ROLLED_BACK and way_back(state.live, state.champion) != "done":
            wrong = "a run ends and the endpoint is not the champion's alone"
        return self._release(state.having(r, state=end)._replace(wrong=wrong), r)

    def _release(self, state: State, r: int) -> State:
        if state.place == r:
            return state._replace(place=0)
        if self.weak == "the place is given back by whoever does not hold it":
            return state._replace(place=0, wrong="a run under way loses its place")
        return state

    def _give_back(self, state: State, r: int) -> Iterator[State]:
        step = way_back(state.live, state.champion)
        if self.weak == "an end leaves the endpoint as it is":
            step = "done"
        if self.weak == "the place is given back before the endpoint is" and state.place == r:
            yield state._replace(place=0)
        if step == "done":
            yield self._close(state, r, RunState.ROLLED_BACK)
        elif step == "weights":
            yield state._replace(live=state.live._replace(weight=0))
        else:
            yield state._replace(live=Live(state.champion))

    def _sweep(self, state: State) -> Iterator[State]:
        if self.weak != "nobody sweeps runs":
            for r in RUNS:
                if not state.run(r).is_told:
                    yield from self._end(state, r, by_sweep=True)
            if state.place and state.run(state.place).state.is_terminal:
                yield state._replace(place=0)
        if self.weak == "nobody sweeps endpoints" or state.place:
            return
        if way_back(state.live, state.champion) != "done":
            yield state._replace(live=Live(state.champion))

    def _operate(self, state: State) -> Iterator[State]:
        """An operator goes back: the place is looked at, and only then the champion is set."""
        if state.operator < 0 and not state.place and state.former != state.champion and state.faults:
            yield state._replace(operator=state.former, faults=state.faults - 1)
        if state.operator >= 0:
            back = state._replace(operator=-1, champion=state.operator, former=state.champion)
            yield back


def unfinished(state: State) -> str:
    """What is not as it should be when nothing is left to be done."""
    if any(not one.state.is_terminal for one in state.runs):
        return "a run never ended"
    if state.place or state.waiting:
        return "a place is held for ever"
    if state.live != Live(state.champion):
        return "the endpoint is not the champion's alone"
    return ""


@dataclass(frozen=True)
class Explored:
    states: int
    ends: int
    wrong: str
    trace: tuple[State, ...]


def explore(protocol: Protocol, faults: int) -> Explored:
    """Every state that can be reached; stops at the first that breaks a promise, with the way there."""
    first = State(faults=faults)
    before: dict[State, State | None] = {first: None}
    queue, ends = deque([first]), 0
    while queue:
        state = queue.popleft()
        following = [each for each in protocol.next(state) if each != state]
        said = state.wrong or ("" if following else unfinished(state))
        if said:
            return Explored(len(before), ends, said, _trace(before, state))
        ends += not following
        for each in following:
            if each not in before:
                before[each] = state
                queue.append(each)
    return Explored(len(before), ends, "", ())


def _trace(before: dict[State, State | None], last: State | None) -> tuple[State, ...]:
    found: list[State] = []
    while last is not None:
        found.append(last)
        last = before[last]
    return tuple(reversed(found))
