"""Endpoints as people see them: status, and how the traffic is split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.stack.access import Access


@dataclass(frozen=True)
class Endpoint:
    """weights: (variant, share of the traffic between 0 and 1), heaviest first."""

    name: str
    status: str
    config: str
    weights: tuple[tuple[str, float], ...]

    @property
    def traffic(self) -> str:
        return ", ".join(f"{variant} {share:.0%}" for variant, share in self.weights)


def endpoints(stack: Access, containing: str = "") -> list[Endpoint]:
    """Every endpoint whose name contains the text, by name."""
    sagemaker = stack.client("sagemaker")
    pages = sagemaker.get_paginator("list_endpoints").paginate(
        **({"NameContains": containing} if containing else {})
    )
    names = sorted(endpoint["EndpointName"] for page in pages for endpoint in page["Endpoints"])
    return [found for name in names if (found := _described(sagemaker, name))]


def statuses(stack: Access, containing: str) -> dict[str, str]:
    """The status of every endpoint whose name contains the text, by its name; how traffic is split is not asked."""
    pages = (
        stack.client("sagemaker")
        .get_paginator("list_endpoints")
        .paginate(NameContains=containing, PaginationConfig={"PageSize": 100})
    )
    return {each["EndpointName"]: each["EndpointStatus"] for page in pages for each in page["Endpoints"]}


def endpoint(stack: Access, name: str) -> Endpoint | None:
    """The endpoint of that name; None when there is none."""
    return _described(stack.client("sagemaker"), name)


def _described(sagemaker: Any, name: str) -> Endpoint | None:
    """None when the endpoint was deleted between our two looks, as an alpha endpoint soon is."""
    try:
        return _endpoint(sagemaker.describe_endpoint(EndpointName=name))
    except ClientError as error:
        if "Could not find endpoint" in error.response["Error"]["Message"]:
            return None
        raise


def _endpoint(described: dict[str, Any]) -> Endpoint:
    variants = described.get("ProductionVariants", [])
    weights = {variant["VariantName"]: float(variant.get("CurrentWeight", 0.0)) for variant in variants}
    total = sum(weights.values()) or 1.0
    shares = sorted(((name, weight / total) for name, weight in weights.items()), key=lambda share: -share[1])
    return Endpoint(
        described["EndpointName"],
        described["EndpointStatus"],
        described.get("EndpointConfigName", ""),
        tuple(shares),
    )
