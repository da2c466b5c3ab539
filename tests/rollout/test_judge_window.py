"""Looks come back until the evidence asks for an action; what cannot be read is silence, and lasting silence a verdict."""

# ruff: noqa: E501  the module's promise in one line
import json
from types import SimpleNamespace
from typing import Any

import pytest

from switchyard.config.pipeline_json import policy_from_json, policy_to_json
from switchyard.core.evidence import Block
from switchyard.core.names import Names
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.core.run import Run
from switchyard.labels.windows import LabelWindows
from switchyard.rollout.judge_window import JudgeWindow, lap_of
from switchyard.rollout.rules.steering import Order, Steering
from switchyard.rollout.window_evidence import WindowEvidence
from tests.fakes.flow import FakeLooks, FakeReader
from tests.fakes.rooms import PREFIX, Rooms

NO_LABELS = SimpleNamespace(send=lambda _body: None)
LAG = 180.0
HISTORY_SECONDS = 120_000.0
SHARES = {0: 0.10, 1: 0.25, 2: 0.50}


class Desk:
    """A rollout at its first step, and somebody who looks."""

    def __init__(
        self,
        requests: int = 0,
        champion_errors: float = 0.0,
        challenger_errors: float = 0.0,
        history: tuple[int, int, float] | None = None,
        mode: str = "realtime",
        **policy: Any,
    ) -> None:
        """history: periods of the champion alone, requests in each, and errors in each."""
        self.history, self.mode = history, mode
        self.rooms = Rooms()
        self.rooms.has_pipeline(rollout=policy, deployment={"mode": mode})
        self.rooms.champion(mode=mode)
        self.run: Run = self.rooms.a_run()
        self.requests, self.errors = requests, (champion_errors, challenger_errors)
        self.looks, self.reader = FakeLooks(), FakeReader(self._blocks)
        rooms = self.rooms
        windows = LabelWindows(rooms.ledger, NO_LABELS, rooms.clock, 300)
        evidence = WindowEvidence(
            PREFIX, rooms.ledger, self.reader, windows, rooms.clock, LAG, HISTORY_SECONDS if history else 0.0
        )
        self.judge_window = JudgeWindow(
            PREFIX, rooms.ledger, rooms.snapshots, rooms.control, evidence, rooms.tokens, self.looks, rooms.clock
        )  # fmt: skip
        started = {
            "model": "digits",
            "champion": "digits-champion0000",
            "stage": 0,
            "started_at": str(rooms.clock()),
        }
        rooms.ledger.save_rollout(self.run.run_id, started)
        self.started_at = rooms.clock()
        self.broken: Exception | None = None

    def _past(self, since: float) -> list[Block]:
        periods, requests, errors = self.history or (0, 0, 0.0)
        names = (str(int(since) + 60 * at) for at in range(periods))
        return [Block("errors", name, 0, requests, errors, 0, 0) for name in names]

    def _blocks(self, champion: str, challenger: str, since: float, until: float, stage: int) -> list[Block]:
        if self.broken:
            raise self.broken
        if until <= self.started_at:
            return self._past(since)
        if not self.requests:
            return []
        n1 = int(self.requests * SHARES[stage])
        n0 = self.requests - n1
        sums = n0 * self.errors[0], n1 * self.errors[1]
        return [Block("errors", str(int(until)), stage, n0, round(sums[0]), n1, round(sums[1]))]

    def look(self, seconds: float = 300.0) -> bool:
        self.rooms.clock.pass_(seconds)
        return self.judge_window.look("digits", self.run.run_id)

    def begin(self, stage: int = 0, token: str = "t") -> None:  # noqa: S107
        self.serves(stage)
        self.judge_window.begin(self.run, stage, token)

    def serves(self, stage: int) -> None:
        """The live endpoint as the step before has left it."""
        names = Names(PREFIX, "digits", self.run.run_id)
        share = 100 * SHARES[stage]
        canary = names.canary_config, {"digits-champion0000": 100 - share, self.run.run_id: share}
        alone = names.full_config, {self.run.run_id: 100.0}
        self.rooms.control.put_endpoint(names.endpoint, *(alone if self.mode != "realtime" else canary))

    @property
    def answers(self) -> list[tuple[Any, ...]]:
        return self.rooms.tokens.answers

    def record(self) -> dict[str, Any]:
        return dict(self.rooms.ledger.rollout(self.run.run_id) or {})


def test_a_state_leaves_its_token_and_a_look_is_scheduled() -> None:
    desk = Desk()
    desk.begin()
    assert desk.looks.scheduled == [("digits", desk.run.run_id, lap_of("t"))]
    assert [wait.token for wait in desk.rooms.ledger.waits(f"rollout/{desk.run.run_id}")] == ["t"]


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
    desk.rooms.clock.pass_(172_800)
    desk.begin(token="t1")
    live = desk.rooms.clock()
    desk.look(300)
    desk.begin(token="t2")
    assert float(desk.record()["live_since"]) == live
    assert desk.answers == []
    assert desk.reader.asked[0][0] == live


