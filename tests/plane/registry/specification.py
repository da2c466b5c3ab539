"""The InferenceSpecification of the model packages of the tests."""

from __future__ import annotations

from tests.plane.support.harness import BUCKET, IMAGE

INFERENCE = {
    "Containers": [
        {
            "Image": IMAGE,
            "ModelDataUrl": f"s3://{BUCKET}/m.tar.gz",
            "Environment": {"A": "package", "B": "package"},
        }
    ],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}
