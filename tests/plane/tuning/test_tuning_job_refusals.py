"""What CreateHyperParameterTuningJob refuses, in the words of AWS."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.plane.support.fakes import succeed
from tests.plane.support.harness import BUCKET, IMAGE, Harness, channel
from tests.plane.tuning.builders import (
    GRID,
    METRIC,
    definition,
    tuned,
    tuning_request,
)

CONFIGS = {"InstanceConfigs": [{"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}]}
PARENTS = [{"HyperParameterTuningJobName": "parent"}]
WARM = {"ParentHyperParameterTuningJobs": PARENTS, "WarmStartType": "TransferLearning"}


def of_image(image: str) -> dict[str, Any]:
    """A definition of another image of the same registry."""
    job = definition()
    job["AlgorithmSpecification"]["TrainingImage"] = IMAGE.replace("toy:1", image)
    return job


def warm(kind: str, **members: Any) -> dict[str, Any]:
    config = {"ParentHyperParameterTuningJobs": PARENTS, "WarmStartType": kind}
    return tuning_request("child", 1, 1, **members) | {"WarmStartConfig": config}


def refused(plane: Harness, request: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        plane.sm.create_hyper_parameter_tuning_job(**request)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


class TestRefusals:
    def test_a_name_that_was_used(self, plane: Harness) -> None:
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("used", 1, 1))
        code, message = refused(plane, tuning_request("used", 1, 1))
        assert code == "ResourceInUse"
        assert message == (  # as recorded in amazon-sagemaker-examples#2440
            "A hyperparameter tuning job with the name, used, already exists. Choose a different name."
        )

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
            (
                tuning_request("no", job=definition(HyperParameterTuningResourceConfig=CONFIGS)),
                "ResourceConfig or HyperParameterTuningResourceConfig, not both",
            ),
            (
                tuning_request("no", job=definition(StaticHyperParameters={f"k{n}": "1" for n in range(99)})),
                "static and searched ones and _tuning_objective_metric are 101",
            ),
        ],
    )
    def test_what_cannot_be_searched(self, plane: Harness, request_: dict[str, Any], words: str) -> None:
        code, message = refused(plane, request_)
        assert code == "ValidationException"
        assert words in message

    @pytest.mark.parametrize("kind", ["Integer", "Continuous"])
    @pytest.mark.parametrize("bound", ["1_0", "\u0663", "\uff11", " 1", "nan", "-inf", "0x10", "1e999"])
    def test_a_bound_that_only_python_reads_as_a_number(self, plane: Harness, kind: str, bound: str) -> None:
        ranges = {f"{kind}ParameterRanges": [{"Name": "n", "MinValue": bound, "MaxValue": "99"}]}
        code, message = refused(plane, tuning_request("no", ParameterRanges=ranges))
        assert code == "ValidationException"
        assert f"hyperparameter n: '{bound}' is not a" in message

    def test_more_than_the_account_allows(self, plane: Harness) -> None:
        code, _ = refused(plane, tuning_request("no", 751))
        assert code == "ResourceLimitExceeded"

    def test_more_metrics_than_a_tuning_job_can_define(self, plane: Harness) -> None:
        """ "You can define up to 20 metrics for your tuning job" (Define Metrics)."""
        metrics = [{"Name": METRIC, "Regex": "x"}] + [{"Name": f"m{n}", "Regex": "x"} for n in range(20)]
        algorithm = definition()["AlgorithmSpecification"] | {"MetricDefinitions": metrics}
        code, message = refused(plane, tuning_request("no", job=definition(AlgorithmSpecification=algorithm)))
        assert (code, "metrics per tuning job' is 20, with a request of 21" in message) == (
            "ResourceLimitExceeded",
            True,
        )

    @pytest.mark.parametrize(
        ("members", "config", "words"),
        [
            ({"WarmStartConfig": WARM}, {}, "Warm starting is available only when tuning a single algorithm"),
            ({}, {"TrainingJobEarlyStoppingType": "Auto"}, "Early stopping is available only when tuning"),
        ],
        ids=["warm start", "early stopping"],
    )
    def test_what_several_definitions_cannot_have(
        self, plane: Harness, members: dict[str, Any], config: dict[str, Any], words: str
    ) -> None:
        """ "Warm starting and early stopping are available only when tuning a single algorithm"."""
        request = tuning_request("no", **config) | members
        one = request.pop("TrainingJobDefinition")
        request["TrainingJobDefinitions"] = [one | {"DefinitionName": name} for name in ("a", "b")]
        code, message = refused(plane, request)
        assert (code, words in message) == ("ValidationException", True)

    @pytest.mark.parametrize("member", ["InstanceType", "InstanceCount", "VolumeSizeInGB"])
    def test_instance_configs_stand_alone(self, plane: Harness, member: str) -> None:
        """ "If you use InstanceConfigs, do not provide values for InstanceType, VolumeSizeInGB or InstanceCount"."""
        job = definition()
        given = job.pop("ResourceConfig")
        job["HyperParameterTuningResourceConfig"] = CONFIGS | {member: given[member]}
        code, message = refused(plane, tuning_request("no", job=job))
        assert (code, f"{member} does not go with InstanceConfigs" in message) == (
            "ValidationException",
            True,
        )

    def test_a_key_for_local_storage(self, plane: Harness) -> None:
        job = definition()
        job.pop("ResourceConfig")
        local = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
        job["HyperParameterTuningResourceConfig"] = {"InstanceConfigs": [local], "VolumeKmsKeyId": "alias/k"}
        _, message = refused(plane, tuning_request("no", job=job))
        assert "ml.g5.xlarge, an instance type with local storage" in message

    def test_an_image_that_nobody_knows(self, plane: Harness) -> None:
        algorithm = definition()["AlgorithmSpecification"] | {"TrainingImage": "unknown:1"}
        _, message = refused(plane, tuning_request("no", job=definition(AlgorithmSpecification=algorithm)))
        assert "Cannot find image unknown:1" in message

    def test_variables_of_all_definitions_together(self, plane: Harness) -> None:
        request = tuning_request("no")
        one = request.pop("TrainingJobDefinition") | {"Environment": {f"K{n}": "v" for n in range(25)}}
        request["TrainingJobDefinitions"] = [one | {"DefinitionName": name} for name in ("a", "b")]
        code, message = refused(plane, request)
        assert (code, "48 environment variables; found 50" in message) == ("ValidationException", True)

    @pytest.mark.parametrize(
        ("child", "words"),
        [
            (
                warm(
                    "TransferLearning",
                    HyperParameterTuningJobObjective={"Type": "Maximize", "MetricName": METRIC},
                ),
                "objective metric",
            ),
            (
                warm("TransferLearning", job=definition(StaticHyperParameters={})),
                "total number of static plus",
            ),
            (
                warm(
                    "IdenticalDataAndAlgorithm",
                    job=definition(InputDataConfig=[channel("train", f"s3://{BUCKET}/model.tar.gz")]),
                ),
                "input data",
            ),
            (warm("IdenticalDataAndAlgorithm", job=of_image("other:1")), "training image"),
            (
                warm(
                    "TransferLearning",
                    ParameterRanges={
                        "IntegerParameterRanges": [{"Name": "x", "MinValue": "1", "MaxValue": "9"}]
                    },
                ),
                "x is integer, and continuous in the",
            ),
        ],
    )
    def test_a_child_is_like_its_parent(self, plane: Harness, child: dict[str, Any], words: str) -> None:
        plane.backend.images[IMAGE.replace("toy:1", "other:1")] = succeed
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("parent", 1, 1))
        tuned(plane, "parent")
        code, message = refused(plane, child)
        assert (code, words in message, "parent parent" in message) == ("ValidationException", True, True)

    def test_a_child_may_have_another_version_of_the_image(self, plane: Harness) -> None:
        """ "For example, changes that improve logging" are allowed."""
        plane.backend.images[IMAGE.replace("toy:1", "toy:1.1")] = succeed
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("parent", 1, 1))
        tuned(plane, "parent")
        plane.sm.create_hyper_parameter_tuning_job(
            **warm("IdenticalDataAndAlgorithm", job=of_image("toy:1.1"))
        )

    def test_what_a_child_may_change(self, plane: Harness) -> None:
        """ "from tunable to static, and from static to tunable"."""
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("parent", 1, 1))
        tuned(plane, "parent")
        ranges = {"IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9"}]}
        job = definition(StaticHyperParameters={"x": "0.5"})
        plane.sm.create_hyper_parameter_tuning_job(
            **warm("TransferLearning", job=job, ParameterRanges=ranges)
        )

    def test_how_much_a_child_may_change(self, plane: Harness) -> None:
        """ "cannot be more than 10. Each value in a categorical hyperparameter counts against this limit"."""
        kinds = {"CategoricalParameterRanges": [{"Name": "kind", "Values": list("abcdefgh")}]}
        names = [f"k{number}" for number in range(4)]
        static = dict.fromkeys(names, "1") | {"x": "1"}
        parent = tuning_request(
            "parent", 1, 1, job=definition(StaticHyperParameters=static), ParameterRanges=kinds
        )
        plane.sm.create_hyper_parameter_tuning_job(**parent)
        tuned(plane, "parent")
        within = {"kind": "a", "k0": "2", "k1": "2", "k2": "1", "k3": "1"}  # 8 values and 2 changes
        beyond = within | {"k2": "2"}
        _, message = refused(plane, warm("TransferLearning", job=definition(StaticHyperParameters=beyond)))
        assert "at most 10 values of hyperparameters" in message
        assert "parent parent there are 11" in message
        _, message = refused(
            plane, warm("TransferLearning", job=definition(StaticHyperParameters=within | {"k1": "two"}))
        )
        assert "there are 11" in message  # a text that becomes another one is two values
        plane.sm.create_hyper_parameter_tuning_job(
            **warm("TransferLearning", job=definition(StaticHyperParameters=within))
        )

    def test_training_jobs_of_the_parents_count(self, plane: Harness) -> None:
        """ "All training jobs launched by parent hyperparameter tuning jobs ... count against the limit"."""
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("parent", 2, 1))
        tuned(plane, "parent")
        code, message = refused(plane, tuning_request("child", 749, 1) | {"WarmStartConfig": WARM})
        assert (code, "is 750, with a request of 751" in message) == ("ResourceLimitExceeded", True)
