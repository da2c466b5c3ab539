"""What every handler is wrapped in: structured logs, metrics, and errors with the names that the machines retry on."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from botocore.exceptions import ClientError, HTTPClientError

from switchyard.core.errors import TransientError

logger = Logger()
metrics = Metrics()

THROTTLED = (
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "SlowDown",
)

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
        except (ClientError, HTTPClientError) as error:
            logger.exception("a call failed")
            if _is_transient(error):
                raise TransientError(str(error)) from error
            raise
        finally:
            if metrics.provider.metric_set:
                metrics.flush_metrics()

    handled: Handler = handle
    return handled


def _is_transient(error: ClientError | HTTPClientError) -> bool:
    if isinstance(error, HTTPClientError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or error.response["Error"]["Code"] in THROTTLED
