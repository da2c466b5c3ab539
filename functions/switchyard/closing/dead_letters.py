"""Messages that no function could handle: a fault of ours, so each becomes a record that says so."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from switchyard.core.data.outside import outside
from switchyard.core.errors import InvalidInputError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import is_model_name
from switchyard.core.ports import DeadLetters, Notices
from switchyard.core.run import RunState
from switchyard.intake.strays import NO_MODEL

AT_ONCE = 100  # a sweep; the next one comes in 15 minutes
REASON = (
    "the pipeline failed on it in every try, by a fault of its own: the log of the function that read it says how; "
    "drop it again once that is mended"
)


@dataclass(frozen=True)
class DrainDeadLetters:
    """The record first, then the message goes: a sweep that breaks off in between writes the same record again."""

    ledger: Ledger
    letters: DeadLetters
    notices: Notices
    data_bucket: str

    def drain(self) -> Iterator[str]:
        """A line for each."""
        for _ in range(AT_ONCE):
            letter = self.letters.receive()
            if letter is None:
                return
            said = self._record(letter.body)
            self.letters.delete(letter.receipt)
            yield said

    def _record(self, body: str) -> str:
        try:
            with outside("the message"):
                key = str(json.loads(body)["detail"]["object"]["key"])
        except InvalidInputError:
            said = f"a message that no function could handle was dropped: {body[:200]!r}"
            self.notices.tell("a message could not be handled", said)
            return said
        model = key.split("/", 1)[0]
        model = model if is_model_name(model) else NO_MODEL
        source = f"s3://{self.data_bucket}/{key}"
        self.ledger.record_upload(model, f"{key}#dead", source, RunState.FAILED, REASON)
        self.notices.tell(f"{model}: an upload could not be handled", f"{source}: {REASON}")
        return f"{source}: FAILED, {REASON}"
