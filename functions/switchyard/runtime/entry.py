"""What every handler is wrapped in: structured logs, metrics, and errors with the names that the machines retry on."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from switchyard.core.errors import TransientError
from switchyard.runtime.transient import is_transient

logger = Logger()
metrics = Metrics()

Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]


def handler(function: Callable[[Event], Any]) -> Handler:
    """Makes a Lambda handler of a function that takes the event and answers something JSON can hold."""

    @logger.inject_lambda_context(clear_state=True)
    @wraps(function)
    def handle(event: Event, context: Any) -> Any:  # noqa: ARG001 powertools reads it
        run = event.get("run") if isinstance(event, dict) else None
        if isinstance(run, dict):
            logger.append_keys(run_id=run.get("run_id"), model=run.get("model"))
        try:
            return function(event)
        except Exception as error:
            if not is_transient(error):
                raise
            logger.exception("a call failed")
            raise TransientError(f"{type(error).__name__}: {error}") from error
        finally:
            if metrics.provider.metric_set:
                metrics.flush_metrics()

    handled: Handler = handle
    return handled
