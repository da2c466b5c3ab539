"""What viewers wait for: the first time for what there is, later for no longer than they notice."""

import asyncio
import math
import threading

import pytest

from cli.console.reader import NotThereError, Reader
from cli.console.shared_reads import SELDOM, Board
from tests import patience
from tests.console.site import Site, site
from tests.fakes.store import Clock


class Slow:
    """Reads as slowly as it is told to; counts."""

    def __init__(self) -> None:
        self.may_end, self.count = threading.Event(), 0

    def __call__(self, _: Reader) -> int:
        self.count += 1
        assert self.may_end.wait(patience.SECONDS)
        return self.count


@pytest.fixture(name="stack", scope="module")
def _stack() -> object:
    with site() as found:
        yield found


def board(stack: Site, clock: Clock, patient: float = 0.05) -> Board:
    return Board(lambda: stack, 1.0, "advice", clock, patient)


def never(_: object) -> bool:
    return False


def test_what_is_not_there_is_known_once_it_was_looked_for_however_long_that_took(stack: Site) -> None:
    clock, may_end = Clock(), threading.Event()
    seen = board(stack, clock)

    def read(_: Reader) -> str:
        assert may_end.wait(patience.SECONDS)
        raise NotThereError("It was never there.", "See all models.")

    async def look() -> None:
        assert (await seen.see("k", "Reading", read, never)).value is None
        may_end.set()
        async with asyncio.timeout(patience.SECONDS):
            while (await seen.see("k", "Reading", read, never)).value is None:
                await asyncio.sleep(0.01)

    with pytest.raises(NotThereError):
        asyncio.run(look())


def test_what_takes_long_to_read_anew_is_shown_as_it_was_and_then_as_it_is(stack: Site) -> None:
    clock, slow = Clock(), Slow()
    seen = board(stack, clock, 0.2)

    async def look() -> list[int | None]:
        slow.may_end.set()
        found = [(await seen.see("k", "Reading", slow, never)).value]
        slow.may_end.clear()
        clock.pass_(1.0)
        found += [(await seen.see("k", "Reading", slow, never)).value for _ in range(3)]
        slow.may_end.set()
        async with asyncio.timeout(patience.SECONDS):
            while (value := (await seen.see("k", "Reading", slow, never)).value) == 1:
                await asyncio.sleep(0.01)
        return [*found, value]

    assert asyncio.run(look()) == [1, 1, 1, 1, 2]
    assert slow.count == 2


def test_the_list_of_models_does_not_keep_other_pages_waiting(stack: Site) -> None:
    slow = Slow()
    seen = board(stack, Clock(), patience.SECONDS)

    async def look() -> str:
        first = asyncio.create_task(seen.see("models", "Reading", slow, never, "models"))
        async with asyncio.timeout(patience.SECONDS):
            while not slow.count:
                await asyncio.sleep(0.01)
            other = await seen.see("run", "Reading", lambda _: "a run", never)
        slow.may_end.set()
        await first
        return str(other.value)

    assert asyncio.run(look()) == "a run"


def test_the_first_viewer_of_what_takes_long_is_told_that_it_is_being_read(stack: Site) -> None:
    slow = Slow()
    seen = board(stack, Clock(), 0.001)

    async def look() -> tuple[int | None, int | None]:
        first = await seen.see("k", "Reading", slow, never)
        slow.may_end.set()
        whole = await seen.see("k", "Reading", slow, never, whole=True)
        return first.value, whole.value

    assert asyncio.run(look()) == (None, 1)


@pytest.mark.parametrize(
    "spent", [{"since": -math.inf}, {"takes": math.inf}], ids=["waited before", "in vain"]
)
def test_a_page_waits_no_longer_for_several_things_than_for_one_and_never_in_vain(
    stack: Site, spent: dict[str, float]
) -> None:
    slow = Slow()
    seen = board(stack, Clock(), 2 * patience.SECONDS)

    async def look() -> tuple[int | None, int | None]:
        async with asyncio.timeout(patience.SECONDS):
            first = await seen.see("k", "Reading", slow, never, **spent)
        slow.may_end.set()
        return first.value, (await seen.see("k", "Reading", slow, never)).value

    assert asyncio.run(look()) == (None, 1)


def test_a_look_that_takes_long_is_taken_seldom(stack: Site) -> None:
    clock, asked = Clock(), [0]
    seen = board(stack, clock, patience.SECONDS)

    def read(_: Reader) -> int:
        asked[0] += 1
        clock.pass_(2.0)
        return asked[0]

    def look() -> int | None:
        return asyncio.run(seen.see("k", "Reading", read, never)).value

    assert look() == 1
    clock.pass_(2.0 * SELDOM - 0.5)
    assert look() == 1
    clock.pass_(0.5)
    assert look() == 2


def test_what_was_begun_before_an_act_is_not_shown_after_it(stack: Site) -> None:
    slow = Slow()
    seen = board(stack, Clock(), patience.SECONDS)

    async def look() -> int | None:
        before = asyncio.create_task(seen.see("k", "Reading", slow, never))
        async with asyncio.timeout(patience.SECONDS):
            while not slow.count:
                await asyncio.sleep(0.01)
        await seen.forget()
        slow.may_end.set()
        await before
        return (await seen.see("k", "Reading", slow, never)).value

    assert asyncio.run(look()) == 2


def test_what_is_gone_is_told_each_time(stack: Site) -> None:
    clock = Clock()
    seen = board(stack, clock, patience.SECONDS)
    there = [True]

    def read(_: Reader) -> str:
        if not there[0]:
            raise NotThereError("It is gone.", "See all models.")
        return "there"

    assert asyncio.run(seen.see("k", "Reading", read, never)).value == "there"
    there[0] = False
    clock.pass_(1.0)
    for _ in range(2):
        with pytest.raises(NotThereError):
            asyncio.run(seen.see("k", "Reading", read, never))
