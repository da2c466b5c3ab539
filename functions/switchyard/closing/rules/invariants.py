"""What must hold of a model at rest and under way, as far as ledger, endpoint and decision records tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from switchyard.core.champion import Champion
from switchyard.core.ports import Item
from switchyard.core.run import RunState


@dataclass(frozen=True)
class Live:
    """An endpoint: weights by variant, of those that serve."""

    status: str
    config: str
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Seen:
    """items: one model's partition of the ledger. recorded: state by run id, of the decision records that were read."""

    model: str
    items: Sequence[Item]
    champion: Champion | None
    live: Live | None
    recorded: Mapping[str, str] = field(default_factory=dict)

    def kind(self, prefix: str) -> list[Item]:
        return [item for item in self.items if str(item["sk"]).startswith(prefix)]

    def value(self, sk: str) -> Any:
        return next((item["run_id"] for item in self.items if item["sk"] == sk), None)


@dataclass(frozen=True)
class Broken:
    """invariant: what should hold; found: what does not, and where."""

    model: str
    invariant: str
    found: str


def check(seen: Seen) -> list[Broken]:
    """Everything that does not hold."""
    return [
        Broken(seen.model, invariant, found)
        for invariant, holds in INVARIANTS.items()
        for found in holds(seen)
    ]


def _ended(item: Item) -> bool:
    return RunState(str(item["state"])).is_terminal


def _serves(seen: Seen) -> Iterator[str]:
    if seen.champion is None or not seen.champion.has_endpoint:
        return
    if seen.live is None:
        yield f"{seen.champion.run_id} is champion and has no endpoint"
    elif seen.live.status == "InService" and sum(seen.live.weights.values()) <= 0:
        yield f"no variant of the endpoint has weight: {dict(seen.live.weights)}"


def _alone(seen: Seen) -> Iterator[str]:
    if seen.value("ACTIVE") or seen.champion is None or seen.live is None or not seen.champion.has_endpoint:
        return
    if seen.live.status == "InService" and seen.live.config != seen.champion.config:
        yield f"{seen.champion.run_id} is champion, no run is under way, and the endpoint is at {seen.live.config}"


def _one_at_a_time(seen: Seen) -> Iterator[str]:
    started = (RunState.RUNNING, RunState.RESTORING)
    running = [str(item["run_id"]) for item in seen.kind("RUN#") if item["state"] in started]
    if len(running) > 1:
        yield f"{', '.join(running)} are under way at once"
    for run_id in running:
        if seen.value("ACTIVE") != run_id:
            yield f"{run_id} is under way and does not hold the place ({seen.value('ACTIVE') or 'nobody does'})"


def _place_is_free(seen: Seen) -> Iterator[str]:
    over = {str(item["run_id"]) for item in seen.kind("RUN#") if _ended(item)}
    for sk in ("ACTIVE", "WAITING"):
        if seen.value(sk) in over:
            yield f"{seen.value(sk)} has ended and holds {sk}"


def _every_end_is_recorded(seen: Seen) -> Iterator[str]:
    for item in seen.kind("RUN#"):
        run_id, state = str(item["run_id"]), str(item["state"])
        if not _ended(item) or state == RunState.SUPERSEDED:
            continue
        if seen.recorded.get(run_id) != state:
            yield f"{run_id} is {state}, its decision record says {seen.recorded.get(run_id, 'nothing: there is none')}"


def _uploads_say_what_their_run_says(seen: Seen) -> Iterator[str]:
    states = {str(item["run_id"]): str(item["state"]) for item in seen.kind("RUN#") if _ended(item)}
    for upload in seen.kind("UPLOAD#"):
        told = states.get(str(upload["run_id"]), str(upload["state"]))
        if told != upload["state"]:
            yield f"{upload['source']} is {upload['state']}, its run {upload['run_id']} {told}"


def _champion_was_promoted(seen: Seen) -> Iterator[str]:
    if seen.champion is None:
        return
    states = {str(item["run_id"]): str(item["state"]) for item in seen.kind("RUN#")}
    state = states.get(seen.champion.run_id)
    if state not in (RunState.PROMOTED, RunState.RUNNING):  # RUNNING while it is being settled
        yield f"{seen.champion.run_id} is champion, and its run is {state or 'not known'}"


INVARIANTS = {
    "a champion serves": _serves,
    "the endpoint is the champion's alone while no run is under way": _alone,
    "one run at a time moves a model": _one_at_a_time,
    "nobody who has ended holds a place": _place_is_free,
    "every end has its decision record": _every_end_is_recorded,
    "an upload says what its run says": _uploads_say_what_their_run_says,
    "nobody is champion who was not promoted": _champion_was_promoted,
}
