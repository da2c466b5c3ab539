"""What CreateHyperParameterTuningJob refuses, in the words of AWS."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.harness import Harness
from tests.plane.tuning.builders import (
    GRID,
    definition,
    tuning_request,
)


def refused(plane: Harness, request: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        plane.sm.create_hyper_parameter_tuning_job(**request)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


class TestRefusals:
    def test_a_name_that_was_used(self, plane: Harness) -> None:
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("used", 1, 1))
        code, message = refused(plane, tuning_request("used", 1, 1))
        assert code == "ResourceInUse"
        assert "must be unique" in message

    def test_a_job_that_is_not_there(self, plane: Harness) -> None:
        with pytest.raises(plane.sm.exceptions.ResourceNotFound, match="can't find a tuning job"):
            plane.sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="none")

    @pytest.mark.parametrize(
        ("request_", "words"),
        [
            (
                tuning_request(
                    "no", HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "no"}
                ),
                "A metric is required for this hyperparameter tuning job objective.",
            ),
            (
                tuning_request("no", 10, ParameterRanges=GRID),
                "You don't have enough combinations of hyperparameter ranges. The total number of "
                "hyperparameter combinations for the provided ranges [6.0] must be equal or greater than the "
                "value of MaxNumberOfJobs, [10].",
            ),
            (tuning_request("no", 2, 3), "MaxParallelTrainingJobs 3"),
            (tuning_request("no", None), "MaxNumberOfTrainingJobs is required"),
            (tuning_request("no", Strategy="Grid"), "categorical"),
            (tuning_request("no", 5, Strategy="Grid", ParameterRanges=GRID), "leave it out"),
            (tuning_request("no", ParameterRanges={}), "at least one"),
            (tuning_request("no", Strategy="Hyperband"), "MaxResource"),
            (
                tuning_request("no", job=definition(StaticHyperParameters={"x": "1"})),
                "both static and in a range: x",
            ),
            (
                tuning_request(
                    "no",
                    ParameterRanges={
                        "IntegerParameterRanges": [{"Name": "n", "MinValue": "1.5", "MaxValue": "3"}]
                    },
                ),
                "'1.5' is not an integer",
            ),
            (tuning_request("no") | {"Autotune": {"Mode": "Enabled"}}, "Autotune"),
        ],
    )
    def test_what_cannot_be_searched(self, plane: Harness, request_: dict[str, Any], words: str) -> None:
        code, message = refused(plane, request_)
        assert code == "ValidationException"
        assert words in message

    def test_more_than_the_account_allows(self, plane: Harness) -> None:
        code, _ = refused(plane, tuning_request("no", 751))
        assert code == "ResourceLimitExceeded"

    def test_an_image_that_nobody_knows(self, plane: Harness) -> None:
        algorithm = definition()["AlgorithmSpecification"] | {"TrainingImage": "unknown:1"}
        _, message = refused(plane, tuning_request("no", job=definition(AlgorithmSpecification=algorithm)))
        assert "Cannot find image unknown:1" in message
