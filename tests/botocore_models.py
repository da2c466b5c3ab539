"""What botocore makes anew for each session and client, and always alike, a process of tests makes once: AWS's service
models are megabytes of JSON, and a session takes longer to make than most planes of a test live.
"""

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any, TypeVar

import botocore.session
from botocore import endpoint_provider, hooks
from botocore.client import ClientCreator
from botocore.hooks import EventAliaser, NodeList
from botocore.model import ServiceModel

T = TypeVar("T")
_create_methods = ClientCreator._create_methods
_rules_of = endpoint_provider.RuleSet
_accepts_kwargs = hooks.accepts_kwargs
_begin_alone = EventAliaser.__init__
_names: dict[str, str] = {}  # of events, which every session spells alike
_made: dict[tuple[object, int], tuple[Any, Any]] = {}


def set_up() -> None:
    """Sessions share one loader, which keeps what it has read, as the clients of one session do."""
    botocore.session.create_loader = cache(botocore.session.create_loader)
    ClientCreator._load_service_model = _model
    ClientCreator._create_methods = _methods
    endpoint_provider.RuleSet = _rules  # type: ignore[misc, assignment]
    hooks.accepts_kwargs = _takes_names
    EventAliaser.__init__ = _begin
    hooks._PrefixTrie._recursive_copy = _copied


def _once(what: object, made_of: Any, make: Callable[[], T]) -> T:
    """What is made of an object that stays: it is kept with what was made, so that no other gets its id."""
    key = what, id(made_of)
    if key not in _made:
        _made[key] = made_of, make()
    return _made[key][1]  # type: ignore[no-any-return]


def _model(self: ClientCreator, service_name: str, api_version: str | None = None) -> ServiceModel:
    """A service's model, with the shapes that were looked up in it."""
    described = self._loader.load_service_model(service_name, "service-2", api_version=api_version)
    return _once(ServiceModel, described, lambda: ServiceModel(described, service_name=service_name))


def _methods(self: ClientCreator, model: ServiceModel) -> dict[str, Any]:
    """A client's methods, which hang on the model alone: a client of SageMaker's has 400."""
    return dict(_once(_methods, model._service_description, lambda: _create_methods(self, model)))


def _rules(rules: list[Any], partitions: Any, **others: Any) -> Any:
    """How a service's address is found."""
    return _once(_rules, rules, lambda: _rules_of(rules=rules, partitions=partitions, **others))


def _takes_names(handler: Any) -> Any:
    """Of a function, which does not change; a method is another object with each that it is of."""
    function = getattr(handler, "__func__", handler)
    return _of_function(function) if isinstance(function, FunctionType) else _accepts_kwargs(handler)


_of_function = cache(_accepts_kwargs)


def _begin(self: EventAliaser, *parts: Any) -> None:
    """With the names that others have looked up."""
    _begin_alone(self, *parts)
    self._alias_name_cache = _names


def _copied(trie: Any, node: dict[str, Any]) -> dict[str, Any]:
    """The handlers of all events, which a client gets for its own: copied by type, not by asking each what it is."""
    return {key: _copy_of(trie, value) for key, value in node.items()}


def _copy_of(trie: Any, value: Any) -> Any:
    if isinstance(value, NodeList):
        return NodeList(*map(list, value))
    return _copied(trie, value) if isinstance(value, dict) else value
