"""State StartProgram: the owner's program reads both models' answers in a job, whose event answers the token."""

from switchyard.core.run import Run
from switchyard.runtime.entry import Event
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.evaluation import owner_program


@entry
def handler(event: Event) -> None:
    owner_program().start(Run.from_dict(event["run"]), event["token"])
