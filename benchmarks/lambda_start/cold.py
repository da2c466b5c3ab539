"""One cold start of a function, in a process of its own: `python cold.py FOLDER...`. Standard library alone."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from collections.abc import Sequence
from types import ModuleType

JOINED, CLIENT = "switchyard.runtime.wiring.", ("switchyard.runtime.clients", "Client")


def start(folders: Sequence[str]) -> dict[str, list[str]]:
    """Imports `handler`, which the first folder has, and makes what its first event would need, clients before all.

    Answers the modules that were there after the import, and those that came then.
    """
    sys.path[:0] = folders
    before = set(sys.modules)
    handler = importlib.import_module("handler")
    imported = set(sys.modules) - before
    _make(handler)
    return {"imported": sorted(imported), "made": sorted(set(sys.modules) - before - imported)}


def _make(handler: ModuleType) -> None:
    for each in list(vars(handler).values()):
        if getattr(each, "__module__", "").startswith(JOINED):
            each()
    _ask_each_client()


def _ask_each_client() -> None:
    """Makes the clients that the use cases hold, as a first event would that needs them all; of the services in CLIENTS
    alone, where it is set: those that the function's role lets it ask.
    """
    services = os.environ.get("CLIENTS")
    held = [each for each in gc.get_objects() if (type(each).__module__, type(each).__name__) == CLIENT]
    for each in held:
        if services is None or each._service in services.split():
            _ = each.meta


if __name__ == "__main__":
    print(json.dumps(start(sys.argv[1:])))
