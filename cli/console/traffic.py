"""The traffic split of an endpoint over time, as it was seen. Pure; shares between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from cli.records.endpoints import Endpoint

ARMS = 4  # colours
MOST = 600  # changes that are remembered of one endpoint
WIDTH, HEIGHT = 600.0, 90.0
LEAST_SPAN, STEP = 60.0, 5.0  # seconds; the picture changes once a step


@dataclass(frozen=True)
class Sample:
    """From `at` (seconds since the epoch) on, the endpoint split its traffic like this."""

    at: float
    weights: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Band:
    """One variant's part of the picture: rectangles (x, y, width, height)."""

    variant: str
    now: float
    parts: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Split:
    """since, until: seconds since the epoch."""

    since: float
    until: float
    bands: tuple[Band, ...]
    champion: str = ""
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def has_length(self) -> bool:
        """Not at the first look: a picture of no time would be empty."""
        return any(width > 0 for band in self.bands for _, _, width, _ in band.parts)

    def arm(self, variant: str) -> int:
        """Which colour a variant has, wherever it is shown: the champion's is the first, the newest challenger's the
        second."""
        others = [band.variant for band in reversed(self.bands) if band.variant != self.champion]
        return [self.champion, *others, variant].index(variant) % ARMS


@dataclass(frozen=True)
class Trail:
    """What was seen of one endpoint: changes only."""

    samples: tuple[Sample, ...] = ()
    seen: float = 0.0

    def look(self, endpoint: Endpoint | None, at: float) -> Trail:
        """One look more; an endpoint that is not there takes no traffic."""
        weights = endpoint.weights if endpoint else ()
        if self.samples and dict(self.samples[-1].weights) == dict(weights):
            return Trail(self.samples, at)
        return Trail((*self.samples, Sample(at, weights))[-MOST:], at)

    def split(self, champion: str = "") -> Split | None:
        """champion: its variant. None where no variant was ever seen.

        The picture grows by quarters of a minute, not with every look.
        """
        variants = list(dict.fromkeys(name for sample in self.samples for name, _ in sample.weights))
        if not variants:
            return None
        since = self.samples[0].at
        until = since + max(LEAST_SPAN, -(-(self.seen - since) // 15) * 15)
        last = max(self.samples[-1].at, self.seen - self.seen % STEP)
        ends = [*(sample.at for sample in self.samples), last]
        scale = WIDTH / (until - since)
        bands = {name: list[tuple[float, float, float, float]]() for name in variants}
        for sample, (begin, end) in zip(self.samples, pairwise(ends), strict=True):
            top = 0.0
            for name in variants:
                share = dict(sample.weights).get(name, 0.0)
                if share:
                    place = ((begin - since) * scale, top, (end - begin) * scale, share * HEIGHT)
                    bands[name].append(place)
                top += share * HEIGHT
        now = dict(self.samples[-1].weights)
        shown = tuple(Band(name, now.get(name, 0.0), tuple(bands[name])) for name in variants)
        return Split(since, until, shown, champion)
