"""What SageMaker says when an account has no room, and whether waiting can ever help. Pure."""

import re
from dataclasses import dataclass

from switchyard.core.pipeline import SERVERLESS
from switchyard.core.resources.pools import Claim

NUMBER = r"([\d,.]+)"
SAID = re.compile(
    rf"service limit '(?P<name>[^']+)' is (?P<limit>{NUMBER})\b.*?current utilization of (?P<used>{NUMBER})\b"
    rf".*?request delta of (?P<asked>{NUMBER})",
    re.DOTALL,
)


@dataclass(frozen=True)
class Quota:
    """ "The account-level service limit 'ml.m5.large for endpoint usage' is 0 Instances, with current utilization of 0
    Instances and a request delta of 1 Instances."
    """

    name: str
    limit: float
    used: float
    asked: float

    @property
    def text(self) -> str:
        return (
            f"'{self.name}' is {self.limit:g}, {self.used:g} of it are used, and {self.asked:g} are asked for"
        )


def quota_of(said: str) -> Quota | None:
    """None where it is said in words that we do not know."""
    found = SAID.search(said)
    if found is None:
        return None
    limit, used, asked = (_number(found[name]) for name in ("limit", "used", "asked"))
    return Quota(found["name"], limit, used, asked)


def can_be_freed(quota: Quota, claim: Claim) -> bool:
    """Whether the end of another run or of its resources can make room: fewer are asked for than there may ever be, and
    what is counted are instances of this usage.
    """
    return quota.asked <= quota.limit and _counts(quota.name.lower(), claim)


def _counts(name: str, claim: Claim) -> bool:
    if claim.instance_type == SERVERLESS:
        return "serverless" in name or "concurrency" in name
    return claim.instance_type in name or "instances" in name


def _number(text: str) -> float:
    return float(text.rstrip(".,").replace(",", ""))
