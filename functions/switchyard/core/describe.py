"""A resource of SageMaker by kind and name, as its state-change event and its wait name it."""

from collections.abc import Mapping
from typing import Any

from switchyard.core.ports import Control


def describe(control: Control, resource: str) -> Mapping[str, Any] | None:
    """`<kind>/<name>`, kinds as in ARNs; None where it is not there."""
    kind, _, name = resource.partition("/")
    describe_one = {
        "training-job": control.describe_training,
        "hyper-parameter-tuning-job": control.describe_tuning,
        "processing-job": control.describe_processing,
        "transform-job": control.describe_transform,
        "model-package": control.describe_package,
        "endpoint": control.describe_endpoint,
    }
    return describe_one[kind](name)
