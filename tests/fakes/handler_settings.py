"""Powertools' settings, without which no handler can be imported, and keys that open nothing."""

import os


def set_up() -> None:
    os.environ.update(
        POWERTOOLS_LOG_LEVEL="CRITICAL",
        POWERTOOLS_METRICS_NAMESPACE="Switchyard",
        POWERTOOLS_SERVICE_NAME="switchyard",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
    )
