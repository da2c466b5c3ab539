"""The program `train`: exit code 0 and a model, or 1 and the reason in /opt/ml/output/failure."""

import csv
import json
import os
import sys
import traceback
from typing import TextIO

from container.layout import Layout
from container.training.errors import TrainingError

_FAILURE_LIMIT = 1024  # "SageMaker returns the first 1024 characters from this file as FailureReason"


def main() -> int:
    """Train once. Faults of the user end in one sentence, faults of this program also in a traceback."""
    csv.field_size_limit(1 << 30)  # a body or a file has its own limit
    _write_lines(sys.stdout)
    # Read by OpenMP when XGBoost loads: threads that spin while they wait slow a shared machine twentyfold.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    layout = Layout.from_environment()
    try:
        train(layout)
    except TrainingError as error:
        return _fail(layout, str(error))
    except Exception as error:
        traceback.print_exc()
        return _fail(layout, f"internal error: {type(error).__name__}: {error}")
    return 0


def train(layout: Layout) -> None:
    """Read hyperparameters and channels, fit, save. Raises TrainingError."""
    # Imported late: a SIGTERM that comes while XGBoost loads must already find someone listening.
    from container.training.stopping import StopRequest

    stop = StopRequest()
    stop.listen()

    from container.training.dataset import read_contract_channel, read_dataset, reader_of
    from container.training.hyperparameters import load_hyperparameters

    _check_hosts(layout)
    contract = read_contract_channel(layout)
    classes = len(contract.classes) if contract else 0
    hyperparameters = load_hyperparameters(layout.config / "hyperparameters.json", classes)
    reader = reader_of(contract)
    data = read_dataset(layout, reader, hyperparameters)

    # Only now does XGBoost load: what cannot be trained on is refused without it.
    from container.training.artifacts import save_model
    from container.training.cross_validation import Procedure, cross_validate, read_plan, save
    from container.training.fit import fit

    plan = read_plan(layout, data, reader, hyperparameters)
    save_model(layout.model, fit(hyperparameters, data, stop), hyperparameters, data)
    found = cross_validate(plan, Procedure(hyperparameters, data), stop) if plan else None
    if found is not None:
        save(layout, found)


def _check_hosts(layout: Layout) -> None:
    path = layout.config / "resourceconfig.json"
    hosts = json.loads(path.read_bytes()).get("hosts", []) if path.is_file() else []
    if len(hosts) > 1:
        raise TrainingError(f"{len(hosts)} instances given: this image trains on one, set InstanceCount to 1")


def _fail(layout: Layout, reason: str) -> int:
    print(f"training failed: {reason}", file=sys.stderr)
    layout.failure.parent.mkdir(parents=True, exist_ok=True)
    layout.failure.write_text(reason[:_FAILURE_LIMIT])
    return 1


def _write_lines(stream: TextIO) -> None:
    """Metrics are read from the log as they come, not when a buffer is full."""
    stream.reconfigure(line_buffering=True)  # type: ignore[attr-defined]
