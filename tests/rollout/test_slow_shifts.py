"""A change of weights takes minutes: what was served meanwhile belongs to the step that is on its way, and nobody looks
before it is over.
"""

import json

import pytest

from switchyard.core.evidence import Block
from switchyard.core.ledger.rollouts import step_at
from tests.rollout.desk import Desk

TRAIL = [
    {"asked": 0.0, "at": 600.0, "stage": 0, "weight": 10.0},
    {"asked": 1800.0, "at": 4200.0, "stage": 1, "weight": 25.0},
    {"asked": 4500.0, "at": 5000.0, "stage": 2, "weight": 50.0},
]


@pytest.mark.parametrize(
    ("moment", "step"),
    [(0, 0), (900, 0), (1800, 0), (1801, 1), (4200, 1), (4500, 1), (4501, 2), (9000, 2)],
)
def test_from_when_a_weight_is_asked_for_it_may_be_in_force(moment: float, step: int) -> None:
    assert step_at(TRAIL, moment) == step


def test_a_trail_of_an_older_release_says_only_when_a_weight_served() -> None:
    older = [{name: step[name] for name in ("at", "stage", "weight")} for step in TRAIL]
    assert [step_at(older, moment) for moment in (0, 4200, 4201, 5001)] == [0, 0, 1, 2]
    assert step_at([], 1.0) == 0


def test_periods_of_an_earlier_step_are_booked_there_though_they_are_read_later() -> None:
    """Metrics are minutes late: at the first look of a step those of the step before arrive."""
    desk = Desk(requests=20)
    start = desk.started_at
    desk.stations.ledger.save_rollout(
        desk.run.run_id,
        {
            "trail": json.dumps(
                [{**step, "at": start + step["at"], "asked": start + step["asked"]} for step in TRAIL]
            ),
            "live_since": str(start + 600),
            "serving_stage": 2,
        },
    )
    desk.reader.give = lambda _old, _new, _since, _until, stage: [
        Block("errors", str(int(start) + at), stage, 9, 0, 1, 0)
        for at in (1200, 1740, 1800, 3000, 4440, 4800)
    ]
    desk.begin(stage=2)
    desk.look(6000)
    booked = {
        int(each.block) - int(start): each.stage for each in desk.stations.ledger.blocks(desk.run.run_id)
    }
    assert booked == {1200: 0, 1740: 0, 1800: 1, 3000: 1, 4440: 1, 4800: 2}


def test_one_answer_that_is_not_whole_after_a_slow_shift_is_no_verdict() -> None:
    """Nobody looked while the shift lasted: that is no silence of CloudWatch."""
    desk = Desk(requests=20)
    desk.begin()
    assert desk.look() is False
    desk.stations.clock.pass_(2400)
    desk.begin(stage=1, token="u")
    desk.broken = RuntimeError("InternalError")
    with pytest.raises(RuntimeError):
        desk.look(60)
    assert desk.answers == []
