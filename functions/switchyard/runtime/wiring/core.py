"""Waiting for SageMaker, decision records, and a ledger made anew of them: what many stations are joined with."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters
from switchyard.runtime.wiring.spending import capacity

if TYPE_CHECKING:
    from switchyard.config.champion_resources import ChampionResources
    from switchyard.core.decision_record import DecisionRecords
    from switchyard.core.ledger.rebuild import Rebuild
    from switchyard.core.registry import Registry
    from switchyard.core.waiting import Waiting


@cache
def waiting() -> "Waiting":
    from switchyard.core.waiting import Waiting

    return Waiting(adapters.ledger(), adapters.control(), adapters.tokens(), capacity())


@cache
def decision_records() -> "DecisionRecords":
    from switchyard.core.decision_record import DecisionRecords

    return DecisionRecords(adapters.ledger(), adapters.artifacts(), adapters.notices(), adapters.clock)


@cache
def champion_resources() -> "ChampionResources":
    from switchyard.config.champion_resources import ChampionResources

    return ChampionResources(
        adapters.settings()["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
    )


@cache
def registry() -> "Registry":
    from switchyard.core.registry import Registry

    return Registry(adapters.ledger(), adapters.control())


@cache
def rebuild() -> "Rebuild":
    from switchyard.core.ledger.rebuild import Rebuild

    return Rebuild(adapters.ledger(), adapters.artifacts())
