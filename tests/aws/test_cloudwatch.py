"""Blocks of evidence from CloudWatch's answers: absent is unknown, never zero, and an answer is whole or none."""

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from switchyard.aws.cloudwatch import CloudWatchEvidence
from switchyard.aws.endpoint_metrics import latency_statistics
from switchyard.core.errors import EvidenceUnavailableError
from switchyard.core.evidence import Block, Reading, Unknown
from switchyard.core.pipeline import ASYNC, REALTIME, SERVERLESS
from switchyard.core.policy import MetricPolicy
from switchyard.core.ports import Watched
from tests.fakes.metrics.cloudwatch import NAMES, PERIOD, FakeCloudWatch

NOON = 1_800_000_000
ERRORS = {"errors": MetricPolicy(margin=0.005)}
LATENCY = {"latency": MetricPolicy(margin=0.01, limit_milliseconds=250)}
MODES = (REALTIME, SERVERLESS, ASYNC)
RANK = latency_statistics(250)["r"][1]


def read(cloudwatch: FakeCloudWatch, mode: str = REALTIME, **asked: object) -> Reading:
    """One minute after noon, unless said otherwise."""
    moments = {name: asked.pop(name, None) for name in ("swapped_at", "alone_until")}
    watched = Watched("live", "old", "new", asked.pop("metrics", ERRORS), mode, **moments)  # type: ignore[arg-type]
    end = float(asked.pop("end", NOON + PERIOD))  # type: ignore[arg-type]
    return CloudWatchEvidence(cloudwatch, PERIOD).read(watched, NOON, end, 1, **asked)  # type: ignore[arg-type]


def both(mode: str, old: tuple[int, int] = (900, 9), new: tuple[int, int] = (100, 2)) -> FakeCloudWatch:
    """(requests, server errors) of champion and challenger in the minute."""
    cloudwatch = FakeCloudWatch()
    cloudwatch.served(mode, "old", NOON, *old)
    cloudwatch.served(mode, "new", NOON, *new)
    return cloudwatch


@pytest.mark.parametrize("mode", MODES)
def test_errors_are_counted_by_the_names_that_each_type_of_endpoint_publishes(mode: str) -> None:
    assert read(both(mode), mode).blocks == (Block("errors", str(NOON), 1, 900, 9, 100, 2),)


@pytest.mark.parametrize("mode", MODES)
def test_a_challenger_that_fails_every_request_is_seen_to(mode: str) -> None:
    (block,) = read(both(mode, new=(100, 100)), mode).blocks
    assert (block.n1, block.s1) == (100, 100)


def test_of_two_spellings_the_larger_count_stands() -> None:
    cloudwatch = both(SERVERLESS)
    cloudwatch.put("Invocation5XXErrors", "new", NOON, 7)
    assert read(cloudwatch, SERVERLESS).blocks[0].s1 == 7


def test_what_the_client_did_wrong_is_no_error_of_the_model() -> None:
    cloudwatch = FakeCloudWatch()
    cloudwatch.served(REALTIME, "old", NOON, 900, 9, client_errors=3)
    cloudwatch.served(REALTIME, "new", NOON, 100, 2)
    assert read(cloudwatch).blocks == (Block("errors", str(NOON), 1, 900, 9, 100, 2),)


@pytest.mark.parametrize("mode", [REALTIME, ASYNC])
def test_a_request_without_any_answer_is_an_error(mode: str) -> None:
    cloudwatch = both(mode)
    cloudwatch.served(mode, "new", NOON, 100, unanswered=4)
    assert read(cloudwatch, mode).blocks[0].s1 == 4


@pytest.mark.parametrize("mode", MODES)
def test_requests_without_any_count_of_their_errors_are_no_evidence(mode: str) -> None:
    cloudwatch = both(mode)
    cloudwatch.absent = {name for name in NAMES[mode][1:] if name} | {"InvocationFailures"}
    reading = read(cloudwatch, mode)
    assert (reading.blocks, reading.unknown) == ((), (Unknown("errors", str(NOON), 900, 100),))


