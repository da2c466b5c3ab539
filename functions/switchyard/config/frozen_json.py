"""The checked pipeline in a run's snapshot, and a rollout's policy: JSON that does not pass the door twice."""

import json
from dataclasses import asdict

import dacite

from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import Problem, RolloutPolicy

CONFIG = dacite.Config(cast=[tuple, Problem, float], strict=True)


def freeze(pipeline: Pipeline) -> bytes:
    """Canonical JSON: the same pipeline gives the same bytes."""
    return json.dumps(asdict(pipeline), sort_keys=True, indent=1).encode()


def thaw(snapshots: bytes) -> Pipeline:
    """The inverse of freeze."""
    return dacite.from_dict(Pipeline, json.loads(snapshots), CONFIG)


def freeze_policy(policy: RolloutPolicy) -> str:
    """As `freeze`, for the policy of one rollout; about 300 bytes and 200 more a metric."""
    return json.dumps(asdict(policy), sort_keys=True)


def thaw_policy(snapshots: str) -> RolloutPolicy:
    """The inverse of freeze_policy."""
    return dacite.from_dict(RolloutPolicy, json.loads(snapshots), CONFIG)
