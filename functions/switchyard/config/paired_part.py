"""The door for `rollout.strategy: paired`: a batch model is judged row by row, on drops that both models scored."""

from dataclasses import replace

from switchyard.config.policy_part import RolloutSpec
from switchyard.core.metrics import LABEL_ERROR
from switchyard.core.policy import MetricPolicy, PolicyError, RolloutPolicy, watching

MISSING_MARGIN, MISSING_BASELINE = (
    0.1,
    0.1,
)  # of labels, or predictions, that do not come, unless they are declared


def row_by_row(spec: RolloutSpec, policy: RolloutPolicy) -> RolloutPolicy:
    """Rows that the challenger cannot score are `errors`, declared or not. A drop may come once a week, so only the
    deadline ends the patience, unless the file says otherwise.
    """
    if LABEL_ERROR not in spec.metrics:
        raise PolicyError(
            f"rollout.metrics.{LABEL_ERROR}",
            "must be declared: labels alone say which of two predictions is right",
        )
    if "latency" in spec.metrics:
        raise PolicyError("rollout.metrics.latency", "a batch model answers no requests; leave it out")
    watched = {"errors": MetricPolicy(MISSING_MARGIN, MISSING_BASELINE), **policy.metrics}
    metrics = {name: replace(metric, paired=True) for name, metric in watched.items()}
    is_impatient = "silence_seconds" in spec.model_fields_set
    patience = policy.silence_seconds if is_impatient else policy.deadline_seconds
    return replace(watching(policy), metrics=metrics, silence_seconds=patience)
