"""The environment variables of the plane, as the handbook shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """`setting` is the name in Settings or TrafficSettings that holds it, and its default."""

    name: str
    meaning: str
    setting: str | None = None

    def shown_default(self, defaults: Mapping[str, object]) -> str:
        if self.setting is None:
            return ""
        value = defaults[self.setting]
        return f"{value:g}" if isinstance(value, int | float) else str(value or "")


VARIABLES = (
    Variable("AWS_ENDPOINT_URL", "The S3, CloudWatch, Logs and SNS beside it. Required, and loopback."),
    Variable(
        "SAGEMAKER_LOCAL_KEYS_FILE",
        "As `--keys-file`: callers must sign with these keys. Without it nobody need sign.",
    ),
    Variable("AWS_REGION", "The region in ARNs and of the containers.", "region"),
    Variable("SAGEMAKER_LOCAL_ACCOUNT", "The account in ARNs.", "account"),
    Variable(
        "SAGEMAKER_LOCAL_EVENTS_URL",
        'Where state changes are posted as `{"Entries": [...]}`, as PutEvents takes them. Without it they stay in '
        "the outbox.",
        "events_url",
    ),
    Variable("SAGEMAKER_LOCAL_TRAINING_JOBS", "Training jobs at once; more wait.", "training_jobs_at_once"),
    Variable("SAGEMAKER_LOCAL_TRANSFORM_JOBS", "Transform jobs at once.", "transform_jobs_at_once"),
    Variable("SAGEMAKER_LOCAL_PROCESSING_JOBS", "Processing jobs at once.", "processing_jobs_at_once"),
    Variable(
        "SAGEMAKER_LOCAL_TRAINING_INSTANCES",
        "InstanceCount that one job of any kind may ask for; beyond it ResourceLimitExceeded.",
        "training_instances",
    ),
    Variable(
        "SAGEMAKER_LOCAL_ENDPOINT_INSTANCES",
        "Instances of all endpoints together; beyond it ResourceLimitExceeded.",
        "endpoint_instances",
    ),
    Variable(
        "SAGEMAKER_LOCAL_QUOTAS",
        "Instances by usage and type, 0 included: `training/ml.m5.xlarge=4,endpoint/ml.m5.large=0`. An update counts "
        "its new fleet beside the old one.",
    ),
    Variable("SAGEMAKER_LOCAL_WEATHER", "As `--weather`: fair (the default), real or storm."),
    Variable(
        "SAGEMAKER_LOCAL_WEATHER_MINUTE_SECONDS",
        "How long a minute of AWS lasts in that weather.",
        "weather_minute_seconds",
    ),
    Variable(
        "SAGEMAKER_LOCAL_WEATHER_SEED",
        "What chance begins with; without it another one each time.",
        "weather_seed",
    ),
    Variable(
        "SAGEMAKER_LOCAL_DOCKER", "The engine's executable with `--backend docker`; podman will do.", "docker"
    ),
    Variable(
        "SAGEMAKER_LOCAL_STOP_GRACE_SECONDS",
        "Between SIGTERM and SIGKILL when a training or processing job is stopped.",
        "stop_grace_seconds",
    ),
    Variable(
        "SAGEMAKER_LOCAL_LOG_FLUSH_SECONDS",
        "How often log lines and training metrics are shipped.",
        "log_flush_seconds",
    ),
    Variable(
        "SAGEMAKER_LOCAL_CONTINUOUS_UPLOAD_SECONDS",
        "How often checkpoints, and processing outputs with S3UploadMode Continuous, are looked at.",
        "continuous_upload_seconds",
    ),
    Variable(
        "SAGEMAKER_LOCAL_ALARM_PERIOD_SECONDS",
        "How often the alarms of a deployment are looked at while it bakes.",
        "alarm_period_seconds",
    ),
    Variable(
        "SAGEMAKER_LOCAL_SCALING_PERIOD_SECONDS",
        "The period of autoscaling: three above the target scale out, fifteen below it scale in.",
        "scaling_period_seconds",
    ),
    Variable(
        "SAGEMAKER_LOCAL_METRIC_PERIOD_SECONDS",
        "Period of the endpoints' CloudWatch metrics.",
        "metric_period_seconds",
    ),
    Variable(
        "SAGEMAKER_LOCAL_CAPTURE_FLUSH_SECONDS",
        "How often captured requests are written to S3.",
        "capture_flush_seconds",
    ),
    Variable(
        "SAGEMAKER_LOCAL_SERVERLESS_IDLE_SECONDS",
        "After so long without a request a serverless container is stopped.",
        "serverless_idle_seconds",
    ),
    Variable(
        "SAGEMAKER_LOCAL_ENDPOINT_IDLE_SECONDS",
        "After so long without a request the servers of a realtime variant are stopped too, and the next request "
        "waits for them. 0, as on AWS: never.",
        "endpoint_idle_seconds",
    ),
)
