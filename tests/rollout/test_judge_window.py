"""Looks come back until the evidence asks for an action; evidence that stays unreadable ends a rollout."""

import json

import pytest

from switchyard.rollout.judge_window import lap_of
from tests.rollout.desk import LAG, Desk


def test_a_state_leaves_its_token_and_a_look_is_scheduled() -> None:
    desk = Desk()
    desk.begin()
    assert desk.looks.scheduled == [("digits", desk.run.run_id, lap_of("t"))]
    assert [wait.token for wait in desk.stations.ledger.waits(f"rollout/{desk.run.run_id}")] == ["t"]


def test_too_little_evidence_brings_the_look_back() -> None:
    desk = Desk(requests=20)
    desk.begin()
    assert desk.look() is False
    assert desk.answers == []


def test_a_sound_challenger_goes_up_one_step_a_look_and_is_promoted_from_the_last() -> None:
    desk = Desk(requests=200_000)
    for stage, (kind, weight) in enumerate([("shift", 25), ("shift", 50), ("promote", 100)]):
        desk.begin(stage, f"t{stage}")
        assert desk.look() is True
        token, answer = desk.answers[-1]
        assert (token, answer["kind"], answer["weight"]) == (f"t{stage}", kind, weight)
    assert "harm beyond the margin is ruled out" in desk.answers[-1][1]["reason"]


def test_a_worse_challenger_is_rolled_back() -> None:
    desk = Desk(requests=20_000, challenger_errors=0.2)
    desk.begin()
    assert desk.look() is True
    assert desk.answers[0][1]["kind"] == "restore"
    assert desk.answers[0][1]["state"] == "ROLLED_BACK"
    assert "the challenger is worse" in desk.answers[0][1]["reason"]


def test_no_verdict_by_the_deadline_is_inconclusive() -> None:
    desk = Desk(requests=300, deadline_requests=500)
    desk.begin()
    assert desk.look() is False
    assert desk.look() is True
    assert desk.answers[0][1]["state"] == "INCONCLUSIVE"
    assert "deadline" in desk.answers[0][1]["reason"]


def test_no_request_at_all_fails_closed() -> None:
    desk = Desk()
    desk.begin()
    assert desk.look(900 + 3 * LAG - 1) is False
    assert desk.look(1) is True
    assert desk.answers[0][1]["state"] == "INCONCLUSIVE"
    assert "no request of champion and challenger" in desk.answers[0][1]["reason"]


def test_evidence_that_cannot_be_read_for_a_moment_is_no_verdict() -> None:
    desk = Desk(requests=200_000)
    desk.begin()
    desk.broken = RuntimeError("throttled")
    with pytest.raises(RuntimeError):
        desk.look()
    desk.broken = None
    assert desk.look() is True
    assert desk.answers[0][1]["kind"] == "shift"


def test_evidence_that_cannot_be_read_for_long_gives_the_champion_back() -> None:
    desk = Desk(requests=200_000)
    desk.begin()
    desk.broken = RuntimeError("AccessDenied")
    assert desk.look(1000) is True
    assert desk.answers[0][1]["state"] == "INCONCLUSIVE"
    assert "evidence could not be read: RuntimeError" in desk.answers[0][1]["reason"]


def test_a_rollout_of_days_is_not_ended_by_one_unreadable_look() -> None:
    desk = Desk(requests=20, silence_seconds=900, deadline_seconds=8e5)
    desk.begin()
    for _ in range(10):
        assert desk.look(600) is False
    desk.broken = RuntimeError("throttled")
    with pytest.raises(RuntimeError):
        desk.look(60)
    assert desk.answers == []


def test_nobody_waits_any_more_and_the_look_is_over() -> None:
    desk = Desk(requests=200_000)
    assert desk.look() is True
    desk.begin()
    assert desk.look() is True
    assert desk.look() is True
    assert len(desk.answers) == 1


