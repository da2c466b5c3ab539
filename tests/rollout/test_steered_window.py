"""What a person orders while a rollout waits: hold, resume, step."""

import pytest

from switchyard.rollout.rules.steering import Order
from tests.rollout.desk import Desk, order


def test_a_held_rollout_stays_where_it_is_and_goes_on_when_resumed() -> None:
    desk = Desk(requests=200_000)
    desk.begin()
    order(desk, Order.HOLD)
    assert desk.look() is False
    order(desk, Order.RESUME)
    assert desk.look() is True
    assert desk.answers[0][1]["kind"] == "shift"


def test_a_held_rollout_still_gives_back_what_is_worse() -> None:
    desk = Desk(requests=200_000, challenger_errors=0.2)
    desk.begin()
    order(desk, Order.HOLD)
    assert desk.look() is True
    assert (desk.answers[0][1]["kind"], desk.answers[0][1]["state"]) == ("restore", "ROLLED_BACK")


@pytest.mark.parametrize(
    ("what", "kind", "weight"), [(Order.STEP, "shift", 25), (Order.PROMOTE, "promote", 100)]
)
def test_a_person_goes_faster_than_the_evidence_and_the_reason_says_so(
    what: Order, kind: str, weight: int
) -> None:
    desk = Desk(requests=20)
    desk.begin()
    order(desk, what, "the old model is on fire")
    assert desk.look() is True
    answer = desk.answers[0][1]
    assert (answer["kind"], answer["weight"]) == (kind, weight)
    assert answer["reason"].startswith("by hand: the old model is on fire; the evidence said: errors")
