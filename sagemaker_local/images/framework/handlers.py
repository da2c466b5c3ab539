"""The handler functions of a framework's serving script, with the toolkits' defaults for those it leaves out."""

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sagemaker_local.images.framework.code import CodeError
from sagemaker_local.images.framework.formats import TEXT_TYPES, decode, encode
from sagemaker_local.images.server import Answer, Request

Predict = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Handlers:
    """`transform(model, data, content_type, accept)` answers a request: a body, or (body, media type)."""

    model: Any
    transform: Callable[..., Any]

    def answer(self, request: Request) -> Answer:
        """One invocation; raises what the user's code raises."""
        default = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json")
        accept = request.accept if request.accept not in ("", "*/*") else default
        content_type = request.content_type or "application/json"
        data = request.body.decode("utf-8") if content_type in TEXT_TYPES else request.body
        result = self.transform(self.model, data, content_type, accept)
        body, media_type = result if isinstance(result, tuple) else (result, accept)
        return Answer(200, body.encode() if isinstance(body, str) else bytes(body), media_type)


def load_handlers(module: ModuleType, model_dir: Path, predict: Predict) -> Handlers:
    """Load the model by the module's `model_fn`. Raises CodeError when there is none, or too many functions."""
    given = {name: getattr(module, name) for name in _NAMES if hasattr(module, name)}
    if "model_fn" not in given:
        raise CodeError(f"{module.__name__} has no model_fn(model_dir): it must load the model")
    parts = sorted(set(given) & {"input_fn", "predict_fn", "output_fn"})
    if "transform_fn" in given and parts:
        raise CodeError(
            f"{module.__name__} has transform_fn beside {', '.join(parts)}: give the one or the others"
        )
    model = _call(given["model_fn"], str(model_dir))
    return Handlers(model, given.get("transform_fn") or _chain(given, predict))


def _chain(given: dict[str, Callable[..., Any]], predict: Predict) -> Callable[..., Any]:
    read, write = given.get("input_fn", decode), given.get("output_fn", encode)
    think = given.get("predict_fn", predict)

    def transform(model: Any, data: Any, content_type: str, accept: str) -> Any:
        return _call(write, _call(think, _call(read, data, content_type), model), accept)

    return transform


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    """PyTorch's toolkit hands a context to handlers that take one more argument; here it is None."""
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return function(*arguments, None)
    return function(*arguments)


_NAMES = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")