def test_the_trail_says_when_a_weight_served_and_a_lap_changes_nothing() -> None:
    desk = Desk(requests=20)
    asked = [{"at": desk.started_at, "stage": 0, "weight": 10.0}]
    desk.rooms.ledger.save_rollout(desk.run.run_id, {"trail": json.dumps(asked)})
    desk.rooms.clock.pass_(720)
    for seconds in (0, 86_400):
        desk.rooms.clock.pass_(seconds)
        desk.begin()
    assert json.loads(str(desk.record()["trail"])) == [{**asked[0], "at": desk.started_at + 720}]


def test_what_is_too_young_is_not_read_and_what_is_settled_is_not_read_again() -> None:
    desk = Desk(requests=20)
    desk.begin()
    start = desk.rooms.clock()
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
    block = desk.rooms.ledger.blocks(desk.run.run_id)[0]
    desk.rooms.ledger.save_blocks(desk.run.run_id, [block, block])
    assert desk.rooms.ledger.blocks(desk.run.run_id) == (block,)


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
    desk.rooms.items.delete(f"ROLLOUT#{desk.run.run_id}", "STATE")
    assert desk.look() is True


def policy_of(desk: Desk) -> tuple[RolloutPolicy, str]:
    kept = desk.rooms.ledger.policy(desk.run.run_id)
    assert kept is not None
    return policy_from_json(str(kept["policy"])), str(kept["source"])


def test_the_first_look_learns_from_what_was_before_the_rollout_and_only_the_first() -> None:
    desk = Desk(requests=20, history=(2_000, 500, 20.0))
    desk.begin()
    desk.look()
    asked = desk.reader.asked[0]
    assert asked == (desk.started_at - HISTORY_SECONDS, desk.started_at, 0)
    policy, source = policy_of(desk)
    assert policy.metrics["errors"].baseline == pytest.approx(0.04, rel=1e-4)
    assert policy.metrics["errors"].correlation == 0.0
    assert source == "learned from the champion's history: errors: 1,000,000 requests in 2,000 periods"
    desk.history = (2_000, 500, 400.0)
    desk.look()
    assert policy_of(desk) == (policy, source)
    assert sum(since < desk.started_at for since, _, _ in desk.reader.asked) == 1


def test_what_was_learned_is_what_is_weighed() -> None:
    """4 % of requests fail, of both models: with the declared 1 % as baseline the evidence is another."""
    looked = {}
    for history in ((2_000, 500, 20.0), None):
        desk = Desk(requests=4_000, champion_errors=0.04, challenger_errors=0.04, history=history)
        desk.begin()
        desk.look()
        looked[history] = json.loads(desk.record()["verdict"])["metrics"][0]["log_e_promote"]
    assert looked[2_000, 500, 20.0] != looked[None]


def test_too_short_a_history_leaves_the_policy_as_declared_and_says_so() -> None:
    desk = Desk(requests=20, history=(3, 300, 200.0))
    desk.begin()
    desk.look()
    policy, source = policy_of(desk)
    assert policy.metrics["errors"] == MetricPolicy(margin=0.005)
    assert source.startswith("as declared")


def test_a_history_that_cannot_be_read_is_tried_again_and_long_silence_is_a_verdict() -> None:
    desk = Desk(requests=20, history=(2_000, 500, 20.0))
    desk.begin()
    desk.broken = RuntimeError("throttled")
    with pytest.raises(RuntimeError):
        desk.look()
    assert desk.rooms.ledger.policy(desk.run.run_id) is None
    assert desk.look(1000) is True
    assert desk.answers[0][1]["state"] == "INCONCLUSIVE"


def test_of_two_first_looks_one_policy_stands() -> None:
    desk = Desk(requests=20, history=(2_000, 500, 20.0))
    kept = desk.rooms.ledger.keep_policy(desk.run.run_id, "first", "a")
    again = desk.rooms.ledger.keep_policy(desk.run.run_id, "second", "b")
    assert kept == again
    assert kept["policy"] == "first"


def test_a_frozen_policy_is_small_and_comes_back_whole() -> None:
    metrics = {name: MetricPolicy(0.005, 0.0123456789, correlation=0.0003) for name in ("errors", "latency")}
    policy = RolloutPolicy(metrics=metrics, deadline_requests=95_000)
    snapshots = policy_to_json(policy)
    assert policy_from_json(snapshots) == policy
    assert len(snapshots) / len(metrics) < 1_024


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


def order(desk: Desk, what: Order, reason: str = "a person's reason") -> None:
    given = Steering(what, reason, 0, desk.rooms.clock())
    desk.rooms.ledger.give_order(desk.run.run_id, given.to_dict())


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
