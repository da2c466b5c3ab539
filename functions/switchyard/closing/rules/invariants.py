"""What must hold of a model at rest and under way, as far as ledger, endpoint and decision records tell."""

from collections.abc import Iterator

from switchyard.closing.rules import leftover_invariants, storage_invariants, traffic_invariants
from switchyard.closing.rules.model_view import Broken, Seen
from switchyard.core.ports import Item
from switchyard.core.run import RunState


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
    "no traffic before the gate's pass": traffic_invariants.proven_before_it_serves,
    "no more traffic than the step": traffic_invariants.no_more_than_its_step,
    "what does not win is taken back in time": traffic_invariants.taken_back_in_time,
    "a run is trained on what was dropped": storage_invariants.trained_on_what_was_dropped,
    "what serves is what was judged": storage_invariants.serves_what_was_judged,
    "nothing is deleted that is needed": storage_invariants.way_back_is_there,
    "a decision record is written once": storage_invariants.records_are_written_once,
    "nothing is left of ended runs": leftover_invariants.nothing_is_left,
    "nothing is begun that nobody asked for": leftover_invariants.nothing_was_begun_twice,
}
