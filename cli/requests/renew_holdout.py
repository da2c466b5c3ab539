"""A model's holdout is set aside, so that its next dataset gives a new one."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from cli.report.sources import sources_of
from cli.stack.access import Access
from cli.stack.errors import RefusedError
from switchyard.config.snapshot import holdout_key


def renew_holdout(stack: Access, model: str, reason: str) -> str:
    """The key where the old one lies now. RefusedError where there is none, and while a run is judged on it.

    Asked again after it broke off, it goes on: the copy is made before the old object goes.
    """
    sources = sources_of(stack)
    active = sources.ledger.active(model)
    if active is not None:
        raise RefusedError(
            f"Run {active} of model {model} is under way, and is judged on this holdout.",
            f"Wait for its end, or `switchyard abort {active}`; then renew it.",
        )
    s3, bucket, key = stack.client("s3"), stack.output("ArtifactBucketName"), holdout_key(model)
    if not sources.artifacts.exists(key):
        raise RefusedError(
            f"No holdout belongs to '{model}'.", "Drop a dataset: it gives a fifth of its rows."
        )
    now = datetime.now(UTC)
    kept = f"{model}/holdout/until-{now:%Y-%m-%dT%H-%M-%S}Z"
    s3.copy_object(Bucket=bucket, Key=f"{kept}.csv", CopySource={"Bucket": bucket, "Key": key})
    why = {"renewed_at": now.isoformat(), "reason": reason}
    s3.put_object(Bucket=bucket, Key=f"{kept}.json", Body=json.dumps(why).encode())
    s3.delete_object(Bucket=bucket, Key=key)
    return f"{kept}.csv"
