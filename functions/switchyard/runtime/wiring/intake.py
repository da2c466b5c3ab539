"""Admission of datasets, joined with what it needs."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters
from switchyard.runtime.settings import Settings
from switchyard.runtime.wiring.core import decision_records, rebuild
from switchyard.runtime.wiring.spending import run_budget

if TYPE_CHECKING:
    from switchyard.intake.admission import Admission
    from switchyard.intake.run_queue import RunQueue
    from switchyard.intake.stray_objects import Strays


@cache
def strays() -> "Strays":
    from switchyard.intake.stray_objects import Strays

    return Strays(adapters.ledger(), adapters.bucket("DATA_BUCKET"))


@cache
def run_queue() -> "RunQueue":
    from switchyard.intake.run_queue import RunQueue

    return RunQueue(
        adapters.ledger(), adapters.executions(), adapters.snapshots(), run_budget(), decision_records()
    )


@cache
def admission() -> "Admission":
    from switchyard.intake.admission import Admission
    from switchyard.intake.check_dataset import DatasetCheck
    from switchyard.intake.owner_code import OwnerCode

    data, own = adapters.bucket("DATA_BUCKET"), adapters.settings()
    return Admission(
        adapters.ledger(),
        data,
        adapters.artifacts(),
        run_queue(),
        DatasetCheck(data, adapters.snapshots(), adapters.forms()),
        OwnerCode(adapters.artifacts()),
        rebuild(),
        region=own.environment.get("AWS_REGION", ""),  # Lambda sets it
        account=adapters.account(),
        blind_seconds=own.number("METRIC_PERIOD_SECONDS") + own.number("METRIC_LAG_SECONDS"),
        least_large_bytes=_least_large_bytes(own),
    )


def _least_large_bytes(own: Settings) -> int:
    """0 where the stack has no image that could read what is large. Functions that admit alone are told."""
    megabytes = float(own.environment.get("LARGE_DATASET_MEGABYTES", "0"))
    return round(megabytes * 1024**2) if own.environment.get("DATASET_IMAGE") else 0
