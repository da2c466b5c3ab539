"""What SageMaker could not start is refused before anything is trained, with what it could."""

from __future__ import annotations

import pytest

from switchyard.config.door import parse
from switchyard.config.rules.combinations import refused_wait
from switchyard.core.errors import InvalidPipelineError


def refused(text: str, *words: str) -> None:
    with pytest.raises(InvalidPipelineError) as told:
        parse("digits", f"name: digits\ntarget: y\nproblem: binary\n{text}", None)
    for word in words:
        assert word in str(told.value)


def taken(text: str) -> None:
    parse("digits", f"name: digits\ntarget: y\nproblem: binary\n{text}", None)


def test_a_type_that_does_not_exist() -> None:
    refused(
        "training: {instance_type: ml.foo.bar}",
        "training.instance_type: SageMaker has no ml.foo.bar",
        "use ml.",
    )
    refused(
        "deployment: {instance_type: ml.m5.tiny}", "deployment.instance_type: SageMaker has no ml.m5.tiny"
    )
    refused(
        "prepare: {kind: spark, entry_point: job.py, instance_type: ml.foo.bar}",
        "prepare.instance_type",
        "processing jobs",
    )


@pytest.mark.parametrize("part", ["deployment: {mode: batch, instance_type: ml.c5.large}"])
def test_a_type_that_does_not_transform(part: str) -> None:
    refused(part, "deployment.instance_type: SageMaker has no ml.c5.large for batch transform", "use ml.c5.")


def test_an_evaluation_by_transform_on_such_a_type() -> None:
    text = "evaluation: {via: transform}\ndeployment: {instance_type: ml.t2.medium}"
    refused(text, "SageMaker has no ml.t2.medium for batch transform")
    taken("deployment: {instance_type: ml.t2.medium}")


def test_an_image_for_x86_on_graviton() -> None:
    refused("deployment: {instance_type: ml.c7g.large}", "Graviton", "an image of your own for arm64")
    refused("training: {kind: builtin}\ndeployment: {instance_type: ml.m6gd.large}", "Graviton")
    taken("training: {image: mine:1}\ndeployment: {instance_type: ml.c7g.large}")


def test_the_default_image_on_two_instances() -> None:
    refused("training: {instance_count: 2}", "training.instance_count", "kind: builtin")
    taken("training: {instance_count: 2, kind: builtin}")
    taken("training: {instance_count: 2, image: mine:1}")


def test_guardrails_on_inferentia() -> None:
    guarded = "rollout: {strategy: guardrails}\ntraining: {image: mine:1}\n"
    refused(guarded + "deployment: {instance_type: ml.inf1.xlarge, instance_count: 2}", "ignores guardrails")
    taken(guarded + "deployment: {instance_type: ml.m5.xlarge, instance_count: 2}")


def test_a_wait_in_which_no_alarm_can_trip() -> None:
    assert refused_wait(240, 240.0) is None
    assert "set 240 or more" in str(refused_wait(0, 240.0))
