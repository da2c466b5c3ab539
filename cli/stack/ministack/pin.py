"""The guard of every patch: MiniStack is still the one that the patch was written for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PINNED = "1.5.33"


class PatchError(SystemExit):
    """MiniStack is not the one these patches were written for."""

    def __init__(self, target: str) -> None:
        super().__init__(
            f"MiniStack {PINNED} was expected, and {target} is not as it was there. "
            "Pin it back in requirements/ministack.in, or renew the patches in cli/stack/ministack/."
        )


def taking(module: Any, name: str, *parameters: str) -> Callable[..., Any]:
    """The function `name` of a module of MiniStack, if it still takes these parameters."""
    function: Callable[..., Any] | None = getattr(module, name, None)
    code = getattr(function, "__code__", None)
    if function is None or code is None or not set(parameters) <= set(code.co_varnames[: code.co_argcount]):
        raise PatchError(f"{getattr(module, '__name__', module)}.{name}({', '.join(parameters)})")
    return function
