"""What must hold is seen not to hold, each by itself, and a sound model breaks nothing."""

from dataclasses import replace

import pytest

from switchyard.closing.rules.invariants import INVARIANTS, Live, Seen, check
from switchyard.core.champion import Champion
from switchyard.core.ports import Item

CHAMPION = Champion("digits-1", "full-1", "model-1", "schema", "0" * 64)
RUN: Item = {"sk": "RUN#digits-1", "run_id": "digits-1", "state": "PROMOTED"}
UPLOAD: Item = {"sk": "UPLOAD#x", "source": "x", "run_id": "digits-1", "state": "PROMOTED"}
SOUND = Seen(
    "digits",
    [RUN, UPLOAD],
    CHAMPION,
    Live("InService", "full-1", {"digits-1": 1.0}),
    {"digits-1": "PROMOTED"},
)
ACTIVE: Item = {"sk": "ACTIVE", "run_id": "digits-1"}
SECOND: Item = {"sk": "RUN#digits-2", "run_id": "digits-2", "state": "RUNNING"}

BROKEN = {
    "a champion serves": replace(SOUND, live=None),
    "the endpoint is the champion's alone while no run is under way": replace(
        SOUND, live=Live("InService", "canary-2", {"digits-1": 0.9, "digits-2": 0.1})
    ),
    "one run at a time moves a model": replace(SOUND, items=[RUN, UPLOAD, SECOND]),
    "nobody who has ended holds a place": replace(SOUND, items=[RUN, UPLOAD, ACTIVE]),
    "every end has its decision record": replace(SOUND, recorded={}),
    "an upload says what its run says": replace(SOUND, items=[RUN, {**UPLOAD, "state": "RUNNING"}]),
    "nobody is champion who was not promoted": replace(SOUND, items=[]),
}


def test_a_sound_model_breaks_nothing() -> None:
    assert check(SOUND) == []


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_what_does_not_hold_is_found_and_nothing_else(invariant: str) -> None:
    assert [each.invariant for each in check(BROKEN[invariant])] == [invariant]


def test_an_endpoint_without_any_weight_serves_nobody() -> None:
    [found] = check(replace(SOUND, live=Live("InService", "full-1", {"digits-1": 0.0})))
    assert found.invariant == "a champion serves"
