"""Tuning jobs over boto3: what they launch, what they find, and how they end."""

from __future__ import annotations

import asyncio
import re

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.runtime.backend import ProgramSpec
from tests.plane.support.events import details
from tests.plane.support.harness import IMAGE, Harness, eventually
from tests.plane.tuning.builders import (
    GRID,
    METRIC,
    definition,
    hyperparameters,
    parabola,
    training_jobs,
    tuned,
    tuning_request,
)


@pytest.fixture(autouse=True)
def behaviour(plane: Harness) -> None:
    plane.backend.images[IMAGE] = parabola


class TestASearch:
    @pytest.mark.parametrize("strategy", ["Random", "Bayesian"])
    def test_launches_as_many_training_jobs_as_asked_for_and_names_the_best(
        self, plane: Harness, strategy: str
    ) -> None:
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("search", 6, 3, Strategy=strategy))
        job = tuned(plane, "search")
        assert job["HyperParameterTuningJobStatus"] == "Completed", job
        found = training_jobs(plane, "search")
        assert len(found) == 6
        assert len({each["TunedHyperParameters"]["x"] for each in found}) == 6
        for each in found:
            assert re.fullmatch(r"search-00[1-6]-[0-9a-f]{8}", each["TrainingJobName"])
            assert 0 <= float(each["TunedHyperParameters"]["x"]) <= 1
            assert each["ObjectiveStatus"] == "Succeeded"
        values = {
            each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]: each["TrainingJobName"]
            for each in found
        }
        assert job["BestTrainingJob"]["TrainingJobName"] == values[min(values)]
        assert job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["MetricName"] == METRIC
        assert job["TrainingJobStatusCounters"] == {
            "Completed": 6,
            "InProgress": 0,
            "RetryableError": 0,
            "NonRetryableError": 0,
            "Stopped": 0,
        }
        assert job["ObjectiveStatusCounters"] == {"Succeeded": 6, "Pending": 0, "Failed": 0}
        assert job["HyperParameterTuningEndTime"] >= job["CreationTime"]

    def test_makes_training_jobs_that_know_whose_they_are(self, plane: Harness) -> None:
        request = tuning_request("whose", 1, 1) | {"Tags": [{"Key": "team", "Value": "red"}]}
        arn = plane.sm.create_hyper_parameter_tuning_job(**request)["HyperParameterTuningJobArn"]
        tuned(plane, "whose")
        (summary,) = training_jobs(plane, "whose")
        job = plane.sm.describe_training_job(TrainingJobName=summary["TrainingJobName"])
        assert job["TuningJobArn"] == arn
        assert job["HyperParameters"] == {
            "depth": "3",
            "x": summary["TunedHyperParameters"]["x"],
            "_tuning_objective_metric": METRIC,
        }
        tags = plane.sm.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
        assert tags == [{"Key": "team", "Value": "red"}]

    def test_takes_its_instances_from_the_tuning_resources_too(self, plane: Harness) -> None:
        given = definition(
            HyperParameterTuningResourceConfig={
                "InstanceConfigs": [
                    {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
                    {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
                ]
            }
        )
        del given["ResourceConfig"]
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("instances", 1, 1, job=given))
        assert tuned(plane, "instances")["HyperParameterTuningJobStatus"] == "Completed"
        (summary,) = training_jobs(plane, "instances")
        job = plane.sm.describe_training_job(TrainingJobName=summary["TrainingJobName"])
        assert job["ResourceConfig"]["InstanceType"] == "ml.m5.xlarge"

    def test_tells_eventbridge_what_becomes_of_it(self, plane: Harness) -> None:
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("told", 2, 1))
        tuned(plane, "told")
        told = details(plane, "SageMaker HyperParameter Tuning Job State Change")
        assert [each["HyperParameterTuningJobStatus"] for each in (told[0], told[-1])] == [
            "InProgress",
            "Completed",
        ]
        assert told[-1]["TrainingJobStatusCounters"]["Completed"] == 2
        assert told[-1]["CreationTime"].isdecimal()
        assert told[-1]["Tags"] == {}

    def test_of_a_grid_tries_every_combination_once(self, plane: Harness) -> None:
        plane.sm.create_hyper_parameter_tuning_job(
            **tuning_request("grid", None, 4, Strategy="Grid", ParameterRanges=GRID)
        )
        job = tuned(plane, "grid")
        assert job["HyperParameterTuningJobStatus"] == "Completed"
        tried = [tuple(sorted(each["TunedHyperParameters"].items())) for each in training_jobs(plane, "grid")]
        assert len(tried) == len(set(tried)) == 6

    def test_repeats_itself_for_the_same_seed(self, plane: Harness) -> None:
        def values(name: str) -> list[str]:
            plane.sm.create_hyper_parameter_tuning_job(**tuning_request(name, 3, 1, RandomSeed=7))
            tuned(plane, name)
            return [each["TunedHyperParameters"]["x"] for each in training_jobs(plane, name)]

        assert values("seeded-one") == values("seeded-two")

    def test_never_runs_more_than_its_parallel_limit(self, plane: Harness) -> None:
        running, most = 0, 0

        async def count(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            return await parabola(spec, terminated)

        plane.backend.images[IMAGE] = count
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("one", 4, 1))
        tuned(plane, "one")
        assert most == 1
        starts = [each["TrainingStartTime"] for each in training_jobs(plane, "one", SortBy="CreationTime")]
        assert starts == sorted(starts)

    def test_of_several_definitions_takes_turns(self, plane: Harness) -> None:
        request = tuning_request("several", 4, 2)
        config = request["HyperParameterTuningJobConfig"]
        goal, ranges = config.pop("HyperParameterTuningJobObjective"), config.pop("ParameterRanges")
        del request["TrainingJobDefinition"]
        request["TrainingJobDefinitions"] = [
            definition(DefinitionName=name, TuningObjective=goal, HyperParameterRanges=ranges)
            for name in ("first", "second")
        ]
        plane.sm.create_hyper_parameter_tuning_job(**request)
        assert tuned(plane, "several")["HyperParameterTuningJobStatus"] == "Completed"
        names = [each["TrainingJobDefinitionName"] for each in training_jobs(plane, "several")]
        assert names == ["first", "second", "first", "second"]

    def test_that_starts_warm_does_not_try_again_what_its_parent_tried(self, plane: Harness) -> None:
        for name in ("parent", "child"):
            request = tuning_request(name, 3, 1, ParameterRanges=GRID)
            if name == "child":
                parents = [{"HyperParameterTuningJobName": "parent"}]
                request["WarmStartConfig"] = {
                    "ParentHyperParameterTuningJobs": parents,
                    "WarmStartType": "IdenticalDataAndAlgorithm",
                }
            plane.sm.create_hyper_parameter_tuning_job(**request)
            tuned(plane, name)
        jobs = {
            name: plane.sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
            for name in ("parent", "child")
        }
        metric = "FinalHyperParameterTuningJobObjectiveMetric"
        bests = [each["BestTrainingJob"][metric]["Value"] for each in jobs.values()]
        assert jobs["child"]["OverallBestTrainingJob"][metric]["Value"] == min(bests)
        assert "OverallBestTrainingJob" not in jobs["parent"]
        tried = [
            tuple(sorted(each["TunedHyperParameters"].items()))
            for name in ("parent", "child")
            for each in training_jobs(plane, name)
        ]
        assert len(set(tried)) == 6


