"""The card that a run's model has in the registry: in SageMaker's schema, whatever the problem, and never too long."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from sagemaker_local.registry.model_card import check_card
from switchyard.core.gate_policy import GatePolicy
from switchyard.core.run import Run
from switchyard.evaluation.rules.gate import Evaluation, judge_gate
from switchyard.evaluation.rules.importance import Importance
from switchyard.evaluation.rules.model_card import LONGEST, model_card
from switchyard.evaluation.rules.performance import performance_of
from switchyard.stats.paired import PairedSums
from tests.evaluation.test_gate import rows as binary_rows
from tests.evaluation.test_performance import of_numbers, of_three
from tests.fakes.pipelines import pipeline
from tests.fakes.stations import Stations

RUN = Run("digits", "digits-abababababab", "ab" * 32, "s3://data/digits/train/v2.csv", "digits/snapshots/ab/")
ROWS: dict[str, Any] = {
    "binary": binary_rows(600),
    "multiclass": of_three(600, 1),
    "regression": of_numbers(600, 1),
}


def evaluation(problem: str) -> dict[str, Any]:
    sums = PairedSums.from_rows(problem, ROWS[problem])
    gate = judge_gate(Evaluation(sums), GatePolicy()) if problem == "binary" else None
    found: dict[str, Any] = {
        "champion": "digits-cdcdcdcdcdcd",
        "artifact_sha256": "12" * 32,
        "gate": asdict(gate)
        if gate
        else {"outcome": "pass", "reason": "as it is", "rows": 600, "figures": []},
        "performance": performance_of(sums, ("no", "yes", "perhaps")).to_dict(),
        "importance": {"challenger": Importance((("age", 0.7), ("job", 0.3))).to_dict(), "champion": None},
    }
    read: dict[str, Any] = json.loads(json.dumps(found))
    return read


def card_of(found: dict[str, Any], **parts: Any) -> dict[str, Any]:
    text = model_card(RUN, pipeline(**parts), "s3://a/model.tar.gz", found)
    check_card({"ModelCardContent": text})
    assert len(text) <= LONGEST
    card: dict[str, Any] = json.loads(text)
    return card


def metrics(card: dict[str, Any]) -> dict[str, Any]:
    [holdout] = card["evaluation_details"]
    return {metric["name"]: metric for group in holdout["metric_groups"] for metric in group["metric_data"]}


@pytest.mark.parametrize("problem", ROWS)
def test_every_problem_has_a_card_by_the_schema(problem: str) -> None:
    found = metrics(card_of(evaluation(problem)))
    assert found["share of the gain"]["value"] == [0.7, 0.3]
    assert ("ROC, champion" in found) == (problem == "binary")
    assert ("confusion" in found) == (problem != "regression")


def test_it_says_what_was_judged_and_how() -> None:
    card = card_of(evaluation("binary"), hyperparameters={"eta": 0.2})
    [holdout] = card["evaluation_details"]
    assert holdout["metadata"]["champion"] == "digits-cdcdcdcdcdcd"
    assert "accuracy" in holdout["evaluation_observation"]
    job = card["training_details"]["training_job_details"]
    assert job["training_datasets"] == [RUN.source]
    assert {"name": "eta", "value": "0.2"} in job["hyper_parameters"]
    assert 0 < metrics(card)["accuracy"]["value"] < 1


def test_whatever_is_long_is_cut_to_what_the_schema_allows() -> None:
    found = evaluation("binary")
    figure = found["gate"]["figures"][0]
    found["gate"]["figures"] = [figure | {"slice": f"{at}={'x' * 4000}"} for at in range(3000)]
    found["gate"]["reason"] = "r" * 9000
    found["performance"]["classes"] = ["c" * 500, "d" * 500]
    found["importance"]["challenger"]["columns"] = [[f"{at}" + "n" * 500, 0.01] for at in range(100)]
    frozen = pipeline()
    many = {f"{at}" + "h" * 400: "v" * 4000 for at in range(300)}
    training = replace(frozen.training, image="i" * 4000, hyperparameters=many)
    text = model_card(RUN, replace(frozen, training=training), "s3://" + "a" * 4000, found)
    check_card({"ModelCardContent": text})
    assert len(text) <= LONGEST


def test_a_figure_that_there_is_none_of_is_left_out() -> None:
    found = evaluation("binary")
    found["gate"]["figures"][0] |= {"challenger": float("nan"), "champion": None}
    assert "accuracy" not in metrics(card_of(found))


def test_a_model_is_registered_with_its_card(stations: Stations) -> None:
    stations.has_pipeline()
    run = stations.a_run()
    key = f"digits/evaluations/{run.run_id}/evaluation.json"
    stations.artifacts.write(key, json.dumps(evaluation("binary")).encode())
    arn = stations.model_registry.register(run, "s3://artifacts/digits/m.tar.gz", key)["arn"]
    assert metrics(json.loads(stations.control.cards[arn]))["accuracy"]["type"] == "number"
