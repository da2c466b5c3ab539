"""Where the plane runs and what it talks to; everything comes from the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sagemaker_local.access.keys import Keys, KeysError, read_or_make_keys, session_of
from sagemaker_local.weather import WEATHERS

DUMMY = Keys("test", "test")
USAGES = ("training", "processing", "transform", "endpoint")
SESSION = "SageMaker"  # the name under which SageMaker assumes a role


class SettingsError(ValueError):
    """The plane refuses to start; the text says what was found and what to set."""


@dataclass(frozen=True)
class Settings:
    """All that is configurable. Times are seconds.

    training_jobs_at_once: more wait, Pending; so for the other kinds of jobs. training_instances: of one job,
    of any kind. endpoint_instances: of all endpoints together. quotas: instances of one type for one usage, as in
    `endpoint/ml.m5.large`.

    continuous_upload_seconds: between two looks at checkpoints, and at outputs with S3UploadMode Continuous.
    alarm_period_seconds: between two looks at a deployment's alarms. scaling_period_seconds: the same of scaling
    policies, and the period of the metrics that they read.

    weather: one of weather.WEATHERS; weather_minute_seconds: how long a minute of AWS lasts in it.

    store_url: endpoint of the local S3, CloudWatch and Logs; always loopback.
    events_url: where state-change events are POSTed; None keeps them in the outbox.
    keys: what callers must sign with, and what the plane itself signs with; None asks nobody for a signature.
    """

    data_dir: Path
    store_url: str
    events_url: str | None = None
    keys: Keys | None = None
    account: str = "000000000000"
    region: str = "us-east-1"
    training_jobs_at_once: int = 2
    transform_jobs_at_once: int = 2
    processing_jobs_at_once: int = 2
    training_instances: int = 4
    endpoint_instances: int = 20
    quotas: Mapping[str, int] = field(default_factory=dict)
    stop_grace_seconds: float = 120.0
    log_flush_seconds: float = 1.0
    continuous_upload_seconds: float = 5.0
    alarm_period_seconds: float = 1.0
    scaling_period_seconds: float = 60.0
    weather: str = "fair"
    weather_minute_seconds: float = 60.0
    weather_seed: int | None = None
    docker: str = "docker"
    images: tuple[Path, ...] = field(default=())
    faults: tuple[Path, ...] = field(default=())

    def arn(self, kind: str, name: str) -> str:
        """`arn:aws:sagemaker:<region>:<account>:<kind>/<name>`."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name}"

    def container_environment(self, role_arn: str | None) -> dict[str, str]:
        """What SageMaker gives every container so that an SDK inside finds its region and services: as its role,
        where the plane has keys. A model may have no role; its containers then have no keys either."""
        return {
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.store_url,
            "S3_ENDPOINT_URL": self.store_url,
            "AWS_EC2_METADATA_DISABLED": "true",
            **self._role_keys(role_arn),
        }

    def _role_keys(self, role_arn: str | None) -> dict[str, str]:
        if self.keys is None:
            return DUMMY.environment()
        return session_of(self.keys, role_arn, SESSION).keys.environment() if role_arn else {}


def read_settings(
    environment: Mapping[str, str],
    data_dir: Path,
    images: tuple[Path, ...] = (),
    faults: tuple[Path, ...] = (),
    keys_file: Path | None = None,
    weather: str = "fair",
) -> Settings:
    """Settings from environment variables; raises SettingsError unless every endpoint is loopback.

    keys_file: made when it is not there.
    """
    store_url = environment.get("AWS_ENDPOINT_URL", "")
    events_url = environment.get("SAGEMAKER_LOCAL_EVENTS_URL") or None
    _require_loopback("AWS_ENDPOINT_URL", store_url)
    if events_url:
        _require_loopback("SAGEMAKER_LOCAL_EVENTS_URL", events_url)
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
    return Settings(
        data_dir=data_dir.resolve(),
        store_url=store_url,
        events_url=events_url,
        keys=_keys(keys_file),
        account=environment.get("SAGEMAKER_LOCAL_ACCOUNT", "000000000000"),
        region=region,
        training_jobs_at_once=int(environment.get("SAGEMAKER_LOCAL_TRAINING_JOBS", "2")),
        transform_jobs_at_once=int(environment.get("SAGEMAKER_LOCAL_TRANSFORM_JOBS", "2")),
        processing_jobs_at_once=int(environment.get("SAGEMAKER_LOCAL_PROCESSING_JOBS", "2")),
        continuous_upload_seconds=float(environment.get("SAGEMAKER_LOCAL_CONTINUOUS_UPLOAD_SECONDS", "5")),
        alarm_period_seconds=float(environment.get("SAGEMAKER_LOCAL_ALARM_PERIOD_SECONDS", "1")),
        scaling_period_seconds=float(environment.get("SAGEMAKER_LOCAL_SCALING_PERIOD_SECONDS", "60")),
        training_instances=int(environment.get("SAGEMAKER_LOCAL_TRAINING_INSTANCES", "4")),
        endpoint_instances=int(environment.get("SAGEMAKER_LOCAL_ENDPOINT_INSTANCES", "20")),
        quotas=_quotas(environment.get("SAGEMAKER_LOCAL_QUOTAS", "")),
        stop_grace_seconds=float(environment.get("SAGEMAKER_LOCAL_STOP_GRACE_SECONDS", "120")),
        log_flush_seconds=float(environment.get("SAGEMAKER_LOCAL_LOG_FLUSH_SECONDS", "1")),
        docker=environment.get("SAGEMAKER_LOCAL_DOCKER", "docker"),
        weather=_known_weather(weather),
        weather_minute_seconds=float(environment.get("SAGEMAKER_LOCAL_WEATHER_MINUTE_SECONDS", "60")),
        weather_seed=int(seed) if (seed := environment.get("SAGEMAKER_LOCAL_WEATHER_SEED")) else None,
        images=images,
        faults=faults,
    )


def _known_weather(name: str) -> str:
    if name not in WEATHERS:
        raise SettingsError(f"There is no weather '{name}'; there are {', '.join(WEATHERS)}.")
    return name


def _quotas(text: str) -> dict[str, int]:
    """`endpoint/ml.m5.large=2,training/ml.m5.xlarge=0`; usages are training, processing, transform and endpoint."""
    found = {}
    for part in filter(None, text.split(",")):
        place, _, limit = part.partition("=")
        usage, _, kind = place.partition("/")
        if usage not in USAGES or not kind.startswith("ml.") or not limit.isdigit():
            raise SettingsError(
                f"SAGEMAKER_LOCAL_QUOTAS has '{part}'; write it as in endpoint/ml.m5.large=2, with usage "
                f"{', '.join(USAGES)}."
            )
        found[place] = int(limit)
    return found


def _keys(file: Path | None) -> Keys | None:
    try:
        return read_or_make_keys(file) if file else None
    except KeysError as error:
        raise SettingsError(str(error)) from error


def _require_loopback(variable: str, url: str) -> None:
    if not is_loopback(url):
        raise SettingsError(
            f"{variable} is '{url}', but the local SageMaker only works against a local AWS, so that it can "
            f"never touch a real account. Set {variable} to a loopback address such as http://127.0.0.1:4566."
        )


def is_loopback(url: str) -> bool:
    """True for http(s) URLs whose host is this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https"):
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
