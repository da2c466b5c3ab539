"""AWS's service models are megabytes of JSON: a process reads each once, however many sessions its tests begin."""

from functools import cache

import botocore.session


def set_up() -> None:
    """Sessions share one loader, which keeps what it has read, as the clients of one session do."""
    botocore.session.create_loader = cache(botocore.session.create_loader)
