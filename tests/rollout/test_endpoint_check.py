"""What somebody did to the live endpoint is seen, and what SageMaker is still changing is left alone."""

import re

import pytest

from switchyard.rollout.rules.endpoint_check import amiss

WEIGHTS = {"old": 90.0, "new": 10.0}


def described(status="InService", config="canary", weights=WEIGHTS, **more):
    variants = [{"VariantName": name, "CurrentWeight": weight} for name, weight in weights.items()]
    return {
        "EndpointStatus": status,
        "EndpointConfigName": config,
        "ProductionVariants": variants,
        "FailureReason": "",
        **more,
    }


def said(description):
    return amiss(description, "live", "canary", WEIGHTS)


@pytest.mark.parametrize("status", ["InService", "Updating", "SystemUpdating", "Creating", "RollingBack"])
def test_what_the_rollout_made_or_sagemaker_is_changing_is_left_alone(status):
    assert said(described(status)) == ""


@pytest.mark.parametrize(
    ("description", "words"),
    [
        (None, "was deleted"),
        (described("Deleting"), "was deleted"),
        (described("Failed", FailureReason="the host is gone"), "failed while.*: the host is gone"),
        (described("Failed"), "SageMaker gives no reason"),
        (described(config="foreign"), "changed by hand to config foreign"),
        (
            described(weights={"old": 0.0, "new": 100.0}),
            "weights .* changed by hand.*variant old has 0, 90 is set",
        ),
        (described(weights={"new": 10.0}), "weights"),
    ],
)
def test_what_people_and_faults_do_is_told(description, words):
    assert re.search(words, said(description))
