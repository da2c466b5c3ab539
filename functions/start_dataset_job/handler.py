"""State StartDatasetJob: a processing job checks and prepares a dataset that is more than a Lambda should do; its event
answers the token.
"""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.training import start_training


@entry
def handler(event: Event) -> None:
    start_training().start_dataset_job(Run.from_dict(event["run"]), event["token"])
