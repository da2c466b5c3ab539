"""A run that has ended moves no traffic, whoever is still at work for it."""

from switchyard.core.errors import RunEndedError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.run import Run, RunState


def refuse_ended(ledger: Ledger, run: Run) -> None:
    """Whoever stops an execution does not stop the function that is at work for it, which would give traffic to a run
    that has been settled meanwhile: it looks here right before each change of an endpoint.
    """
    state = ledger.state(run.model, run.run_id)
    if state is RunState.RESTORING or (state is not None and state.is_terminal):
        raise RunEndedError(f"{run.run_id} is {state}: its execution was stopped; drop the dataset again")
