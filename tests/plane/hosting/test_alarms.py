"""Baking periods: when the alarms are looked at, and what speaks against a deployment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence

import pytest
from botocore.exceptions import EndpointConnectionError

from sagemaker_local.hosting.alarms import AlarmTrippedError, Bake

UNREADABLE = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


class Scripted:
    """Answers with one state of the alarm `a` after the other; the last again and again. None: unreadable."""

    def __init__(self, *states: str | None) -> None:
        self._states: Iterator[str | None] = iter(states)
        self._last = states[-1]
        self.looks = 0

    async def read(self, names: Sequence[str]) -> dict[str, str]:
        assert names == ("a",)
        self.looks += 1
        state = next(self._states, self._last)
        if state is None:
            raise UNREADABLE
        return {"a": state}


def bake(states: Scripted, seconds: float) -> None:
    asyncio.run(Bake(states, ["a"], 0.01).wait(seconds))


def test_alarms_are_looked_at_all_the_time() -> None:
    states = Scripted("OK", "INSUFFICIENT_DATA", "OK", "ALARM")
    with pytest.raises(AlarmTrippedError, match=r"alarm\(s\) a went into ALARM state"):
        bake(states, 30)
    assert states.looks == 4


def test_a_period_of_nothing_is_one_look() -> None:
    states = Scripted("OK")
    bake(states, 0)
    assert states.looks == 1


def test_an_alarm_that_cannot_be_read_for_a_while_is_read_later() -> None:
    bake(Scripted(None, None, "OK"), 0.1)


def test_what_nobody_watched_at_the_end_does_not_pass() -> None:
    with pytest.raises(AlarmTrippedError, match="could not be read"):
        bake(Scripted("OK", None), 0.05)


def test_without_alarms_it_is_a_wait() -> None:
    states = Scripted("ALARM")
    started = time.monotonic()
    asyncio.run(Bake(states, [], 0.01).wait(0.05))
    assert time.monotonic() - started >= 0.05
    assert states.looks == 0
