"""A look over CloudWatch as it is and the endpoint as it is found: what fails is seen, what is unknown is no good news."""

# ruff: noqa: E501  the module's promise in one line
from collections.abc import Callable
from dataclasses import replace

import pytest

from switchyard.aws.cloudwatch import CloudWatchEvidence
from switchyard.core.names import Names
from tests.fakes.metrics.cloudwatch import NAMES, PERIOD, FakeCloudWatch
from tests.fakes.stations import PREFIX
from tests.rollout.test_judge_window import LAG, Desk

CHAMPION = "digits-champion0000"
MODES = ("realtime", "serverless", "async")


class Live(Desk):
    """A rollout whose evidence is CloudWatch's: every minute both models are asked, after a swap the challenger alone."""

    def __init__(self, mode: str, **policy: object) -> None:
        super().__init__(mode=mode, deadline_seconds=1e5, **policy)  # type: ignore[arg-type]
        self.cloudwatch = FakeCloudWatch()
        reader = CloudWatchEvidence(self.cloudwatch, PERIOD)  # type: ignore[arg-type]
        evidence = replace(self.judge_window.evidence, reader=reader)
        self.judge_window = replace(self.judge_window, evidence=evidence)
        self.endpoint = Names(PREFIX, "digits", self.run.run_id).endpoint
        for minute in range(1, 200):
            self.cloudwatch.served(mode, CHAMPION, self.started_at - minute * PERIOD, 2_000, 20)

    def begin(self, stage: int = 2, token: str = "t") -> None:  # noqa: S107
        super().begin(stage, token)

    def minute(self, requests: int = 2_000, server_errors: int = 20, **more: int) -> bool:
        """One minute of traffic, then a look; True when the rollout asks for an action."""
        now, swaps = self.stations.clock(), self.mode != "realtime"
        self.cloudwatch.served(self.mode, self.run.run_id, now, requests, server_errors, **more)
        if not swaps:
            self.cloudwatch.served(self.mode, CHAMPION, now, requests, requests // 100)
        return self.look(PERIOD)

    def until_answered(self, minutes: int, serve: Callable[[], bool]) -> tuple[str, str]:
        """(kind or state, reason)."""
        for _ in range(minutes):
            if serve():
                answer = self.answers[-1][1]
                return str(answer.get("state", answer["kind"])), str(answer["reason"])
        return "", ""


@pytest.mark.parametrize("mode", MODES)
def test_a_challenger_that_fails_every_request_is_rolled_back(mode: str) -> None:
    live = Live(mode)
    live.begin()
    state, reason = live.until_answered(30, lambda: live.minute(server_errors=2_000))
    assert (state, "the challenger is worse" in reason) == ("ROLLED_BACK", True)


@pytest.mark.parametrize(
    ("mode", "kind"), [("realtime", "promote"), ("serverless", "keep"), ("async", "keep")]
)
def test_a_sound_challenger_gets_everything(mode: str, kind: str) -> None:
    live = Live(mode)
    live.begin()
    assert live.until_answered(40, live.minute)[0] == kind


@pytest.mark.parametrize("mode", MODES)
def test_requests_without_a_count_of_their_errors_never_promote_and_the_reason_says_so(mode: str) -> None:
    live = Live(mode)
    live.cloudwatch.absent = {*NAMES[mode][1:], "InvocationFailures"} - {None}  # type: ignore[assignment]
    live.begin()
    state, reason = live.until_answered(60, live.minute)
    assert state == "INCONCLUSIVE"
    assert "nobody says how" in reason


@pytest.mark.parametrize("status", ["Forbidden", "InternalError", "PartialData"])
def test_answers_that_are_not_whole_bring_the_look_back_and_end_it_when_they_last(status: str) -> None:
    live = Live("realtime")
    live.begin()
    live.cloudwatch.states = dict.fromkeys(map(str, NAMES["realtime"]), status)
    with pytest.raises(Exception, match=status):
        live.look(LAG + 2 * PERIOD)
    assert live.answers == []
    assert live.look(900) is True
    assert f"CloudWatch answered {status}" in live.answers[0][1]["reason"]


def test_failures_that_arrive_late_are_counted() -> None:
    """Requests of a minute are there, its errors come two minutes later."""
    live = Live("realtime")
    live.begin()
    for _ in range(12):
        at = int(live.stations.clock()) // PERIOD * PERIOD
        live.cloudwatch.late = {(name, at - LAG) for name in ("InvocationModelErrors", "Invocation5XXErrors")}
        live.minute(server_errors=100)
    blocks = live.stations.ledger.blocks(live.run.run_id)
    assert {block.s1 for block in blocks} == {100}


def test_traffic_that_stops_is_silence() -> None:
    live = Live("realtime")
    live.begin()
    for _ in range(3):
        assert live.minute(requests=20, server_errors=0) is False
    state, reason = live.until_answered(60, lambda: live.look(PERIOD))
    assert state == "INCONCLUSIVE"
    assert "requests stopped" in reason


def test_a_period_that_is_read_at_many_looks_counts_once() -> None:
    live = Live("realtime")
    live.begin()
    for _ in range(8):
        live.minute(requests=20, server_errors=0)
    blocks = live.stations.ledger.blocks(live.run.run_id)
    assert len({block.block for block in blocks}) == len(blocks)


# the endpoint itself


def undo(live: Live, how: str) -> None:
    control, endpoint = live.stations.control, live.endpoint
    if how == "deleted":
        del control.endpoints[endpoint]
    elif how == "failed":
        control.fail(endpoint)
    elif how == "changed":
        control.put_endpoint(endpoint, "foreign", {"foreign": 100.0})
    else:
        canary = control.endpoints[endpoint]["EndpointConfigName"]
        control.put_endpoint(endpoint, canary, {CHAMPION: 0.0, live.run.run_id: 100.0})


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("deleted", "was deleted"),
        ("failed", "the host is gone"),
        ("changed", "config foreign"),
        ("moved", "weights"),
    ],
)
def test_what_was_done_to_the_endpoint_is_seen_at_the_next_look(how: str, words: str) -> None:
    live = Live("realtime")
    live.begin()
    live.minute()
    undo(live, how)
    assert live.look(PERIOD) is True
    answer = live.answers[-1][1]
    assert (answer["kind"], answer["state"]) == ("restore", "INCONCLUSIVE")
    assert words in answer["reason"]
    assert "the champion takes everything back" in answer["reason"]


def test_a_description_from_before_the_last_change_ends_nothing() -> None:
    live = Live("realtime")
    live.begin()
    real, stale = live.stations.control.describe_endpoint, [None]

    def describe(name: str) -> object:
        return stale.pop() if stale else real(name)

    live.stations.control.describe_endpoint = describe  # type: ignore[method-assign,assignment]
    assert live.minute() is False
    assert live.answers == []


def minutes_until_promoted(mode: str) -> int:
    live = Live(mode)
    live.begin()
    return next(minute for minute in range(1, 60) if live.minute())


@pytest.mark.parametrize("mode", MODES)
def test_a_challenger_that_dies_after_the_evidence_ended_is_not_promoted(mode: str) -> None:
    last = minutes_until_promoted(mode)
    live = Live(mode)
    live.begin()
    for minute in range(1, last + 1):
        errors = 2_000 if minute > last - LAG // PERIOD else 20
        assert live.minute(server_errors=errors) is False
    assert "in the newest periods errors: the challenger is worse" in str(live.record()["verdict"])
    state, _ = live.until_answered(30, lambda: live.minute(server_errors=2_000))
    assert state == "ROLLED_BACK"