def test_errors_of_requests_that_nobody_counted_are_no_evidence() -> None:
    cloudwatch = both(ASYNC, new=(30, 30))
    cloudwatch.absent = {"InvocationsProcessed"}
    assert read(cloudwatch, ASYNC).blocks == ()


@pytest.mark.parametrize("name", [name for name in NAMES[REALTIME] if name])
def test_a_period_waits_for_all_its_metrics_and_is_then_complete(name: str) -> None:
    cloudwatch = both(REALTIME)
    cloudwatch.late = {(name, NOON)}
    late = read(cloudwatch, patience=PERIOD)
    assert (late.blocks, late.unknown, late.settled_until) == ((), (), NOON)
    cloudwatch.late.clear()
    assert read(cloudwatch, patience=PERIOD).blocks == (Block("errors", str(NOON), 1, 900, 9, 100, 2),)


def test_a_period_of_one_model_waits_for_the_other_and_then_counts_it_as_not_asked() -> None:
    cloudwatch = FakeCloudWatch()
    cloudwatch.served(REALTIME, "old", NOON, 900, 9)
    assert read(cloudwatch, patience=PERIOD).blocks == ()
    assert read(cloudwatch).blocks == (Block("errors", str(NOON), 1, 900, 9, 0, 0),)


def test_a_period_in_which_nobody_was_asked_is_no_block() -> None:
    cloudwatch = FakeCloudWatch()
    for variant in ("old", "new"):
        cloudwatch.idle(variant, NOON)
    assert read(cloudwatch).blocks == ()


def test_an_asynchronous_request_may_be_processed_after_the_minute_of_its_answer() -> None:
    cloudwatch = FakeCloudWatch()
    cloudwatch.served(ASYNC, "old", NOON, 10)
    cloudwatch.put("Invocation5XXErrors", "new", NOON, 1)
    cloudwatch.put("Invocation4XXErrors", "new", NOON, 0)
    cloudwatch.put("InvocationsProcessed", "new", NOON + PERIOD, 1)
    blocks = read(cloudwatch, ASYNC, end=NOON + 2 * PERIOD).blocks
    assert sum(block.s1 for block in blocks) == 1


@pytest.mark.parametrize("status", ["InternalError", "PartialData"])
def test_an_answer_that_is_not_whole_is_none(status: str) -> None:
    cloudwatch = both(REALTIME)
    cloudwatch.states["InvocationModelErrors"] = status
    with pytest.raises(EvidenceUnavailableError, match=status):
        read(cloudwatch)


def test_a_missing_permission_is_told_as_one() -> None:
    cloudwatch = both(REALTIME)
    cloudwatch.states = dict.fromkeys(("Invocations", "InvocationModelErrors"), "Forbidden")
    with pytest.raises(EvidenceUnavailableError, match="cloudwatch:GetMetricData"):
        read(cloudwatch)


def test_many_pages_are_one_answer() -> None:
    cloudwatch = FakeCloudWatch(page_size=2)
    for at in range(5):
        for variant in ("old", "new"):
            cloudwatch.served(REALTIME, variant, NOON + at * PERIOD, 10)
    assert len(read(cloudwatch, end=NOON + 5 * PERIOD).blocks) == 5


