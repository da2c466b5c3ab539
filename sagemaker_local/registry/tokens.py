"""ClientTokens: "a unique token that guarantees that the call to this API is idempotent"."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sagemaker_local.control.context import Context, Request
from sagemaker_local.store import Document
from sagemaker_local.wire.errors import conflict


@dataclass(frozen=True)
class Tokens:
    """Those of one operation; `kind` is their kind in the store."""

    kind: str

    def seen(self, context: Context, request: Request) -> Document | None:
        """What was remembered of the same request. Raises ConflictException where the token came with another one."""
        token = request.get("ClientToken")
        record = context.transaction.get(self.kind, token) if token else None
        if record is not None and record["Digest"] != _digest(request):
            raise conflict(f"ClientToken '{token}' was already used with different parameters.")
        return record

    def remember(self, context: Context, request: Request, arn: str) -> None:
        token = request.get("ClientToken")
        if token:
            record = {"CreationTime": context.now, "Digest": _digest(request), "ModelPackageArn": arn}
            context.transaction.put(self.kind, token, record)


def _digest(request: Request) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
