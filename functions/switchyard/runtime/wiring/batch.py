"""Batch drops, joined with what they need."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters
from switchyard.runtime.wiring.core import waiting
from switchyard.runtime.wiring.spending import capacity

if TYPE_CHECKING:
    from switchyard.batch.admit_batch import AdmitBatch
    from switchyard.batch.compare_drop import CompareDrop
    from switchyard.batch.settle_batch import SettleBatch
    from switchyard.batch.transform_drop import TransformDrop


@cache
def compare_drop() -> "CompareDrop":
    from switchyard.batch.compare_drop import CompareDrop

    return CompareDrop(
        adapters.ledger(), adapters.bucket("DATA_BUCKET"), adapters.artifacts(), adapters.snapshots()
    )


@cache
def admit_batch() -> "AdmitBatch":
    from switchyard.batch.admit_batch import AdmitBatch

    return AdmitBatch(
        adapters.ledger(),
        adapters.bucket("DATA_BUCKET"),
        adapters.artifacts(),
        adapters.snapshots(),
        adapters.executions(),
        adapters.forms(),
    )


@cache
def transform_drop() -> "TransformDrop":
    from switchyard.batch.transform_drop import TransformDrop

    return TransformDrop(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
    )


@cache
def settle_batch() -> "SettleBatch":
    from switchyard.batch.settle_batch import SettleBatch

    return SettleBatch(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.control(),
        adapters.executions(),
        capacity(),
    )
