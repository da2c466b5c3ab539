"""Doing what `switchyard why` says, as its reader would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from cli.records.follow import follow_run
from cli.records.ledger import Line
from cli.stack.stack import Stack
from tests.e2e.support import put_artifact, switchyard

SETTINGS = "evaluation."


def ways(stack: Stack, line: Line) -> list[list[dict[str, Any]]]:
    """Each a list of changes that together would have turned the verdict."""
    answer = switchyard(stack.home, "why", line.run_id, "--json")
    assert answer.returncode == 0, answer.stderr
    return [way["changes"] for way in json.loads(answer.stdout)["ways"]]


def followed(stack: Stack, line: Line) -> Line:
    """Writes the proposed settings into pipeline.yaml and runs the same dataset again."""
    settings = next(way for way in ways(stack, line) if all(c["field"].startswith(SETTINGS) for c in way))
    key = f"{line.model}/pipeline.yaml"
    bucket = stack.output("ArtifactBucketName")
    pipeline = yaml.safe_load(stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    put_artifact(stack, key, yaml.safe_dump(changed(pipeline, settings)).encode())
    answer = switchyard(stack.home, "retry", line.run_id, "--reason", "as why says")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    [run_id] = re.findall(rf"^({line.model}-[0-9a-f]+): ", answer.stdout)
    return follow_run(stack, line.model, str(run_id), 300)


def changed(pipeline: dict[str, Any], settings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    for change in settings:
        *path, name = change["field"].split(".")
        place = pipeline
        for step in path:
            place = place.setdefault(step, {})
        place[name] = int(change["needed"]) if name == "minimum_rows" else change["needed"]
    return pipeline