def test_the_request_is_one_that_cloudwatch_takes() -> None:
    cloudwatch = both(ASYNC)
    read(cloudwatch, ASYNC, metrics={**ERRORS, **LATENCY})
    client = boto3.client(
        "cloudwatch", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": []}, dict(cloudwatch.asked[0]))
        client.get_metric_data(**cloudwatch.asked[0])
    assert len({query["Id"] for query in cloudwatch.asked[0]["MetricDataQueries"]}) == 18


# after a swap


def test_after_a_swap_each_period_is_compared_with_the_one_as_far_before_it() -> None:
    cloudwatch = FakeCloudWatch()
    cloudwatch.served(ASYNC, "old", NOON - 2 * PERIOD, 60, 1)
    cloudwatch.served(ASYNC, "old", NOON - PERIOD, 70)
    cloudwatch.served(ASYNC, "new", NOON, 80)
    cloudwatch.served(ASYNC, "new", NOON + PERIOD, 90, 3)
    assert read(cloudwatch, ASYNC, end=NOON + 2 * PERIOD, swapped_at=NOON + 7).blocks == (
        Block("errors", str(NOON), 1, 70, 0, 80, 0),
        Block("errors", str(NOON + PERIOD), 1, 60, 1, 90, 3),
    )


def test_the_champion_s_history_ends_when_the_swap_was_asked_for() -> None:
    """Its end may be noticed late: between the two the challenger served already, or nobody."""
    cloudwatch = FakeCloudWatch()
    asked, seen = NOON - 30 * PERIOD, NOON + 7
    for step in range(-20, 0):
        cloudwatch.served(SERVERLESS, "new", NOON + step * PERIOD, 50, 50)
    cloudwatch.served(SERVERLESS, "old", asked - PERIOD, 70)
    cloudwatch.served(SERVERLESS, "new", NOON, 80)
    blocks = read(cloudwatch, SERVERLESS, swapped_at=seen, alone_until=asked + 3).blocks
    assert blocks == (Block("errors", str(NOON), 1, 70, 0, 80, 0),)


def test_after_a_swap_a_period_in_which_the_challenger_was_not_asked_is_no_block() -> None:
    cloudwatch = FakeCloudWatch()
    cloudwatch.served(REALTIME, "old", NOON - PERIOD, 70)
    cloudwatch.idle("new", NOON)
    assert read(cloudwatch, swapped_at=NOON).blocks == ()


def test_what_the_champions_history_has_no_errors_of_is_not_compared() -> None:
    cloudwatch = FakeCloudWatch()
    cloudwatch.put("Invocations", "old", NOON - PERIOD, 70)
    cloudwatch.served(SERVERLESS, "new", NOON, 70)
    reading = read(cloudwatch, SERVERLESS, swapped_at=NOON)
    assert (reading.blocks, reading.unknown) == ((), (Unknown("errors", str(NOON), 70, 0),))


# latency


def slow(cloudwatch: FakeCloudWatch, variant: str, answers: int, rank: float | None) -> None:
    cloudwatch.put("ModelLatency SampleCount", variant, NOON, answers)
    if rank is not None:
        cloudwatch.put(f"ModelLatency {RANK}", variant, NOON, rank)


def test_answers_slower_than_the_limit_are_counted_from_their_rank() -> None:
    cloudwatch = FakeCloudWatch()
    slow(cloudwatch, "old", 900, 99.0)
    slow(cloudwatch, "new", 98, 96 / 98 * 100)
    assert read(cloudwatch, metrics=LATENCY).blocks == (Block("latency", str(NOON), 1, 900, 9, 98, 2),)


def test_answers_whose_latency_has_no_rank_are_not_evidence() -> None:
    cloudwatch = FakeCloudWatch()
    slow(cloudwatch, "old", 900, 99.0)
    slow(cloudwatch, "new", 98, None)
    assert read(cloudwatch, metrics=LATENCY).unknown == (Unknown("latency", str(NOON), 0, 98),)


@pytest.mark.parametrize(
    ("milliseconds", "statistic"), [(250, "PR(:250000)"), (0.5, "PR(:500)"), (0.0125, "PR(:12.5)")]
)
def test_limits_are_asked_in_microseconds(milliseconds: float, statistic: str) -> None:
    assert latency_statistics(milliseconds)["r"] == ("ModelLatency", statistic)


# laws

counts = st.integers(0, 50).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@given(
    mode=st.sampled_from(MODES),
    old=counts,
    new=counts,
    hidden=st.sets(st.sampled_from(sorted({name for names in NAMES.values() for name in names if name}))),
    patience=st.sampled_from([0, PERIOD]),
)
def test_no_failure_is_ever_lost_among_requests_that_count(
    mode: str, old: tuple[int, int], new: tuple[int, int], hidden: set[str], patience: int
) -> None:
    """Whatever series are missing: a block has all failures of its requests, or there is no block."""
    cloudwatch = both(mode, old, new)
    cloudwatch.absent = hidden
    for block in read(cloudwatch, mode, patience=patience).blocks:
        assert block.n1 == 0 or block.s1 == new[1]
        assert block.n0 == 0 or block.s0 == old[1]
