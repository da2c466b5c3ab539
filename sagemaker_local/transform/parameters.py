"""How requests of a transform job are made: what the request says, then the container, then the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagemaker_local.store import Document

MEGABYTE = 1024 * 1024
_DEFAULT_CONCURRENT, _DEFAULT_PAYLOAD = 1, 6
_MAX_PAYLOAD = 100
_SPELLINGS = {"MULTI_RECORD": "MultiRecord", "SINGLE_RECORD": "SingleRecord"}


@dataclass(frozen=True)
class TransformParameters:
    """max_concurrent: requests at once to one instance. max_payload_bytes: of one request; None: no limit."""

    max_concurrent: int
    max_payload_bytes: int | None
    is_multi_record: bool

    def __str__(self) -> str:
        payload = 0 if self.max_payload_bytes is None else self.max_payload_bytes // MEGABYTE
        strategy = "MULTI_RECORD" if self.is_multi_record else "SINGLE_RECORD"
        return (
            f"MaxConcurrentTransforms={self.max_concurrent}, MaxPayloadInMB={payload}, "
            f"BatchStrategy={strategy}"
        )


def choose(job: Document, offered: Mapping[str, Any]) -> TransformParameters:
    """The parameters of `job`; `offered` is what the container answered to GET /execution-parameters.

    "If MaxConcurrentTransforms is set to 0 or left unset, Amazon SageMaker checks the optional
    execution-parameters". A MaxPayloadInMB of 0 is a choice: payloads without a limit.
    """
    concurrent = job.get("MaxConcurrentTransforms") or _number(offered, "MaxConcurrentTransforms")
    payload = job.get("MaxPayloadInMB", _number(offered, "MaxPayloadInMB"))
    strategy = job.get("BatchStrategy") or _SPELLINGS.get(str(offered.get("BatchStrategy")))
    payload = _DEFAULT_PAYLOAD if payload is None else min(payload, _MAX_PAYLOAD)
    return TransformParameters(
        max_concurrent=concurrent or _DEFAULT_CONCURRENT,
        max_payload_bytes=payload * MEGABYTE if payload else None,
        is_multi_record=strategy != "SingleRecord",
    )


def _number(offered: Mapping[str, Any], name: str) -> int | None:
    """A container's word is nobody's promise: anything but a natural number counts as silence."""
    value = offered.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def container_environment(job: Document) -> dict[str, str]:
    """SAGEMAKER_BATCH, and what the user set; the job's own Environment comes last."""
    environment = {"SAGEMAKER_BATCH": "true"}
    if "MaxPayloadInMB" in job:
        environment["SAGEMAKER_MAX_PAYLOAD_IN_MB"] = str(job["MaxPayloadInMB"])
    if "BatchStrategy" in job:
        multi = job["BatchStrategy"] == "MultiRecord"
        environment["SAGEMAKER_BATCH_STRATEGY"] = "MULTI_RECORD" if multi else "SINGLE_RECORD"
    if job.get("MaxConcurrentTransforms"):
        environment["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] = str(job["MaxConcurrentTransforms"])
    return {**environment, **job.get("Environment", {})}
