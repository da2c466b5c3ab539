"""What an endpoint serves right now: variants with their weights, capture, and a shadow."""

from __future__ import annotations

from dataclasses import dataclass

from sagemaker_local.hosting.invoking.capture import CaptureConfig
from sagemaker_local.hosting.serving.spec import AsyncConfig
from sagemaker_local.hosting.serving.variant import RunningVariant


@dataclass(frozen=True)
class Route:
    """What one endpoint serves right now: its variants with their weights; asynchronous: by a queue alone.

    shadow: the variant that gets copies, and the share (0..1] of the requests that it gets.
    """

    endpoint: str
    config: str
    account: str
    region: str
    variants: tuple[tuple[RunningVariant, float], ...]
    capture: CaptureConfig | None
    asynchronous: AsyncConfig | None = None
    shadow: tuple[RunningVariant, float] | None = None
