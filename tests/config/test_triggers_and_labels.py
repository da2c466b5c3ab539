"""What pipeline.yaml says of labels, schedules and drift: defaults that are safe, refusals that say what works."""

from typing import Any

import pytest

from switchyard.config import door
from switchyard.config.pipeline_json import pipeline_from_json, pipeline_to_json
from switchyard.config.rules.trigger_policy import DriftPolicy
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from tests.fakes.pipelines import pipeline, text

REGRESSION = LabelStatistics(10, {0.5, 1.5, 2.5})
LABELS = {"margin": 0.05, "maturity_seconds": 3600}


def with_labels(**more: Any) -> dict[str, Any]:
    return {"rollout": {"metrics": {"errors": {"margin": 0.005}, "label_error": {**LABELS, **more}}}}


def test_missing_labels_are_watched_beside_labels_at_the_same_age() -> None:
    metrics = pipeline(**with_labels()).rollout.metrics
    assert set(metrics) == {"errors", "label_error", "label_error_missing"}
    missing = metrics["label_error_missing"]
    assert (missing.margin, missing.maturity_seconds) == (0.1, 3600)


def test_how_many_labels_may_be_missing_can_be_declared() -> None:
    given = with_labels()
    given["rollout"]["metrics"]["label_error_missing"] = {"margin": 0.02}
    missing = pipeline(**given).rollout.metrics["label_error_missing"]
    assert (missing.margin, missing.maturity_seconds) == (0.02, 3600)


def test_a_regression_says_by_how_much_a_prediction_may_be_off() -> None:
    given = text(**with_labels(off_by=0.5))
    assert door.parse("digits", given, REGRESSION).rollout.metrics["label_error"].off_by == 0.5
    with pytest.raises(InvalidPipelineError, match="off_by: must be given for a regression"):
        door.parse("digits", text(**with_labels()), REGRESSION)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (with_labels(maturity_seconds=0), "label_error.maturity_seconds: must be given"),
        (with_labels(maturity_seconds=90_000), "no label would count before the deadline of 86400 s"),
        (with_labels(off_by=1.0), "label_error.off_by: is for regressions"),
        (with_labels() | {"deployment": {"capture_percent": 0}}, "set deployment.capture_percent above 0"),
        ({"schedule": "daily"}, "schedule: 'daily' is no schedule; write rate"),
        ({"schedule": {"always": True}}, "schedule"),
        ({"drift": {"threshold": 0}}, "drift.threshold"),
        ({"drift": {}, "deployment": {"capture_percent": 0}}, "drift: there are no captured inputs"),
        ({"drift": {}, "deployment": {"mode": "serverless"}}, "drift: there are no captured inputs"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidPipelineError, match=says):
        pipeline(**given)


def test_triggers_are_no_part_of_a_run() -> None:
    triggered = pipeline(schedule="rate(1 day)", drift={"threshold": 0.3})
    assert pipeline_to_json(triggered) == pipeline_to_json(pipeline())
    assert pipeline_from_json(pipeline_to_json(triggered)) == pipeline()


def test_triggers_are_read_without_data() -> None:
    found = door.triggers("digits", text(schedule={"when": "rate(1 day)", "always": True}, drift={}))
    assert found.schedule is not None
    assert (found.schedule.expression, found.always, found.drift) == ("rate(1 day)", True, DriftPolicy())
    assert door.triggers("digits", text()).schedule is None
