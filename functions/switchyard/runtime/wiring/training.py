"""What prepares a dataset and trains, joined with what it needs."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters
from switchyard.runtime.wiring.core import waiting

if TYPE_CHECKING:
    from switchyard.training.prepare_dataset import PrepareDataset
    from switchyard.training.start_training import StartTraining


@cache
def prepare_dataset() -> "PrepareDataset":
    from switchyard.training.cross_validation_rows import Folding
    from switchyard.training.distributions import Distributions
    from switchyard.training.prepare_dataset import PrepareDataset

    distributions = Distributions(adapters.artifacts(), adapters.ledger())
    folding = Folding(adapters.artifacts(), adapters.snapshots(), adapters.ledger())
    return PrepareDataset(
        adapters.artifacts(), adapters.snapshots(), distributions, folding, adapters.forms()
    )


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
