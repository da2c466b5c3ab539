"""A run's model as a model card, in SageMaker's schema for the card of a model package: what it is for, what it was
trained on, and what the gate saw.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html#model-card-schema bounds texts and lists;
"Maximum length of 100000" (ModelPackageModelCard) bounds the whole.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from switchyard.core.pipeline import Pipeline
from switchyard.core.run import Run
from switchyard.evaluation.rules.importance import Importance
from switchyard.evaluation.rules.performance import Curves, Performance

LONGEST = 100_000
TEXT, NAME, OBSERVATION, AXIS = 1024, 120, 2096, 63
MOST_CLASSES, MOST_COLUMNS, MOST_PARAMETERS, MOST_FIGURES = 20, 20, 100, 100

Metric = dict[str, Any]


def model_card(run: Run, pipeline: Pipeline, artifact: str, evaluation: Mapping[str, Any]) -> str:
    """JSON. evaluation: what the gate left of the run; its curves are left out where the card would be too long."""
    card = {
        "model_overview": {"model_creator": "switchyard", "model_artifact": [artifact[:TEXT]]},
        "intended_uses": {
            "purpose_of_model": f"Predicts the column {pipeline.target} ({pipeline.problem.value})."[:TEXT],
            "risk_rating": "Unknown",
        },
        "training_details": _training(run, pipeline),
        "evaluation_details": [_evaluation(run, evaluation, curves=True)],
        "additional_information": {"custom_details": {"run": run.run_id, "dataset_sha256": run.digest}},
    }
    whole = json.dumps(card)
    if len(whole) <= LONGEST:
        return whole
    return json.dumps(card | {"evaluation_details": [_evaluation(run, evaluation, curves=False)]})


def _training(run: Run, pipeline: Pipeline) -> dict[str, Any]:
    parameters = sorted(pipeline.training.hyperparameters.items())[:MOST_PARAMETERS]
    return {
        "training_job_details": {
            "training_datasets": [run.source[:TEXT]],
            "training_environment": {"container_image": [pipeline.training.image[:TEXT]]},
            "hyper_parameters": [
                {"name": name[:NAME], "value": str(value)[:NAME]} for name, value in parameters if str(value)
            ],
        }
    }


def _evaluation(run: Run, evaluation: Mapping[str, Any], *, curves: bool) -> dict[str, Any]:
    gate = evaluation["gate"]
    groups = [_gate(gate["figures"])]
    if curves and evaluation.get("performance"):
        groups += _performance(Performance.from_dict(evaluation["performance"]))
    own = (evaluation.get("importance") or {}).get("challenger")
    if own and own["columns"]:
        groups.append(_group("importance", [_importance(Importance.from_dict(own))]))
    facts = {
        "champion": evaluation.get("champion", ""),
        "artifact_sha256": evaluation.get("artifact_sha256", ""),
    }
    return {
        "name": "cross-validation" if evaluation.get("cross_validation") else "holdout",
        "evaluation_observation": f"{gate['outcome']}: {gate['reason']}"[:OBSERVATION],
        "metadata": {"run": run.run_id, "rows": str(gate["rows"])} | {n: v for n, v in facts.items() if v},
        "metric_groups": [group for group in groups if group["metric_data"]],
    }


def _gate(figures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return _group("gate", [metric for figure in figures[:MOST_FIGURES] for metric in _figure(figure)])


def _figure(figure: Mapping[str, Any]) -> list[Metric]:
    """Both models' values of one metric, on all rows or on a slice."""
    title = figure.get("title") or figure["metric"]
    where = f"{title} in {figure['slice']}" if figure["slice"] else title
    pairs = {where: figure["challenger"], f"{where}, champion": figure["champion"]}
    return [
        {"name": name[:NAME], "type": "number", "value": value, "notes": str(figure["outcome"])}
        for name, value in pairs.items()
        if value is not None and math.isfinite(value)
    ]


def _performance(found: Performance) -> list[dict[str, Any]]:
    models = {"": found.challenger} | ({", champion": found.champion} if found.champion else {})
    lines = [line for whose, curves in models.items() for line in _lines(curves, whose)]
    tables = [_matrix(curves, whose, found.classes) for whose, curves in models.items() if curves.confusion]
    fits = len(found.classes) <= MOST_CLASSES
    return [_group("curves", lines), _group("confusion", tables if fits else [])]


def _lines(curves: Curves, whose: str) -> list[Metric]:
    calibration = [(each.predicted, each.came_true) for each in curves.calibration]
    made = (
        ("ROC", curves.roc, "false positive rate", "true positive rate"),
        ("precision and recall", curves.precision_recall, "recall", "precision"),
        ("calibration", calibration, "probability that was said", "share that came true"),
    )
    return [
        {
            "name": f"{name}{whose}",
            "type": "linear_graph",
            "value": [list(point) for point in points],
            "x_axis_name": x,
            "y_axis_name": y,
        }
        for name, points, x, y in made
        if points
    ]


def _matrix(curves: Curves, whose: str, classes: Sequence[str]) -> Metric:
    axis = [name[:AXIS] for name in classes]
    rows = [list(row) for row in curves.confusion]
    notes = "rows: the true class; columns: the class that was said"
    return {
        "name": f"confusion{whose}",
        "type": "matrix",
        "notes": notes,
        "value": rows,
        "x_axis_name": axis,
        "y_axis_name": axis,
    }


def _importance(found: Importance) -> Metric:
    columns = found.columns[:MOST_COLUMNS]
    return {
        "name": "share of the gain",
        "type": "bar_chart",
        "value": [share for _, share in columns],
        "x_axis_name": [name[:AXIS] for name, _ in columns],
        "y_axis_name": "share of the gain of all splits",
    }


def _group(name: str, metrics: list[Metric]) -> dict[str, Any]:
    return {"name": name, "metric_data": metrics}
