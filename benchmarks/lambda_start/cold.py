"""One cold start of a function, in a process of its own: `python cold.py FOLDER...`. Standard library alone."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from types import ModuleType

JOINED = "switchyard.runtime.wiring."


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


if __name__ == "__main__":
    print(json.dumps(start(sys.argv[1:])))
