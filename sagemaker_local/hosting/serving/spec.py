"""What the data plane is told to run: variants, their containers, and how they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class VariantFailedError(Exception):
    """A variant did not come up; str() is the endpoint's FailureReason in AWS's words."""


@dataclass(frozen=True)
class ServerlessConfig:
    """A production variant's ServerlessConfig; provisioned: ProvisionedConcurrency, 0 without it."""

    memory_mb: int
    max_concurrency: int
    provisioned: int = 0


@dataclass(frozen=True)
class ContainerSpec:
    """One container; hostname names it in an inference pipeline, and is empty outside of one."""

    hostname: str
    image: str
    environment: Mapping[str, str]
    model_data: str | None
    is_archive: bool = True


@dataclass(frozen=True)
class VariantSpec:
    """One production variant: which container with which model, and how many of it.

    `model_data` is the S3 URI of a model.tar.gz (ModelDataUrl), or, where it is no archive, of the model's one file or
    of the prefix of its files; None: the container brings its model. `following` are the further containers of an
    inference pipeline.
    """

    endpoint: str
    variant: str
    model_name: str
    image: str
    environment: Mapping[str, str]
    model_data: str | None
    instance_count: int
    startup_timeout_seconds: float
    serverless: ServerlessConfig | None = None
    is_asynchronous: bool = False
    hostname: str = ""
    following: tuple[ContainerSpec, ...] = ()
    instance_type: str = ""  # "" for serverless
    is_archive: bool = True

    @property
    def containers(self) -> tuple[ContainerSpec, ...]:
        """All containers of an instance, in the order in which they are asked."""
        first = ContainerSpec(self.hostname, self.image, self.environment, self.model_data, self.is_archive)
        return (first, *self.following)


@dataclass(frozen=True)
class AsyncConfig:
    """An endpoint configuration's AsyncInferenceConfig.

    max_concurrent: MaxConcurrentInvocationsPerInstance. include_in: a subset of
    {"SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"}.
    """

    output_path: str | None
    failure_path: str | None
    success_topic: str | None
    error_topic: str | None
    include_in: frozenset[str]
    max_concurrent: int
