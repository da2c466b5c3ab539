"""What the live clients saw, counted by the variant that answered."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

NO_ANSWER = 0  # the status of a request that got no HTTP answer at all
UNKNOWN_VARIANT = "(unknown)"

_MESSAGE_LENGTH = 300
_BUCKETS_PER_FACTOR_E = 50  # latencies are kept to 2 percent


@dataclass(frozen=True)
class ErrorCount:
    """How often one HTTP status came back, and the first message that came with it."""

    count: int
    first_message: str


@dataclass(frozen=True)
class VariantReport:
    """Requests that one variant answered; latencies in milliseconds, seen from the client."""

    requests: int
    errors: Mapping[int, ErrorCount]
    p50_ms: float
    p99_ms: float
    max_ms: float

    @property
    def error_count(self) -> int:
        return sum(error.count for error in self.errors.values())


@dataclass(frozen=True)
class ClientReport:
    """All requests so far, by variant name; `UNKNOWN_VARIANT` holds those that no variant signed."""

    seconds: float
    variants: Mapping[str, VariantReport]

    @property
    def requests(self) -> int:
        return sum(variant.requests for variant in self.variants.values())

    @property
    def error_count(self) -> int:
        return sum(variant.error_count for variant in self.variants.values())


@dataclass(frozen=True)
class Outcome:
    """One request: `message` is empty when it was answered as it should be."""

    variant: str
    status: int
    seconds: float
    message: str = ""


class Tally:
    """Adds up outcomes in constant memory."""

    def __init__(self) -> None:
        self._variants: dict[str, _VariantTally] = {}

    def add(self, outcome: Outcome) -> None:
        self._variants.setdefault(outcome.variant, _VariantTally()).add(outcome)

    def report(self, seconds: float) -> ClientReport:
        return ClientReport(seconds, {name: tally.report() for name, tally in list(self._variants.items())})


class _VariantTally:
    def __init__(self) -> None:
        self._requests = 0
        self._errors: dict[int, ErrorCount] = {}
        self._latencies: Counter[int] = Counter()
        self._slowest = 0.0

    def add(self, outcome: Outcome) -> None:
        self._requests += 1
        self._slowest = max(self._slowest, outcome.seconds)
        self._latencies[_bucket(outcome.seconds)] += 1
        if outcome.message:
            seen = self._errors.get(outcome.status, ErrorCount(0, outcome.message[:_MESSAGE_LENGTH]))
            self._errors[outcome.status] = ErrorCount(seen.count + 1, seen.first_message)

    def report(self) -> VariantReport:
        latencies = self._latencies.copy()
        return VariantReport(
            requests=self._requests,
            errors=dict(self._errors),
            p50_ms=_quantile(latencies, 0.50),
            p99_ms=_quantile(latencies, 0.99),
            max_ms=self._slowest * 1000,
        )


def _bucket(seconds: float) -> int:
    return round(math.log(max(seconds, 1e-6)) * _BUCKETS_PER_FACTOR_E)


def _quantile(latencies: Counter[int], share: float) -> float:
    """Milliseconds below which this share of requests stayed."""
    wanted = share * latencies.total()
    for bucket in sorted(latencies):
        wanted -= latencies[bucket]
        if wanted <= 0:
            return math.exp(bucket / _BUCKETS_PER_FACTOR_E) * 1000
    return 0.0
