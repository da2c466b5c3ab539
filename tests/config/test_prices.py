"""What an instance costs: what is not listed has no price, and the owner's own list counts."""

import json

import boto3
import pytest

from switchyard.config.own_prices import read_prices
from switchyard.config.rules.prices import US_EAST_1, Usage
from switchyard.core.errors import InvalidPipelineError

SHAPES = {
    Usage.TRAINING: "TrainingInstanceType",
    Usage.PROCESSING: "ProcessingInstanceType",
    Usage.TRANSFORM: "TransformInstanceType",
    Usage.HOSTING: "ProductionVariantInstanceType",
}
OWN = {"region": "us-east-1", "date": "2026-11", "source": "our contract"}


def own(**parts: object) -> str:
    return json.dumps({**OWN, **parts})


@pytest.mark.parametrize("usage", Usage)
def test_only_what_the_api_takes_is_listed(usage: Usage) -> None:
    model = boto3.client("sagemaker", "us-east-1").meta.service_model
    assert set(US_EAST_1.hourly[usage]) <= set(model.shape_for(SHAPES[usage]).enum)


def test_the_list_says_where_from_and_as_of_when() -> None:
    assert (str(US_EAST_1), "aws.amazon.com" in US_EAST_1.source) == ("us-east-1, 2026-08", True)
    assert US_EAST_1.hour(Usage.TRAINING, "ml.m5.large") == 0.115


def test_an_unknown_type_has_no_price() -> None:
    assert US_EAST_1.hour(Usage.HOSTING, "ml.m4.xlarge") is None
    assert US_EAST_1.hour(Usage.HOSTING, "ml.t3.medium") is None, "the API takes it for training alone"


def test_own_prices_of_the_same_region_stand_in_front_of_the_list() -> None:
    found = read_prices(own(hourly={"hosting": {"ml.m5.large": 0.1, "ml.m4.xlarge": 2}}))
    assert found.hour(Usage.HOSTING, "ml.m5.large") == 0.1
    assert found.hour(Usage.HOSTING, "ml.m4.xlarge") == 2.0
    assert found.hour(Usage.TRAINING, "ml.m5.large") == 0.115
    assert (str(found), found.serverless_gb_second) == ("us-east-1, 2026-11", 0.00002)


def test_own_prices_of_another_region_are_never_mixed_with_the_list() -> None:
    found = read_prices(own(region="eu-west-1", hourly={"hosting": {"ml.m5.large": 0.128}}))
    assert found.hour(Usage.HOSTING, "ml.m5.large") == 0.128
    assert found.hour(Usage.TRAINING, "ml.m5.large") is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "prices.json: "),
        ("[]", "prices.json: "),
        (own(hourly={"traning": {"ml.m5.large": 1}}), "hourly.traning is no usage; known: training"),
        (own(hourly={"training": {"ml.m5.large": "1"}}), "'1' is no price"),
        (own(hourly={"training": {"ml.m5.large": -1}}), "-1 is no price"),
        (own(hourly={"training": {"ml.m5.large": True}}), "True is no price"),
        (own(curency="EUR"), "curency"),
        (json.dumps({"region": "us-east-1"}), "date"),
    ],
)
def test_a_price_file_that_is_none_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(InvalidPipelineError, match=r"^prices\.json: ") as refused:
        read_prices(text)
    assert named in str(refused.value)
