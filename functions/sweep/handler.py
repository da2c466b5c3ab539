"""Every 15 minutes, and by hand: what events lost is found and settled."""

from typing import Any

from switchyard.runtime import adapters
from switchyard.runtime.entry import Event, logger
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.closing import sweep

SECONDS = 200.0  # of the function's Timeout; the model whose turn it is then has the rest


@entry
def handler(event: Event) -> dict[str, Any]:
    """A schedule's event, {"ledger_lost": true} from whoever knows it, or {"dry_run": true}. Answers a line each.

    unfinished: there was no time for some models; the next sweep begins with them.
    """
    lost, dry = event.get("ledger_lost") is True, event.get("dry_run") is True
    done = sweep().sweep(ledger_lost=lost, dry_run=dry, until=adapters.clock() + SECONDS)
    logger.info("swept", extra={"done": done})
    return {"done": done, "unfinished": sweep().is_unfinished()}
