"""Reads a policy file: the rollout part alone, or a whole pipeline.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cli.stack.errors import RefusedError
from switchyard.config.parts.policy_part import rollout_policy
from switchyard.core.policy import PolicyError, RolloutPolicy


def read(path: Path) -> dict[str, Any]:
    """The parsed file; raises PolicyError when it is not a mapping, RefusedError when there is no such file."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as unreadable:
        said = f"{path} cannot be read: {unreadable.strerror}."
        raise RefusedError(said, "Name a pipeline.yaml, or a policy file.") from None
    except UnicodeDecodeError as unreadable:
        raise PolicyError(str(path), f"cannot be read: {unreadable}") from None
    except yaml.YAMLError as broken:
        raise PolicyError(str(path), f"is not YAML: {broken}") from None
    if not isinstance(document, dict):
        raise PolicyError(str(path), "must be a mapping, like `alpha: 0.05`")
    return document


OF_THE_DOOR = (
    "strategy",
    "guardrails",
    "requests_per_minute",
    "id_column",
)  # config.door.LiveRolloutSpec


def rollout_part(document: dict[str, Any]) -> tuple[RolloutPolicy, bool]:
    """(policy, whether the file says which steps there are)."""
    part = document.get("rollout", document)
    if "target" in document:  # a pipeline.yaml: its door knows more fields, and may leave all to the defaults
        found = document.get("rollout") or {}
        part = {k: v for k, v in found.items() if k not in OF_THE_DOOR} if isinstance(found, dict) else found
        document = {"rollout": part}
    return rollout_policy(document), isinstance(part, dict) and "steps" in part
