"""What was read last, for all viewers: nothing is read twice within `seconds`, and nothing while nobody looks."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from cli.console.reader import NotThereError, Reader
from cli.stack.access import Access, Looking
from cli.stack.errors import StackError

T = TypeVar("T")
MOST = 64  # things that are remembered


@dataclass(frozen=True)
class Problem:
    """Why the page shows what it showed before, or nothing."""

    tried: str
    found: str
    next_step: str


@dataclass(frozen=True)
class Seen(Generic[T]):
    """value: as it was read at `at` (seconds since the epoch), None when it never could be."""

    value: T | None
    at: float
    problem: Problem | None = None


class Board:
    """`connect` answers the stack as it is now; a stack that was put up anew is another one. advice: what to do when
    AWS does not answer."""

    def __init__(
        self,
        connect: Callable[[], Access],
        seconds: float,
        advice: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._connect = connect
        self._seconds = seconds
        self.advice = advice
        self._clock = clock
        self._access: Access | None = None
        self._reader: Reader | None = None
        self._seen: OrderedDict[Hashable, Seen[Any]] = OrderedDict()
        self._turn = asyncio.Lock()

    async def see(
        self, key: Hashable, tried: str, read: Callable[[Reader], T], final: Callable[[T], bool]
    ) -> Seen[T]:
        """What `read` answers, at most `seconds` old; what is `final` is not read again. NotThereError as it comes."""
        async with self._turn:
            seen: Seen[T] | None = self._seen.get(key)
            if seen is None or not self._is_fresh(seen, final):
                seen = await asyncio.to_thread(self._look, seen, tried, read)
                self._seen[key] = seen
            self._seen.move_to_end(key)
            if len(self._seen) > MOST:
                self._seen.popitem(last=False)
            return seen

    async def forget(self) -> None:
        """Something was changed: the next look reads everything anew."""
        async with self._turn:
            self._seen.clear()

    def _is_fresh(self, seen: Seen[T], final: Callable[[T], bool]) -> bool:
        if seen.problem is None and seen.value is not None and final(seen.value):
            return True
        return self._clock() - seen.at < self._seconds

    def _look(self, before: Seen[T] | None, tried: str, read: Callable[[Reader], T]) -> Seen[T]:
        try:
            return Seen(read(self._connected()), self._clock())
        except NotThereError:
            raise
        except StackError as error:
            problem = Problem(tried, error.problem, error.next_step)
        except (BotoCoreError, ClientError) as error:
            problem = Problem(tried, str(error), self.advice)
        return Seen(before.value if before else None, self._clock(), problem)

    def _connected(self) -> Reader:
        access = self._connect()
        if self._reader is None or access != self._access:
            self._access, self._reader = access, Reader(Looking(access), self._clock)
            self._seen.clear()
        return self._reader
