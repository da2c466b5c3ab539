"""Run states, as the pipeline names them."""

from __future__ import annotations

from switchyard.core.ledger.retirement import RETIRED
from switchyard.core.run import RunState


def is_terminal(state: str) -> bool:
    """True once a run, or an upload, has ended in whatever way."""
    return state == RETIRED or RunState(state).is_terminal
