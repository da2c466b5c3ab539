"""The checked pipeline in a run's snapshot, and a rollout's policy: JSON that does not pass the door twice."""

import json
from dataclasses import asdict

import dacite

from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import Problem, RolloutPolicy

# Not strict: a stack that goes back to this release finds what a newer one froze, and leaves what it does not know.
CONFIG = dacite.Config(cast=[tuple, Problem, float])


def pipeline_to_json(pipeline: Pipeline) -> bytes:
    """Canonical JSON: the same pipeline gives the same bytes."""
    return json.dumps(asdict(pipeline), sort_keys=True, indent=1).encode()


def pipeline_from_json(snapshots: bytes) -> Pipeline:
    """The inverse of pipeline_to_json."""
    return dacite.from_dict(Pipeline, json.loads(snapshots), CONFIG)


def policy_to_json(policy: RolloutPolicy) -> str:
    """As `pipeline_to_json`, for the policy of one rollout; about 300 bytes and 200 more a metric."""
    return json.dumps(asdict(policy), sort_keys=True)


def policy_from_json(snapshots: str) -> RolloutPolicy:
    """The inverse of policy_to_json."""
    return dacite.from_dict(RolloutPolicy, json.loads(snapshots), CONFIG)
