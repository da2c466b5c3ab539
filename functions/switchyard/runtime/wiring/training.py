"""What prepares a dataset and trains, joined with what it needs."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.config.snapshot import Snapshots
from switchyard.runtime import adapters
from switchyard.runtime.wiring.core import waiting

if TYPE_CHECKING:
    from switchyard.core.ports import HasChampion, Storage
    from switchyard.training.dataset_job import DatasetJob
    from switchyard.training.dataset_order import Order
    from switchyard.training.prepare_dataset import PrepareDataset
    from switchyard.training.prepare_run import PrepareRun
    from switchyard.training.start_training import StartTraining


@cache
def prepare_run() -> "PrepareRun":
    from switchyard.training.dataset_order import DatasetAnswers
    from switchyard.training.prepare_run import PrepareRun

    answers = DatasetAnswers(adapters.artifacts())
    return PrepareRun(adapters.snapshots(), answers, prepare_dataset(adapters.artifacts(), adapters.ledger()))


def dataset_job(order: "Order") -> "DatasetJob":
    """What a dataset job runs: it has no ledger, and is told of the champion."""
    from switchyard.intake.check_dataset import DatasetCheck
    from switchyard.training.dataset_job import DatasetJob
    from switchyard.training.dataset_order import Told

    data, artifacts = (adapters.large_bucket(name) for name in ("DATA_BUCKET", "ARTIFACT_BUCKET"))
    check = DatasetCheck(data, Snapshots(artifacts), adapters.forms())
    return DatasetJob(data, artifacts, check, prepare_dataset(artifacts, Told(order)))


def prepare_dataset(artifacts: "Storage", champions: "HasChampion") -> "PrepareDataset":
    from switchyard.training.cross_validation_rows import Folding
    from switchyard.training.distributions import Distributions
    from switchyard.training.prepare_dataset import PrepareDataset

    snapshots = Snapshots(artifacts)
    distributions = Distributions(artifacts, champions)
    folding = Folding(artifacts, snapshots, champions)
    return PrepareDataset(artifacts, snapshots, distributions, folding, adapters.forms())


@cache
def start_training() -> "StartTraining":
    from switchyard.training.start_training import StartTraining

    return StartTraining(
        adapters.settings()["PREFIX"],
        adapters.artifacts(),
        adapters.control(),
        adapters.snapshots(),
        waiting(),
    )
