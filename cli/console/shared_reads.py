"""What was read last, for all viewers: nothing is read twice within `seconds`, and nothing while nobody looks."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from cli.console.reader import NotThereError, Reader
from cli.stack.access import Access, Looking
from cli.stack.errors import StackError

T = TypeVar("T")
MOST = 64  # things that are remembered
SELDOM = 9  # times as long as a look took, until the next one


@dataclass(frozen=True)
class Problem:
    """Why the page shows what it showed before, or nothing."""

    tried: str
    found: str
    next_step: str


@dataclass(frozen=True)
class Seen(Generic[T]):
    """value: as it was read at `at` (seconds since the epoch), None when it never could be. took: seconds. missing: it
    was looked for, and is not there.
    """

    value: T | None
    at: float
    problem: Problem | None = None
    took: float = 0.0
    missing: NotThereError | None = None

    @property
    def read_at(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


@dataclass
class Lane:
    """What is read one after another, by a reader of its own."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    access: Access | None = None
    reader: Reader | None = None
    is_other: bool = False  # the stack is another one than before: what was seen is not its


class Board:
    """`connect` answers the stack as it is now; a stack that was put up anew is another one. advice: what to do when
    AWS does not answer. patience: seconds for which a page waits to be read anew; then it shows what was read before,
    or, where that is nothing, that it is being read.
    """

    def __init__(
        self,
        connect: Callable[[], Access],
        seconds: float,
        advice: str,
        clock: Callable[[], float] = time.time,
        patience: float = 0.1,
    ) -> None:
        self._connect, self._seconds, self._clock, self._patience = connect, seconds, clock, patience
        self.advice = advice
        self._lanes: defaultdict[str, Lane] = defaultdict(Lane)
        self._seen: OrderedDict[Hashable, Seen[Any]] = OrderedDict()
        self._looks: dict[Hashable, asyncio.Task[Seen[Any]]] = {}

    async def see(
        self,
        key: Hashable,
        tried: str,
        read: Callable[[Reader], T],
        final: Callable[[T], bool],
        lane: str = "",
        *,
        whole: bool = False,
        since: float = math.inf,
        takes: float = 0.0,
    ) -> Seen[T]:
        """What `read` answers, at most `seconds` old unless a viewer would wait for it too long; what is `final`
        is not read again. NotThereError as it comes. lane: what takes long has its own, so that others do not wait.
        whole: the viewer waits however long it takes. since: the time of the loop at which the page began to wait for
        other things. takes: seconds that it takes at least; who would not wait so long does not wait.
        """
        seen: Seen[T] | None = self._seen.get(key)
        if seen is not None and self._is_fresh(seen, final):
            self._seen.move_to_end(key)
            return _there(seen)
        look = self._looks.get(key)
        if look is None:  # many viewers are one look
            look = self._looks[key] = asyncio.create_task(
                self._look_again(seen, tried, read, self._lanes[lane])
            )
            look.add_done_callback(lambda done: self._looked(key, done))
        done, _ = await asyncio.wait({look}, timeout=None if whole else self._left(since, takes))
        return look.result() if done else _there(seen or Seen(None, self._clock()))

    def _left(self, since: float, takes: float) -> float:
        """Seconds for which a page waits yet."""
        now = asyncio.get_running_loop().time()
        left = self._patience - (now - min(since, now))
        return left if left > takes else 0.0

    async def forget(self) -> None:
        """Something was changed: the next look reads everything anew, and those under way count no more."""
        self._seen.clear()
        self._looks.clear()

    def _is_fresh(self, seen: Seen[T], final: Callable[[T], bool]) -> bool:
        """A look that takes long is taken seldom: a tenth of the time at most."""
        if seen.problem is None and seen.value is not None and final(seen.value):
            return True
        return self._clock() - seen.at < max(self._seconds, SELDOM * seen.took)

    async def _look_again(
        self, before: Seen[T] | None, tried: str, read: Callable[[Reader], T], lane: Lane
    ) -> Seen[T]:
        async with lane.turn:
            found = await asyncio.to_thread(self._look, before, tried, read, lane)
        if lane.is_other:
            lane.is_other = False
            self._seen.clear()
        return found

    def _looked(self, key: Hashable, look: asyncio.Task[Seen[Any]]) -> None:
        """Remembers what was seen, unless it was forgotten meanwhile."""
        if look.cancelled() or self._looks.get(key) is not look:
            return
        del self._looks[key]
        error = look.exception()
        if isinstance(error, NotThereError):  # for the page that asks again, whose first look took too long
            self._seen[key] = Seen(None, self._clock(), missing=error)
        elif error is not None:
            self._seen.pop(key, None)
            return
        else:
            self._seen[key] = look.result()
        self._seen.move_to_end(key)
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)

    def _look(self, before: Seen[T] | None, tried: str, read: Callable[[Reader], T], lane: Lane) -> Seen[T]:
        began = self._clock()
        try:
            value = read(self._connected(lane))
            return Seen(value, self._clock(), None, self._clock() - began)
        except NotThereError:
            raise
        except StackError as error:
            problem = Problem(tried, error.problem, error.next_step)
        except (BotoCoreError, ClientError) as error:
            problem = Problem(tried, str(error), self.advice)
        return Seen(before.value if before else None, self._clock(), problem)

    def _connected(self, lane: Lane) -> Reader:
        access = self._connect()
        if lane.reader is None or access != lane.access:
            lane.is_other = lane.reader is not None
            lane.access, lane.reader = access, Reader(Looking(access), self._clock)
        return lane.reader


def _there(seen: Seen[T]) -> Seen[T]:
    """NotThereError where that is what was seen."""
    if seen.missing is not None:
        raise seen.missing
    return seen
