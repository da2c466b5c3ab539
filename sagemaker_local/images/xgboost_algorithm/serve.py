"""The program `serve`: the one model file of /opt/ml/model behind /invocations."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sagemaker_local.images import layout
from sagemaker_local.images.server import Answer, Request, serve


class ModelError(Exception):
    """The model folder cannot be served."""


def main() -> int:
    """Serve until SIGTERM; 1 when the model cannot be loaded."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the server has its own
    try:
        booster = load(layout.base() / "model")
    except ModelError as error:
        print(f"ERROR:sagemaker-xgboost:{error}", file=sys.stderr)
        return 1
    serve(lambda request: invoke(booster, request))
    return 0


def load(folder: Path) -> Any:
    """The booster in the folder's model file, whatever its name. Raises ModelError."""
    import xgboost

    files = sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith("."))
    if not files:
        raise ModelError(f"Unable to load model: {folder} holds no file; expected xgboost-model")
    file = next((path for path in files if path.name == "xgboost-model"), files[0])
    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(file.read_bytes()))
    except (xgboost.core.XGBoostError, ValueError):
        raise ModelError(
            f"Unable to load model: {file.name} is not in a format of XGBoost's own (pickled models are not loaded)"
        ) from None
    booster.set_param("nthread", int(os.environ["OMP_NUM_THREADS"]))
    return booster


def invoke(booster: Any, request: Request) -> Answer:
    """Predict the rows of one request."""
    from sagemaker_local.images.xgboost_algorithm.formats import CSV, DECODERS, ENCODERS

    if not request.body.strip():
        return Answer(204)
    content_type, accept = request.content_type or CSV, _accepted(request.accept)
    if content_type not in DECODERS:
        return _refusal(415, f"Content-type {content_type} is not supported: send {', '.join(DECODERS)}")
    if accept not in ENCODERS:
        return _refusal(406, f"Accept type {accept} is not supported: ask for {', '.join(ENCODERS)}")
    try:
        rows = DECODERS[content_type](request.body, booster.num_features())
    except ValueError as error:
        return _refusal(
            415, f"Loading {content_type} data failed, please ensure data is in that format: {error}"
        )
    try:
        predictions = booster.inplace_predict(rows).tolist()
    except ValueError as error:
        return _refusal(400, f"Unable to evaluate payload provided: {error}")
    return Answer(200, ENCODERS[accept](predictions), accept)


def _accepted(accept: str) -> str:
    """ "Accept csv (default)": what the environment names is the default of callers who name nothing."""
    if accept in ("", "*/*"):
        return os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
    return accept


def _refusal(status: int, text: str) -> Answer:
    return Answer(status, text.encode())
