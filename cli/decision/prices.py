"""Money before a run: the same estimate and the same prices as admission's, for `switchyard plan`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cli.stack.errors import StackError
from cli.stack.stack import Stack
from switchyard.config.door import parse
from switchyard.config.own_prices import read_prices
from switchyard.config.rules.prices import US_EAST_1, Prices
from switchyard.core.data.target import LabelStatistics
from switchyard.core.pipeline import Budget, Pipeline
from switchyard.spending.rules.budget import month_of, objection
from switchyard.spending.rules.cost import Estimate, estimate

ANY_LABELS = LabelStatistics(2, {0.0, 1.0})  # money does not ask what the labels are


@dataclass(frozen=True)
class Money:
    """spent: of the model's runs this month, where a stack could be asked; None: there is none."""

    estimate: Estimate
    budget: Budget
    month: str
    spent: float | None
    prices: Prices

    @property
    def objection(self) -> str:
        """What admission would say now; without a stack nothing is spent yet."""
        return objection(self.budget, self.estimate, self.spent or 0.0, self.month)

    @property
    def left(self) -> float | None:
        """Of the month; None without a monthly budget, or when what is spent is not known."""
        if self.budget.monthly_usd is None or self.spent is None:
            return None
        return max(0.0, self.budget.monthly_usd - self.spent)

    def to_dict(self) -> dict[str, Any]:
        facts = {"month": self.month, "spent_usd": self.spent, "left_usd": self.left}
        return {**self.estimate.to_dict(), **facts, "refused": self.objection}


def prices_of(own: Path | None) -> Prices:
    """InvalidPipelineError when the owner's file is no price list."""
    return US_EAST_1 if own is None else read_prices(own.read_bytes(), str(own))


def pipeline_of(document: Mapping[str, Any]) -> Pipeline:
    """InvalidPipelineError names what admission would refuse."""
    return parse(str(document.get("name", "")), yaml.safe_dump(dict(document)), ANY_LABELS)


def money_of(pipeline: Pipeline, own: Path | None) -> Money:
    """By the model's last runs on the running stack; without a stack, or past runs, by what is declared."""
    month = month_of(time.time())
    try:
        stack = Stack.load()
    except StackError:
        prices = prices_of(own)
        return Money(estimate(pipeline, True, (), prices), pipeline.budget, month, None, prices)
    return _asked(stack, pipeline, own, month)


def _asked(stack: Stack, pipeline: Pipeline, own: Path | None, month: str) -> Money:
    from switchyard.aws.items import DynamoItems
    from switchyard.aws.storage import S3Storage
    from switchyard.config.snapshot import Snapshots
    from switchyard.core.ledger.ledger import Ledger
    from switchyard.spending.run_budget import RunBudget

    artifacts = S3Storage(stack.client("s3"), stack.output("ArtifactBucketName"))
    ledger = Ledger(DynamoItems(stack.client("dynamodb"), stack.output("LedgerTableName")), time.time)
    budgeting = RunBudget(ledger, artifacts, Snapshots(artifacts), time.time)
    prices = budgeting.prices() if own is None else prices_of(own)
    found = budgeting.estimate(pipeline, pipeline.name, prices)
    return Money(found, pipeline.budget, month, budgeting.spent(pipeline.name, month), prices)
