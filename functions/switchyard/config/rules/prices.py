"""What an instance costs by the hour, where, as of when. A type that is not listed has no price: it is never free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Usage(StrEnum):
    """What SageMaker charges an instance for."""

    TRAINING = "training"
    PROCESSING = "processing"
    TRANSFORM = "transform"
    HOSTING = "hosting"


@dataclass(frozen=True)
class Prices:
    """US dollars on demand. hourly: usage -> instance type -> dollars an hour; date: when it was true.

    serverless_gb_second: of a serverless endpoint, for each GB of memory and second of an answer.
    """

    region: str
    date: str
    source: str
    hourly: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    serverless_gb_second: float | None = None

    def hour(self, usage: Usage, instance_type: str) -> float | None:
        """None: the list does not say."""
        return self.hourly.get(usage, {}).get(instance_type)

    def with_own(self, own: Prices) -> Prices:
        """The owner's prices count. Of the same region they fill up this list; another region's stand alone."""
        if own.region != self.region:
            return own
        hourly = {usage.value: {**self.hourly.get(usage, {}), **own.hourly.get(usage, {})} for usage in Usage}
        serverless = own.serverless_gb_second
        return replace(
            own,
            source=f"{own.source}; else {self.source}",
            hourly=hourly,
            serverless_gb_second=self.serverless_gb_second if serverless is None else serverless,
        )

    def __str__(self) -> str:
        return f"{self.region}, {self.date}"


_LISTED = {
    "ml.t3.medium": 0.05, "ml.t3.large": 0.1, "ml.t3.xlarge": 0.2, "ml.t3.2xlarge": 0.399,
    "ml.m5.large": 0.115, "ml.m5.xlarge": 0.23, "ml.m5.2xlarge": 0.461, "ml.m5.4xlarge": 0.922,
    "ml.m5.12xlarge": 2.765, "ml.m5.24xlarge": 5.53,
    "ml.c5.large": 0.102, "ml.c5.xlarge": 0.204, "ml.c5.2xlarge": 0.408, "ml.c5.4xlarge": 0.816,
    "ml.c5.9xlarge": 1.836, "ml.c5.18xlarge": 3.672,
    "ml.g4dn.xlarge": 0.7364, "ml.g4dn.2xlarge": 0.94, "ml.g4dn.4xlarge": 1.505, "ml.g4dn.8xlarge": 2.72,
    "ml.g4dn.12xlarge": 4.89, "ml.g4dn.16xlarge": 5.44,
    "ml.g5.xlarge": 1.408, "ml.g5.2xlarge": 1.515, "ml.g5.4xlarge": 2.03, "ml.g5.8xlarge": 3.06,
    "ml.g5.12xlarge": 7.09, "ml.g5.16xlarge": 5.12, "ml.g5.24xlarge": 10.18, "ml.g5.48xlarge": 20.36,
    "ml.p3.2xlarge": 3.825, "ml.p3.8xlarge": 14.688, "ml.p3.16xlarge": 28.152,
}  # fmt: skip
# What the API takes for a usage, by its own lists (TransformInstanceType, ProductionVariantInstanceType, ...).
_NOT_FOR = {
    Usage.TRAINING: ("ml.c5.large",),
    Usage.PROCESSING: ("ml.c5.large",),
    Usage.TRANSFORM: ("ml.c5.large", "ml.t3."),
    Usage.HOSTING: ("ml.t3.",),
}

US_EAST_1 = Prices(
    region="us-east-1",
    date="2026-08",
    source="list prices on demand, aws.amazon.com/sagemaker/pricing; one price for all four usages",
    hourly={
        usage: {name: price for name, price in _LISTED.items() if not name.startswith(barred)}
        for usage, barred in _NOT_FOR.items()
    },
    serverless_gb_second=0.00002,
)
