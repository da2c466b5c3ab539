"""What a person reads first: what became of the model, where the run stopped, and what happened when."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cli.report.facts import Facts
from switchyard.core.run import RunState
from switchyard.evaluation.rules.gate import GateOutcome

S = RunState
MOMENT_SECONDS = 0.05
# state -> (mark, words); the mark's shape says what its colour does.
TITLES: Mapping[RunState, tuple[str, str]] = {
    S.PROMOTED: ("✓", "Promoted"),
    S.REJECTED: ("✕", "Rejected"),
    S.ROLLED_BACK: ("↩", "Rolled back"),
    S.INCONCLUSIVE: ("?", "Inconclusive"),
    S.SUPERSEDED: ("»", "Superseded"),
    S.FAILED: ("!", "Failed"),
    S.INVALID: ("✕", "Invalid dataset"),
    S.ABORTED: ("■", "Aborted"),
}
TONES: Mapping[RunState, str] = {
    S.PROMOTED: "good",
    S.REJECTED: "bad",
    S.ROLLED_BACK: "bad",
    S.FAILED: "bad",
    S.INVALID: "bad",
    S.ABORTED: "warn",
    S.INCONCLUSIVE: "warn",
}


def title(state: RunState) -> tuple[str, str]:
    """(mark, words)."""
    return TITLES.get(state, ("…", f"Under way ({state.value.lower()})"))


def tone(state: RunState) -> str:
    return TONES.get(state, "quiet")


def summary(facts: Facts) -> str:
    """One sentence: what this means for what is live."""
    live = facts.champion_after or "nothing"
    said: Mapping[RunState, Callable[[], str]] = {
        S.PROMOTED: lambda: _promoted(facts),
        S.REJECTED: lambda: f"The offline gate stopped it: it never saw {_asked(facts)}. Live stays {live}.",
        S.ROLLED_BACK: lambda: f"{_BACK.get(facts.way, _BACK['split'])} {live}.",
        S.INCONCLUSIVE: lambda: f"The evidence did not settle it, so nothing was changed: live stays {live}.",
        S.SUPERSEDED: lambda: "A newer dataset came while this one waited for its turn. It was not trained.",
        S.FAILED: lambda: f"The run broke, which says nothing about the model. Live stays {live}.",
        S.INVALID: lambda: "The dataset was refused at the door. Correct it and drop it again.",
        S.ABORTED: lambda: f"The run was stopped before its end. Live stays {live}.",
    }
    return said.get(facts.state, lambda: "The run is not over: this page shows what is known by now.")()


_BACK = {
    "split": "Live requests showed that it is worse. All traffic went back to",
    "swap": "Live requests after the swap showed that it is worse. The endpoint went back to the config of",
    "rows": "Batch drops showed that it is worse. Nobody was given its predictions: drops are still scored with",
}


def _asked(facts: Facts) -> str:
    return "a batch drop" if facts.way in ("rows", "gate") else "a live request"


def _promoted(facts: Facts) -> str:
    now = "scores every batch drop" if facts.way in ("rows", "gate") else "serves all live traffic"
    if facts.champion_before:
        return f"It took the place of {facts.champion_before} and {now}."
    return f"It is the first model of {facts.model} and {now}."


@dataclass(frozen=True)
class Stop:
    """One station of a run. tone: good, bad, warn, quiet (not reached, or not asked)."""

    name: str
    tone: str
    said: str


def stops(facts: Facts) -> list[Stop]:
    """The stations that every dataset passes or fails, in order."""
    return [_dataset(facts), _training(facts), _gate(facts), _rollout(facts)]


def _dataset(facts: Facts) -> Stop:
    files = facts.manifest.get("files", [])
    if facts.state is S.INVALID and not files:
        return Stop("Dataset", "bad", "refused")
    rows = sum(int(file["rows"]) for file in files)
    return (
        Stop("Dataset", "good", f"{rows:,} rows") if files else Stop("Dataset", "quiet", "not known any more")
    )


def _training(facts: Facts) -> Stop:
    if facts.gate or facts.artifact_sha256:
        return Stop("Training", "good", "a model was trained")
    return _not_reached("Training", facts, after=facts.run is not None)


def _gate(facts: Facts) -> Stop:
    if not facts.gate:
        return Stop("Offline gate", "quiet", "not reached")
    tones = {GateOutcome.PASS: "good", GateOutcome.FAIL: "bad", GateOutcome.NOT_ENOUGH_DATA: "warn"}
    outcome = facts.gate.outcome
    said = f"{outcome.value.replace('_', ' ')} on {facts.gate.rows:,} rows"
    return Stop("Offline gate", tones[outcome], said)


def _rollout(facts: Facts) -> Stop:
    if facts.is_first:
        said = "first deployment: nothing to compare with"
        return Stop("Live rollout", "good" if facts.state is S.PROMOTED else tone(facts.state), said)
    if facts.way == "gate" and facts.state is S.PROMOTED:
        return Stop("Live rollout", "good", "none: of a batch model the gate decides")
    if facts.guardrails:
        return Stop("Live rollout", tone(facts.state), "in the hands of SageMaker's guardrails")
    if not facts.shifts:
        return _not_reached("Live rollout", facts, after=bool(facts.gate and facts.gate.outcome == "pass"))
    reached = max(shift.share for shift in facts.shifts)
    requests, own = (int(facts.last_look.get(n, 0)) for n in ("requests", "challenger_requests"))
    said = {
        "rows": f"both models scored {own:,} judged rows of batch drops",
        "swap": f"swapped in, answered {own:,} judged requests; {requests - own:,} of the champion's before it",
    }.get(facts.way, f"answered {own:,} of {requests:,} judged requests; share up to {reached:g} %")
    return Stop("Live rollout", tone(facts.state), said)


def _not_reached(name: str, facts: Facts, *, after: bool) -> Stop:
    if after and facts.state in (S.FAILED, S.ABORTED, S.INVALID):
        return Stop(name, tone(facts.state), "stopped before its end")
    return Stop(name, "quiet", "not reached")


@dataclass(frozen=True)
class Event:
    """at: seconds since the epoch; seconds: how long it lasted, None for a moment."""

    at: float
    what: str
    seconds: float | None = None
    is_state: bool = False


def timeline(facts: Facts) -> list[Event]:
    """States of the execution (while its history is kept), moves of traffic, the last look, the end; in order."""
    events = [Event(facts.started_at, "The run was admitted")] if facts.started_at else []
    for visit in facts.states:
        if visit.seconds is not None and visit.seconds < MOMENT_SECONDS and not visit.failed:
            continue  # a branch, not work
        failed = " (an error left it)" if visit.failed else ""
        events.append(Event(visit.entered.timestamp(), f"{visit.name}{failed}", visit.seconds, is_state=True))
    events += [Event(shift.at, _moved(facts, shift.share)) for shift in facts.shifts]
    if facts.last_look:
        look = facts.last_look
        events.append(
            Event(float(look["at"]), f"Last look at the evidence: {look['outcome']} - {look['reason']}")
        )
    if facts.settled_at:
        _, words = title(facts.state)
        events.append(Event(facts.settled_at, f"{words}: the record was closed"))
    return sorted(events, key=lambda event: event.at)


def _moved(facts: Facts, share: float) -> str:
    if facts.way == "rows":
        return "Goes live" if facts.is_first else "Batch drops are scored by both models from now on"
    if facts.way == "swap" and not facts.is_first:
        return "The endpoint's config is swapped: the challenger answers every request, and is watched"
    return f"The challenger is given {share:g} % of live traffic"


def took(facts: Facts) -> str:
    """From admission to the end; "" when one of them is not known."""
    if not facts.started_at or not facts.settled_at or facts.settled_at < facts.started_at:
        return ""
    return duration(facts.settled_at - facts.started_at)


def duration(seconds: float) -> str:
    """In the two largest units: 4.2 s, 3 min 5 s, 2 h 10 min, 5 d 3 h."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def number(value: float | None) -> str:
    """Four digits that matter; "-" for what there is none of."""
    return "-" if value is None or math.isnan(value) else f"{value or 0.0:.4g}"  # -0.0 is 0
