"""Lines on what is on record: a ledger that was lost, work that does not grow with the past."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.checks import Check
from tests.closing.test_ledger_work import AT_MOST, FEW, MANY, settled, swept
from tests.crash_points.test_lost_ledger import broken, effects, lost, sweep
from tests.fakes.faults import EFFECT_MODES
from tests.fakes.installed import installed
from tests.proof.line import Size

FORMER_STRIKES = 54  # three ways at 18 effects, as this was first counted


def lost_ledgers(_: Size) -> Iterator[Check]:
    """Three models were promoted and the table is gone; one strike of every kind at every effect of the sweep."""
    strikes = [(mode, at) for mode in EFFECT_MODES for at in range(effects())]
    wrong = [strike for strike in strikes if _is_wrong(strike)]
    yield Check("strikes at the rebuild of a lost ledger", len(strikes), at_least=FORMER_STRIKES)
    yield Check("of them: another champion, or a record that changed", len(wrong), at_most=0)


def _is_wrong(strike: tuple[str, int]) -> bool:
    world = lost(frozenset({strike}))
    with installed(world):
        sweep(world, ledger_lost=True)
        sweep(world, ledger_lost=True)
        world.play()
    return bool(broken(world))


def work(_: Size) -> Iterator[Check]:
    """Items read and written of a model with 5,000 uploads, over those of one with 50."""
    for name, does in (("settle", settled), ("sweep", swept)):
        few, many = does(FEW), does(MANY)
        for how in ("read", "written"):
            ratio = many[how] / max(few[how], 1)
            yield Check(
                f"{name}: items {how} after {MANY:,} uploads, over after {FEW}", ratio, at_most=AT_MOST
            )