class TestEnds:
    def test_completes_when_the_target_is_reached(self, plane: Harness) -> None:
        criteria = {"TargetObjectiveMetricValue": 1.0}
        plane.sm.create_hyper_parameter_tuning_job(
            **tuning_request("target", 50, 1, TuningJobCompletionCriteria=criteria)
        )
        assert tuned(plane, "target")["HyperParameterTuningJobStatus"] == "Completed"
        assert len(training_jobs(plane, "target")) == 1

    def test_completes_when_nothing_gets_better(self, plane: Harness) -> None:
        async def flat(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            spec.log("loss=1")
            return 0

        plane.backend.images[IMAGE] = flat
        criteria = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
        plane.sm.create_hyper_parameter_tuning_job(
            **tuning_request("flat", 50, 1, TuningJobCompletionCriteria=criteria)
        )
        job = tuned(plane, "flat")
        assert job["HyperParameterTuningJobStatus"] == "Completed"
        assert job["TuningJobCompletionDetails"] == {"NumberOfTrainingJobsObjectiveNotImproving": 3}
        assert len(training_jobs(plane, "flat")) == 4

    def test_fails_when_no_training_job_succeeds(self, plane: Harness) -> None:
        async def fail(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            return 1

        plane.backend.images[IMAGE] = fail
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("fails", 20, 1))
        job = tuned(plane, "fails")
        assert job["HyperParameterTuningJobStatus"] == "Failed"
        assert job["FailureReason"].startswith(
            "No training job succeeded after 5 attempts. Please take a look"
        )
        assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 5
        assert "BestTrainingJob" not in job

    def test_fails_when_no_training_job_writes_the_objective(self, plane: Harness) -> None:
        async def silent(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            return 0

        plane.backend.images[IMAGE] = silent
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("silent", 2, 2))
        job = tuned(plane, "silent")
        assert job["HyperParameterTuningJobStatus"] == "Failed"
        assert job["FailureReason"].startswith("No objective metrics found after running 2 training jobs.")
        assert job["ObjectiveStatusCounters"] == {"Succeeded": 0, "Pending": 0, "Failed": 2}

    def test_some_failures_do_not_end_it(self, plane: Harness) -> None:
        async def odd(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            return 1 if "-002-" in spec.name else await parabola(spec, terminated)

        plane.backend.images[IMAGE] = odd
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("odd", 3, 1))
        job = tuned(plane, "odd")
        assert job["HyperParameterTuningJobStatus"] == "Completed"
        assert job["TrainingJobStatusCounters"] | {"Stopped": 0} == {
            "Completed": 2,
            "InProgress": 0,
            "RetryableError": 0,
            "NonRetryableError": 1,
            "Stopped": 0,
        }

    def test_when_stopped_stops_its_training_jobs(self, plane: Harness) -> None:
        async def wait(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            spec.log("loss=1")
            await terminated.wait()
            return 143

        plane.backend.images[IMAGE] = wait
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("stops", 9, 2))
        eventually(lambda: len(plane.backend.specs) == 2)
        plane.sm.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stops")
        plane.sm.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stops")
        assert tuned(plane, "stops")["HyperParameterTuningJobStatus"] == "Stopped"
        assert [each["TrainingJobStatus"] for each in training_jobs(plane, "stops")] == ["Stopped"] * 2
        with pytest.raises(ClientError, match="is in status Stopped"):
            plane.sm.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stops")


class TestEarlyStopping:
    @pytest.mark.parametrize("stopping", ["Auto", "Off"])
    def test_ends_a_training_job_that_is_worse_than_the_median(self, plane: Harness, stopping: str) -> None:
        async def fifth_is_worse(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            worse = "-005-" in spec.name
            for _ in range(3):
                spec.log("loss=9" if worse else "loss=1")
            if worse and stopping == "Auto":
                await terminated.wait()
                return 143
            return 0

        plane.backend.images[IMAGE] = fifth_is_worse
        plane.sm.create_hyper_parameter_tuning_job(
            **tuning_request("early", 5, 1, TrainingJobEarlyStoppingType=stopping)
        )
        job = tuned(plane, "early")
        assert job["HyperParameterTuningJobStatus"] == "Completed"
        assert job["TrainingJobStatusCounters"]["Stopped"] == (1 if stopping == "Auto" else 0)
        assert job["ObjectiveStatusCounters"]["Succeeded"] == 5

    def test_hyperband_gives_the_bad_ones_less(self, plane: Harness) -> None:
        async def epochs(spec: ProgramSpec, terminated: asyncio.Event) -> int:
            x = float(hyperparameters(spec)["x"])
            for _ in range(9):
                spec.log(f"loss={x}")
                for _ in range(20):
                    await asyncio.sleep(0.001)
                    if terminated.is_set():
                        return 143
            return 0

        plane.backend.images[IMAGE] = epochs
        config = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}
        plane.sm.create_hyper_parameter_tuning_job(
            **tuning_request("band", 9, 2, Strategy="Hyperband", StrategyConfig=config)
        )
        job = tuned(plane, "band")
        assert job["HyperParameterTuningJobStatus"] == "Completed"
        assert job["TrainingJobStatusCounters"]["Stopped"] >= 1
        assert job["ObjectiveStatusCounters"]["Succeeded"] == 9


class TestLists:
    def test_forget_what_was_deleted(self, plane: Harness) -> None:
        plane.sm.create_hyper_parameter_tuning_job(**tuning_request("gone", 1, 1))
        tuned(plane, "gone")
        for _ in range(2):
            plane.sm.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="gone")
        assert plane.sm.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"] == []
        assert len(plane.sm.list_training_jobs()["TrainingJobSummaries"]) == 1

    def test_order_filter_and_page(self, plane: Harness) -> None:
        for name in ("list-one", "list-two"):
            plane.sm.create_hyper_parameter_tuning_job(**tuning_request(name, 3, 1))
            tuned(plane, name)
        page = plane.sm.list_hyper_parameter_tuning_jobs(MaxResults=1, SortBy="Name", SortOrder="Ascending")
        (first,) = page["HyperParameterTuningJobSummaries"]
        assert first["HyperParameterTuningJobName"] == "list-one"
        assert first["Strategy"] == "Random"
        rest = plane.sm.list_hyper_parameter_tuning_jobs(
            NextToken=page["NextToken"], SortBy="Name", SortOrder="Ascending"
        )
        (second,) = rest["HyperParameterTuningJobSummaries"]
        assert second["HyperParameterTuningJobName"] == "list-two"
        ranked = training_jobs(plane, "list-one", SortBy="FinalObjectiveMetricValue")
        values = [each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for each in ranked]
        assert values == sorted(values)
        assert training_jobs(plane, "list-one", StatusEquals="Failed") == []
        found = plane.sm.search(Resource="HyperParameterTuningJob")["Results"]
        assert len(found) == 2
