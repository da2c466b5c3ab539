"""AWS's service models are megabytes of JSON: a process reads each once, and makes the methods of its clients once,
however many sessions its tests begin.
"""

from functools import cache
from typing import Any

import botocore.session
from botocore.client import ClientCreator
from botocore.hooks import EventAliaser
from botocore.model import ServiceModel

_create_methods = ClientCreator._create_methods
_copy_aliaser = EventAliaser.__copy__
_made: dict[
    int, tuple[Any, dict[str, Any]]
] = {}  # with the model that an id belongs to, so that it stays one


def set_up() -> None:
    """Sessions share one loader, which keeps what it has read, as the clients of one session do."""
    botocore.session.create_loader = cache(botocore.session.create_loader)
    ClientCreator._create_methods = _methods
    EventAliaser.__copy__ = _with_names


def _methods(self: ClientCreator, model: ServiceModel) -> dict[str, Any]:
    """A client's methods, which hang on the model alone: a client of SageMaker's has 400."""
    described = model._service_description
    if id(described) not in _made:
        _made[id(described)] = described, _create_methods(self, model)
    return dict(_made[id(described)][1])


def _with_names(self: EventAliaser) -> EventAliaser:
    """A copy, one for each client, that knows the names that were looked up before."""
    copied = _copy_aliaser(self)
    copied._alias_name_cache = self._alias_name_cache
    return copied
