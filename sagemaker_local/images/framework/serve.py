"""The program `serve FRAMEWORK`: the user's handler functions behind /invocations."""

import os
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagemaker_local.images import layout
from sagemaker_local.images.framework.code import CodeError, load_module
from sagemaker_local.images.framework.handlers import Handlers, Predict, load_handlers
from sagemaker_local.images.server import Answer, Request, serve


def _predict(data: Any, model: Any) -> Any:
    return model.predict(data)


def _predict_tensor(data: Any, model: Any) -> Any:
    import torch

    with torch.no_grad():
        return model.eval()(torch.as_tensor(data, dtype=torch.float32)).cpu().numpy()


@dataclass(frozen=True)
class Framework:
    """program: the script that serves when SAGEMAKER_PROGRAM names none."""

    program: str | None
    predict: Predict


FRAMEWORKS: Mapping[str, Framework] = {
    "sklearn": Framework(program=None, predict=_predict),
    "pytorch": Framework(program="inference.py", predict=_predict_tensor),
}


def main() -> int:
    """Serve until SIGTERM; 1 when code or model cannot be loaded."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the server has its own
    framework = FRAMEWORKS[sys.argv[1]]
    try:
        module = load_module(framework.program)
        handlers = load_handlers(module, layout.base() / "model", framework.predict)
    except CodeError as error:
        print(f"serving failed: {error}", file=sys.stderr)
        return 1
    serve(lambda request: invoke(handlers, request))
    return 0


def invoke(handlers: Handlers, request: Request) -> Answer:
    """The handlers' answer. An exception is 500, or its own `status_code` as in the toolkits' errors."""
    try:
        return handlers.answer(request)
    except Exception as error:
        traceback.print_exc()
        status = getattr(error, "status_code", None)
        text = f"{type(error).__name__}: {error}"
        return Answer(status if isinstance(status, int) and 400 <= status < 600 else 500, text.encode())
