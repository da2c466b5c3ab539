"""The program `train`: exit code 0 and /opt/ml/model/xgboost-model, or 1 and the reason in /opt/ml/output/failure."""

import os
import signal
import sys
import traceback
from collections.abc import Mapping
from types import FrameType
from typing import Any

from sagemaker_local.images import layout
from sagemaker_local.images.xgboost_algorithm.errors import UserError

MODEL_NAME = "xgboost-model"


def main() -> int:
    """Train once."""
    # Read by OpenMP when XGBoost loads: threads that spin while they wait slow a shared machine twentyfold.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        _train()
    except UserError as error:
        print(f"ERROR:sagemaker-xgboost:{error}", file=sys.stderr)
        layout.write_failure(f"framework error: \nUserError: {error}")
        return 1
    except Exception as error:
        traceback.print_exc()
        layout.write_failure(f"framework error: \n{type(error).__name__}: {error}")
        return 1
    return 0


def _train() -> None:
    from sagemaker_local.images.xgboost_algorithm.channels import read_channels
    from sagemaker_local.images.xgboost_algorithm.checkpoints import Checkpoints
    from sagemaker_local.images.xgboost_algorithm.cluster import any_host, cluster
    from sagemaker_local.images.xgboost_algorithm.fit import fit
    from sagemaker_local.images.xgboost_algorithm.hyperparameters import read_hyperparameters

    given: Mapping[str, str] = layout.configuration("hyperparameters")
    _check_mode(given)
    hyperparameters = read_hyperparameters(given)
    declared: Mapping[str, Any] = layout.configuration("inputdataconfig")
    matrices = read_channels(layout.base() / "input" / "data", declared, hyperparameters.csv_weights)
    stop = _StopSignal()
    with cluster(layout.configuration("resourceconfig")) as saves:
        checkpoints = Checkpoints.of(layout.configuration("checkpointconfig"), layout.base())
        booster = fit(hyperparameters, matrices, checkpoints, lambda: any_host(stop.is_set()))
    if not saves:
        return
    if stop.is_set() and not hyperparameters.save_model_on_termination:
        print("INFO:sagemaker-xgboost:stopped; save_model_on_termination is not 'true': no model is saved")
        return
    folder = layout.base() / "model"
    folder.mkdir(parents=True, exist_ok=True)
    # XGBoost's own UBJSON, which holds numbers and never code; the name has no suffix to say so.
    (folder / MODEL_NAME).write_bytes(booster.save_raw("ubj"))


def _check_mode(given: Mapping[str, str]) -> None:
    if "sagemaker_program" in given:
        raise UserError(
            "script mode (sagemaker_program) is not supported by the local sagemaker-xgboost image: leave the entry "
            "point out, or register an image of yours with its train program"
        )


class _StopSignal:
    """SIGTERM, remembered: a stopped job has 120 seconds."""

    def __init__(self) -> None:
        self._received = False
        signal.signal(signal.SIGTERM, self._receive)

    def is_set(self) -> bool:
        return self._received

    def _receive(self, _signal: int, _frame: FrameType | None) -> None:
        self._received = True
