"""Reads the metrics of scaling policies and moves the instance counts of their targets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.background import Background
from sagemaker_local.control.context import Context
from sagemaker_local.hosting import document as documents
from sagemaker_local.hosting import scalable_targets as targets
from sagemaker_local.scaling import api, decisions
from sagemaker_local.store import Document, Store, Transaction
from sagemaker_local.wire.errors import ServiceError

_COOLDOWN_SECONDS = 300.0  # "The default value is 300" for SageMaker endpoint variants
_log = logging.getLogger(__name__)


class Readings(Protocol):
    """What policies are about, as CloudWatch has it. Both raise BotoCoreError or ClientError."""

    def tracked(self, config: Document, resource: str) -> list[float | None]:
        """The metric's values of the last periods, the newest last; None where there is none."""

    def breaches(self, policy_arn: str) -> list[float]:
        """Metric less threshold, of each alarm in ALARM that has the policy for its action."""


class Scaler:
    """Looks at every scalable target once a period; an endpoint that is changing is left alone."""

    def __init__(
        self,
        store: Store,
        readings: Readings,
        period_seconds: float,
        context: Callable[[Transaction], Context],
    ) -> None:
        self._store, self._readings, self._context = store, readings, context
        self.background = Background("autoscaling", period_seconds, self.look)

    async def look(self) -> None:
        """One evaluation of all policies."""
        for target in await self._store.run(lambda transaction: transaction.every(targets.KIND)):
            try:
                await self._scale(target)
            except (BotoCoreError, ClientError, ServiceError) as error:
                _log.warning("%s is not scaled: %s", target["ResourceId"], error)

    async def _scale(self, target: Document) -> None:
        resource = target["ResourceId"]
        policies = await self._store.run(lambda transaction: targets.policies_of(transaction, resource))
        if not policies:
            return
        readings = {each["PolicyName"]: await asyncio.to_thread(self._read, each) for each in policies}
        await self._store.run(lambda transaction: self._apply(transaction, resource, policies, readings))

    def _read(self, policy: Document) -> list[float | None]:
        if policy["PolicyType"] == "StepScaling":
            return [*self._readings.breaches(policy["PolicyARN"])]
        return self._readings.tracked(
            policy["TargetTrackingScalingPolicyConfiguration"], policy["ResourceId"]
        )

    def _apply(
        self,
        transaction: Transaction,
        resource: str,
        policies: list[Document],
        readings: dict[str, list[float | None]],
    ) -> None:
        """Carry out what the policies ask for, as far as range, cooldowns and suspensions let it."""
        endpoint_name, variant = targets.names_of(resource)
        target = transaction.get(targets.KIND, resource)
        endpoint = transaction.get(documents.KIND, endpoint_name)
        if target is None or endpoint is None or endpoint["EndpointStatus"] != "InService":
            return
        count = api.count_of(endpoint, variant)
        wanted = decisions.within(_wanted(policies, readings, count), target)
        cooldowns = _cooldowns(policies)
        if wanted == count or decisions.held(target, count, wanted, cooldowns, transaction.now):
            return
        direction = "ScaleOut" if wanted > count else "ScaleIn"
        target["_Activity"] = target.get("_Activity", {}) | {direction: transaction.now}
        transaction.put(targets.KIND, resource, target)
        api.set_count(self._context(transaction), endpoint, variant, wanted)


def _wanted(policies: list[Document], readings: dict[str, list[float | None]], count: int) -> int:
    tracking: list[int | None] = []
    steps: list[int] = []
    for policy in policies:
        seen = readings[policy["PolicyName"]]
        if policy["PolicyType"] == "StepScaling":
            config = policy["StepScalingPolicyConfiguration"]
            steps += [decisions.stepped(config, breach, count) for breach in seen if breach is not None]
        else:
            tracking += _tracked(policy["TargetTrackingScalingPolicyConfiguration"], seen, count)
    return decisions.chosen(count, tracking, steps)


def _tracked(config: Document, seen: list[float | None], count: int) -> list[int | None]:
    """What the policy asks for; with "scale in is disabled" a policy that does not scale out has no say."""
    wanted = decisions.tracked(seen, config["TargetValue"], count)
    is_out = wanted is not None and wanted > count
    return [wanted] if is_out or not config.get("DisableScaleIn") else []


def _cooldowns(policies: list[Document]) -> dict[str, float]:
    """The longest of the policies holds."""
    return {way: max(_cooldown(each, way) for each in policies) for way in ("ScaleOut", "ScaleIn")}


def _cooldown(policy: Document, way: str) -> float:
    if policy["PolicyType"] == "StepScaling":
        return float(policy["StepScalingPolicyConfiguration"].get("Cooldown", _COOLDOWN_SECONDS))
    config = policy["TargetTrackingScalingPolicyConfiguration"]
    return float(config.get(f"{way}Cooldown", _COOLDOWN_SECONDS))
