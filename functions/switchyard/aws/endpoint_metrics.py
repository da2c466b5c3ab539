"""What an endpoint's metrics say of one period: how many requests an arm had, and how many of them it lost.

Absent is unknown, never zero. Every request has its error counted: "for each 5xx response, 1 is sent; otherwise, 0 is
sent" (Monitor Amazon SageMaker AI with CloudWatch). Requests without such a count say that it is late, or has a name
that is not asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from switchyard.core.pipeline import ASYNC, REALTIME, SERVERLESS

Values = Mapping[str, float]

# By a letter that names it in the query: CloudWatch's metric, under each spelling that AWS's pages use.
# InvocationModelErrors: "requests which did not result in 2XX HTTP response", timeouts and broken sockets among them.
REQUESTS = ("Invocations",)
CLIENT_ERRORS = ("Invocation4XXErrors", "Invocations4XXErrors")
SERVER_ERRORS = ("Invocation5XXErrors", "Invocations5XXErrors")
ERRORS = {"n": REQUESTS, "e": ("InvocationModelErrors",), "f": SERVER_ERRORS, "c": CLIENT_ERRORS}
# "Asynchronous endpoints do not emit Invocations"; the page that says so writes InvocationsProcesssed, with three s.
PROCESSED = ("InvocationsProcessed", "InvocationsProcesssed")
ASYNC_ERRORS = {"n": PROCESSED, "e": ("InvocationFailures",), "f": SERVER_ERRORS, "c": CLIENT_ERRORS}
# What the page of each type of endpoint lists as sent with every request.
LISTED = {REALTIME: "nefc", SERVERLESS: "nfc", ASYNC: "nfc"}
# Periods within which a request may be counted as processed after its answer was: it is uploaded first.
NEIGHBOURS = 5


@dataclass(frozen=True)
class Arm:
    """What is known of one model in one period. unknown: requests of which nobody says how they ended; None when not
    even their number is known.
    """

    requests: int = 0
    losses: float = 0.0
    unknown: int | None = 0

    @property
    def is_known(self) -> bool:
        return self.unknown == 0


ABSENT = Arm(unknown=None)


def latency_statistics(limit_milliseconds: float) -> dict[str, tuple[str, str]]:
    """ModelLatency is in microseconds. "PR(:300) returns the percentage of data points that have a value of 300 or
    less" (CloudWatch statistics definitions): exact counts, where a trimmed count is interpolated.
    """
    limit = f"{limit_milliseconds * 1000:.3f}".rstrip("0").rstrip(".")
    return {"m": ("ModelLatency", "SampleCount"), "r": ("ModelLatency", f"PR(:{limit})")}


def error_statistics(mode: str) -> dict[str, tuple[str, str]]:
    """By letter, and by the letter twice for the other spelling of the same."""
    spelled = (ASYNC_ERRORS if mode == ASYNC else ERRORS).items()
    return {
        letter * times: (name, "Sum")
        for letter, spellings in spelled
        for times, name in enumerate(spellings, start=1)
    }


def failed(values: Values, mode: str, is_settled: bool, near: Sequence[str]) -> Arm:
    """Requests, and those that the model failed. values: of this arm and period, by letter. is_settled: nothing more
    will come. near: letters of which the periods beside it have a value.
    """
    if mode == ASYNC and is_settled:
        values = _aligned(values, near)
    if not values:
        return ABSENT
    if "n" not in values:
        return Arm(unknown=max(1, int(max(values.values()))))
    losses, is_whole = _losses(values), {*values} >= {*LISTED[mode]}
    requests = int(max(values["n"], losses or 0.0))  # a failure may be counted where its request is not
    if not requests:
        return Arm()
    if losses is None or not (is_whole or is_settled):
        return Arm(unknown=requests)
    return Arm(requests, losses)


def _losses(values: Values) -> float | None:
    """What is the client's own fault (4XX) is taken off again; a count of server errors is the least there can be."""
    counts = [values["f"]] if "f" in values else []
    if "e" in values and ("c" in values or not counts):
        counts.append(values["e"] - values.get("c", 0.0))
    return max(*counts, 0.0) if counts else None


def _aligned(values: Values, near: Sequence[str]) -> Values:
    """An asynchronous request is answered in one period and counted as processed in a later one: a series that speaks
    nearby has nothing to say of this one. Failures are not listed: without one there may be no series at all.
    """
    return {**{letter: 0.0 for letter in near if letter != "e"}, **values} if values else values


def slow(values: Values) -> Arm:
    """Answers, and those slower than the limit. Without a rank nothing is known of them."""
    if "m" not in values:
        return ABSENT
    answers = int(values["m"])
    if "r" not in values:
        return Arm(unknown=answers)
    return Arm(answers, float(min(max(round(answers * (1 - values["r"] / 100)), 0), answers)))
