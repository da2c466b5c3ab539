"""What SageMaker says when there is no room, and whether waiting can help."""

import pytest

from switchyard.core.pipeline import SERVERLESS
from switchyard.core.resources.pools import Claim
from switchyard.core.resources.quotas import Quota, can_be_freed, quota_of

CLAIM = Claim("digits", "RUN#1", "endpoint", "ml.m5.large", 1)
SAID = (
    "The account-level service limit '{name}' is {limit}, with current utilization of {used} and a request delta of "
    "{asked}. Please use AWS Service Quotas to request an increase for this quota."
)


def said(name: str, limit: str, used: str, asked: str) -> Quota:
    found = quota_of(SAID.format(name=name, limit=limit, used=used, asked=asked))
    assert found is not None
    return found


def test_a_refusal_is_read_in_sagemakers_words() -> None:
    quota = said("ml.m5.large for endpoint usage", "2 Instances", "1 Instances", "2 Instances")
    assert quota == Quota("ml.m5.large for endpoint usage", 2, 1, 2)


def test_other_words_are_not_read() -> None:
    assert quota_of("You have reached the limit") is None


@pytest.mark.parametrize(
    ("name", "limit", "used", "asked", "wanted"),
    [
        ("ml.m5.large for endpoint usage", "2 Instances", "2 Instances", "1 Instances", True),
        ("ml.m5.large for endpoint usage", "0 Instances", "0 Instances", "1 Instances", False),
        ("ml.m5.large for endpoint usage", "2 Instances", "0 Instances", "3 Instances", False),
        ("Number of instances across active endpoints", "20", "20", "1", True),
        ("Longest run time for a training job", "432000 Seconds", "0 Seconds", "2,419,200 Seconds", False),
        ("Total number of models", "1000", "1000", "1", False),
    ],
)
def test_only_instances_that_fit_at_all_are_worth_a_wait(
    name: str, limit: str, used: str, asked: str, wanted: bool
) -> None:
    assert can_be_freed(said(name, limit, used, asked), CLAIM) is wanted


def test_concurrency_of_serverless_endpoints_can_be_freed_by_others() -> None:
    serverless = Claim("digits", "RUN#1", "endpoint", SERVERLESS, 1)
    name = "Maximum total concurrency that can be allocated across all serverless endpoints"
    assert can_be_freed(said(name, "200", "190", "20"), serverless)
    assert not can_be_freed(said("Number of serverless endpoints", "0", "0", "1"), serverless)
