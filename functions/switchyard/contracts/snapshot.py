"""The checked pipeline as it lies in a run's snapshot: canonical JSON, read back without passing the door twice."""

import json
from dataclasses import asdict

import dacite

from switchyard.domain.pipeline import Pipeline
from switchyard.domain.policy import Problem


def freeze(pipeline: Pipeline) -> bytes:
    """Canonical JSON: the same pipeline gives the same bytes."""
    return json.dumps(asdict(pipeline), sort_keys=True, indent=1).encode()


def thaw(frozen: bytes) -> Pipeline:
    """The inverse of freeze."""
    return dacite.from_dict(
        Pipeline, json.loads(frozen), dacite.Config(cast=[tuple, Problem, float], strict=True)
    )
