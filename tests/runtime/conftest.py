"""Handlers need powertools' settings, and the world's AWS is never asked."""

import os

os.environ.update(
    POWERTOOLS_LOG_LEVEL="CRITICAL",
    POWERTOOLS_METRICS_NAMESPACE="Switchyard",
    POWERTOOLS_SERVICE_NAME="switchyard",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
)
