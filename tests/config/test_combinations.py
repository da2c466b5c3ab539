"""What SageMaker cannot do together is refused, with the reason and the nearest thing that works."""

import pytest

from switchyard.config.pipeline_json import pipeline_from_json, pipeline_to_json
from switchyard.config.rules.combinations import Asked, refusals, refused_change
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.pipeline import Paired
from switchyard.intake.rules.route import route_of
from tests.fakes.pipelines import pipeline

TWO = {"instance_count": 2}
LABELLED = {"label_error": {"margin": 0.1, "maturity_seconds": 60}}
SCALED = {"min": 1, "max": 4, "target": 100}
NAMED = {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label"}
REFUSED = [
    ({"environment": NAMED}, {}, "deployment.environment.SAGEMAKER_INFERENCE_OUTPUT", "leave it out"),
    (
        {"environment": NAMED, "mode": "serverless"},
        {},
        "deployment.environment.SAGEMAKER_INFERENCE_OUTPUT",
        "leave it out",
    ),
    ({"mode": "serverless", "scaling": SCALED}, {}, "deployment.scaling", "use max_concurrency"),
    ({"mode": "batch", "scaling": SCALED}, {}, "deployment.scaling", "leave it out"),
    ({"scaling": SCALED | {"min": 5}}, {}, "deployment.scaling", "set min to max or less"),
    ({"scaling": SCALED | {"min": 0}}, {}, "deployment.scaling", "or use mode async"),
    ({"scaling": SCALED, "instance_count": 5}, {}, "deployment.scaling", "leave it out"),
    ({"scaling": SCALED, "instance_type": "ml.t2.large"}, {}, "deployment.scaling", "use ml.m5.large"),
    ({"scaling": SCALED, **TWO}, {"strategy": "guardrails"}, "deployment.scaling", "set min to 2 or more"),
    ({"mode": "serverless"}, {"steps": [10, 50]}, "rollout.steps", "exactly one variant"),
    ({"mode": "async"}, {"steps": [10, 50]}, "rollout.steps", "exactly one variant"),
    ({"mode": "batch"}, {"steps": [10, 50]}, "rollout.steps", "no endpoint"),
    ({"mode": "batch"}, {"metrics": {"errors": {"margin": 0.1}}}, "rollout.metrics", "no endpoint"),
    ({"mode": "batch"}, {"metrics": {"errors": {"margin": 0.1}}}, "rollout.metrics", "strategy: paired"),
    ({"mode": "batch"}, {"requests_per_minute": 10}, "rollout.requests_per_minute", "leave it out"),
    ({"mode": "batch"}, {"id_column": "order"}, "rollout.id_column", "set rollout.strategy: paired"),
    ({}, {"strategy": "paired", "metrics": LABELLED}, "rollout.strategy", "or mode batch"),
    ({"mode": "serverless"}, {"strategy": "paired"}, "rollout.strategy", "or mode batch"),
    ({"mode": "batch"}, {"strategy": "paired", "steps": [10]}, "rollout.steps", "no endpoint"),
    ({"mode": "batch"}, {"strategy": "paired"}, "rollout.metrics.label_error", "must be declared"),
    (
        {"mode": "batch"},
        {"strategy": "paired", "metrics": {"label_error": {"margin": 0.1}}},
        "rollout.metrics.label_error.maturity_seconds",
        "must be given",
    ),
    (
        {"mode": "batch"},
        {"strategy": "paired", "metrics": {**LABELLED, "latency": {"margin": 0.1, "limit_milliseconds": 9}}},
        "rollout.metrics.latency",
        "leave it out",
    ),
    ({"mode": "serverless", "capture_percent": 10}, {}, "deployment.capture_percent", "no data capture"),
    ({"mode": "async", "capture_percent": 10}, {}, "deployment.capture_percent", "objects in S3 already"),
    ({"mode": "batch", "capture_percent": 10}, {}, "deployment.capture_percent", "no endpoint"),
    ({"mode": "serverless", **TWO}, {}, "deployment.instance_count", "set max_concurrency"),
    ({"mode": "realtime", "memory_mb": 1024}, {}, "deployment.memory_mb", "set mode: serverless"),
    ({"mode": "async", "max_concurrency": 5}, {}, "deployment.max_concurrency", "set mode: serverless"),
    (
        {"max_concurrent_invocations_per_instance": 2},
        {},
        "deployment.max_concurrent_invocations_per_instance",
        "set mode: async",
    ),
    ({"mode": "serverless"}, {"strategy": "guardrails"}, "rollout.strategy", "use strategy evidence"),
    ({"mode": "async", **TWO}, {"strategy": "guardrails"}, "rollout.strategy", "use strategy evidence"),
    ({"mode": "batch"}, {"strategy": "guardrails"}, "rollout.strategy", "the gate decides"),
    ({}, {"strategy": "guardrails"}, "rollout.strategy", "instance_count to 2 or more"),
    (TWO, {"strategy": "guardrails", "steps": [10]}, "rollout.steps", "of their own"),
    (
        TWO,
        {"strategy": "guardrails", "guardrails": {"percent": 10}},
        "rollout.guardrails.percent",
        "less than one instance",
    ),
    (
        {"instance_count": 20},
        {"strategy": "guardrails", "guardrails": {"traffic": "linear", "percent": 5}},
        "rollout.guardrails.percent",
        "set 10 or more",
    ),
    (TWO, {"guardrails": {"percent": 50}}, "rollout.guardrails", "set rollout.strategy: guardrails"),
]
TAKEN = [
    ({"mode": "serverless", "memory_mb": 4096, "max_concurrency": 5}, {}),
    ({"mode": "serverless", "capture_percent": 0}, {"metrics": {"errors": {"margin": 0.1}}}),
    ({"mode": "async", "instance_count": 3, "max_concurrent_invocations_per_instance": 2}, {}),
    ({"mode": "batch", "instance_count": 3}, {}),
    ({"mode": "batch"}, {"strategy": "paired", "metrics": LABELLED, "id_column": "order"}),
    (TWO, {"strategy": "guardrails"}),
    ({"instance_count": 10}, {"strategy": "guardrails", "guardrails": {"traffic": "linear", "percent": 10}}),
]


@pytest.mark.parametrize(("deployment", "rollout", "key", "nearest"), REFUSED)
def test_a_combination_that_cannot_be_is_refused_at_the_door(
    deployment: dict[str, object], rollout: dict[str, object], key: str, nearest: str
) -> None:
    with pytest.raises(InvalidPipelineError) as refused:
        pipeline(deployment=deployment, rollout=rollout)
    assert key in str(refused.value)
    assert nearest in str(refused.value)


@pytest.mark.parametrize(("deployment", "rollout"), TAKEN)
def test_what_sagemaker_can_do_is_taken(deployment: dict[str, object], rollout: dict[str, object]) -> None:
    assert pipeline(deployment=deployment, rollout=rollout).deployment.mode == deployment.get(
        "mode", "realtime"
    )


def test_defaults_are_no_statement() -> None:
    """A mode that knows no capture is not refused for the default of capture_percent."""
    assert not list(refusals(Asked("serverless", capture_percent=100)))


def test_a_batch_model_on_evidence_is_judged_row_by_row_and_patiently() -> None:
    found = pipeline(
        deployment={"mode": "batch"},
        rollout={"strategy": "paired", "metrics": LABELLED, "deadline_seconds": 600, "id_column": "order"},
    )
    assert found.paired == Paired("order")
    assert sorted(found.rollout.metrics) == ["errors", "label_error", "label_error_missing"]
    assert all(metric.paired for metric in found.rollout.metrics.values())
    assert (found.rollout.silence_seconds, found.rollout.sample_ratio_alpha) == (600, 0.0)
    assert route_of(found)["deployment"] == "batch-paired"
    assert pipeline_from_json(pipeline_to_json(found)) == found


def test_a_swap_is_judged_without_steps_and_without_a_split() -> None:
    policy = pipeline(deployment={"mode": "serverless"}).rollout
    assert (policy.steps, policy.sample_ratio_alpha) == ((50,), 0.0)


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ("realtime", "serverless", True),
        ("serverless", "realtime", True),
        ("async", "realtime", True),
        ("realtime", "realtime", False),
        ("batch", "serverless", False),
        ("realtime", "batch", False),
    ],
)
def test_a_live_endpoint_cannot_become_one_of_another_mode(before: str, after: str, refused: bool) -> None:
    refusal = refused_change(before, after)
    assert (refusal is not None) == refused
    assert refusal is None or "a name of its own" in str(refusal)
