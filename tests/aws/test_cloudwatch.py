"""Blocks of evidence from CloudWatch's answers, and what is asked of it."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from switchyard.aws.cloudwatch import CloudWatchEvidence, latency_statistics
from switchyard.core.evidence import Block
from switchyard.core.policy import MetricPolicy
from switchyard.core.ports import Watched

ERRORS = MetricPolicy(margin=0.005)
LATENCY = MetricPolicy(margin=0.01, limit_milliseconds=250)
BOTH = {"errors": ERRORS, "latency": LATENCY}


def read(values: dict[str, float], metrics: dict[str, MetricPolicy]) -> tuple[list[Block], dict[str, Any]]:
    """(blocks, what was asked) of one minute in which CloudWatch has these values by query id."""
    client = boto3.client(
        "cloudwatch", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    asked: dict[str, Any] = {}
    client.meta.events.register("before-call", lambda params, **_: asked.update(params))
    moment = datetime.fromtimestamp(1_800_000_000, UTC)
    results = [{"Id": name, "Timestamps": [moment], "Values": [value]} for name, value in values.items()]
    with Stubber(client) as stub:
        expected = {"MetricDataQueries": ANY, "StartTime": ANY, "EndTime": ANY}
        stub.add_response("get_metric_data", {"MetricDataResults": results}, expected)
        watched = Watched("live", "old", "new", metrics)
        return CloudWatchEvidence(client, 60).blocks(watched, 1_800_000_000, 1_800_000_060, 1), asked


def test_after_a_swap_each_period_is_compared_with_the_one_as_far_before_it() -> None:
    client = boto3.client(
        "cloudwatch", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    swap, asked = 1_800_000_000, []
    client.meta.events.register("provide-client-params", lambda params, **_: asked.append(str(params)))

    def found(values: dict[str, dict[int, float]]) -> dict[str, Any]:
        results = [
            {
                "Id": name,
                "Timestamps": [datetime.fromtimestamp(swap + at, UTC) for at in points],
                "Values": list(points.values()),
            }
            for name, points in values.items()
        ]
        return {"MetricDataResults": results}

    with Stubber(client) as stub:
        expected = {"MetricDataQueries": ANY, "StartTime": ANY, "EndTime": ANY}
        stub.add_response("get_metric_data", found({"n1": {60: 80, 120: 90}, "e1": {120: 3}}), expected)
        since, until = datetime.fromtimestamp(swap - 180, UTC), datetime.fromtimestamp(swap - 60, UTC)
        before = {"MetricDataQueries": ANY, "StartTime": since, "EndTime": until}
        stub.add_response("get_metric_data", found({"n0": {-120: 70, -180: 60}, "e0": {-180: 1}}), before)
        watched = Watched("live", "old", "new", {"errors": ERRORS}, "async", swapped_at=swap + 7)
        blocks = CloudWatchEvidence(client, 60).blocks(watched, swap + 60, swap + 180, 0)
    assert blocks == [
        Block("errors", str(swap + 60), 0, 70, 0, 80, 0),
        Block("errors", str(swap + 120), 0, 60, 1, 90, 3),
    ]
    assert "InvocationsProcesssed" in str(asked)


def test_what_the_client_did_wrong_is_no_error_of_the_model() -> None:
    values = {"n0": 900, "e0": 12, "c0": 3, "n1": 100, "e1": 2}
    assert read(values, {"errors": ERRORS})[0] == [Block("errors", "1800000000", 1, 900, 9, 100, 2)]


def test_answers_slower_than_the_limit_are_counted_from_their_rank() -> None:
    values = {"n0": 900, "n1": 100, "m0": 900, "r0": 99.0, "m1": 98, "r1": 96 / 98 * 100}
    _, latency = read(values, BOTH)[0]
    assert latency == Block("latency", "1800000000", 1, 900, 9, 98, 2)


def test_answers_whose_latency_has_no_rank_are_not_evidence() -> None:
    _, latency = read({"n0": 900, "n1": 100, "m0": 900, "r0": 99.0, "m1": 98}, BOTH)[0]
    assert (latency.n0, latency.n1, latency.s1) == (900, 0, 0)


@pytest.mark.parametrize(
    ("milliseconds", "statistic"), [(250, "PR(:250000)"), (0.5, "PR(:500)"), (0.0125, "PR(:12.5)")]
)
def test_limits_are_asked_in_microseconds(milliseconds: float, statistic: str) -> None:
    assert latency_statistics(milliseconds)["r"] == ("ModelLatency", statistic)


def test_only_the_metrics_of_the_policy_are_blocks() -> None:
    blocks = read({"m0": 900, "r0": 99.0, "m1": 98, "r1": 96 / 98 * 100}, {"latency": LATENCY})[0]
    assert [block.metric for block in blocks] == ["latency"]