def test_two_looks_at_once_answer_once() -> None:
    """A message may be delivered twice."""
    desk = Desk(requests=20)
    desk.begin(token="t1")
    desk.begin(token="t2")
    desk.requests = 200_000
    assert [desk.look(), desk.look()] == [True, True]
    assert [answer[0] for answer in desk.answers] == ["t2"]


def test_after_fourteen_laps_one_message_is_left() -> None:
    desk = Desk(requests=20, deadline_seconds=1e6)
    for lap in range(14):
        desk.begin(token=f"t{lap}")
    messages = [lap for _, _, lap in desk.looks.scheduled]
    left = [lap for lap in messages if not desk.judge_window.look("digits", desk.run.run_id, lap)]
    assert left == [lap_of("t13")]


def test_a_message_of_an_older_release_looks_for_any_lap() -> None:
    desk = Desk(requests=20)
    desk.begin()
    assert desk.judge_window.look("digits", desk.run.run_id) is False


def test_time_runs_from_when_the_step_serves_and_not_from_when_it_was_asked_for() -> None:
    desk = Desk(requests=20)
    desk.stations.clock.pass_(172_800)
    desk.begin(token="t1")
    live = desk.stations.clock()
    desk.look(300)
    desk.begin(token="t2")
    assert float(desk.record()["live_since"]) == live
    assert desk.answers == []
    assert desk.reader.asked[0][0] == live


def test_the_trail_says_when_a_weight_served_and_a_lap_changes_nothing() -> None:
    desk = Desk(requests=20)
    asked = [{"at": desk.started_at, "stage": 0, "weight": 10.0}]
    desk.stations.ledger.save_rollout(desk.run.run_id, {"trail": json.dumps(asked)})
    desk.stations.clock.pass_(720)
    for seconds in (0, 86_400):
        desk.stations.clock.pass_(seconds)
        desk.begin()
    assert json.loads(str(desk.record()["trail"])) == [{**asked[0], "at": desk.started_at + 720}]


def test_what_is_too_young_is_not_read_and_what_is_settled_is_not_read_again() -> None:
    desk = Desk(requests=20)
    desk.begin()
    start = desk.stations.clock()
    desk.look(100)
    assert desk.reader.asked == []
    for seconds in (200, 400, 60):
        desk.look(seconds)
    assert [(since - start, until - start) for since, until, _ in desk.reader.asked] == [
        (0, 300 - LAG),
        (0, 700 - LAG),
        (700 - 3 * LAG, 760 - LAG),
    ]


def test_a_block_that_is_read_again_counts_once() -> None:
    desk = Desk(requests=20)
    desk.begin()
    desk.look()
    block = desk.stations.ledger.blocks(desk.run.run_id)[0]
    desk.stations.ledger.save_blocks(desk.run.run_id, [block, block])
    assert desk.stations.ledger.blocks(desk.run.run_id) == (block,)


def test_the_verdict_of_every_look_is_on_record() -> None:
    desk = Desk(requests=2000)
    desk.begin()
    desk.look()
    verdict = json.loads(desk.record()["verdict"])
    assert verdict["outcome"] == "continue"
    assert (verdict["requests"], verdict["challenger_requests"], verdict["stage"]) == (2000, 200, 0)
    assert verdict["metrics"][0]["name"] == "errors"


def test_a_rollout_without_a_record_is_nobodys() -> None:
    desk = Desk(requests=200_000)
    desk.begin()
    desk.stations.items.delete(f"ROLLOUT#{desk.run.run_id}", "STATE")
    assert desk.look() is True


def test_a_swap_that_is_good_is_kept_and_says_what_it_was_compared_with() -> None:
    desk = Desk(requests=200_000, mode="serverless")
    desk.begin()
    assert desk.look() is True
    assert desk.answers[0][1]["kind"] == "keep"
    assert "its history before the swap" in desk.answers[0][1]["reason"]


def test_a_swap_that_nobody_uses_fails_closed() -> None:
    desk = Desk(mode="async")
    desk.begin()
    assert desk.look(900 + 3 * LAG) is True
    assert desk.answers[0][1]["state"] == "INCONCLUSIVE"
