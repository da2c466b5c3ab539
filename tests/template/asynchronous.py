"""Which functions nobody waits for: events and queues call them, and only an alarm tells when they fail."""

from collections.abc import Iterator
from typing import Any

from tests.contract.cloudformation import functions


def sources(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(function, properties of the event) of every event source of a kind: SQS, Schedule, EventBridgeRule."""
    for name, function in functions().items():
        for event in function.get("Events", {}).values():
            if event["Type"] == kind:
                yield name, event["Properties"]


def asynchronous() -> list[str]:
    return sorted(name for name, function in functions().items() if function.get("Events"))


def timeout(function: str) -> int:
    from tests.contract.cloudformation import template

    default = template()["Globals"]["Function"]["Timeout"]
    return int(functions()[function].get("Timeout", default))
