"""Where a program finds its files: /opt/ml, unless SAGEMAKER_BASE_DIR moves it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FAILURE_CHARACTERS = 1024  # "the first 1024 characters from this file" become FailureReason


def base() -> Path:
    """/opt/ml."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def configuration(name: str) -> Mapping[str, Any]:
    """input/config/<name>.json of a training job; empty where there is none."""
    file = base() / "input" / "config" / f"{name}.json"
    document: Mapping[str, Any] = json.loads(file.read_bytes()) if file.is_file() else {}
    return document


def write_failure(text: str) -> None:
    """Write output/failure, from which FailureReason is made."""
    file = base() / "output" / "failure"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text[:_FAILURE_CHARACTERS], encoding="utf-8")
