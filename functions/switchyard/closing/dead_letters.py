"""Messages that no function could handle: a fault of ours, so each becomes a record that says so."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from switchyard.core.data.guarded_parse import outside
from switchyard.core.errors import InvalidInputError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.records import recorded_at
from switchyard.core.names import is_model_name
from switchyard.core.ports import DeadLetters, Notices
from switchyard.core.resources.notice import notice
from switchyard.core.run import RunState
from switchyard.intake.rules.dataset import parse_drop
from switchyard.intake.stray_objects import NO_MODEL

AT_ONCE = 100  # a sweep; the next one comes in 15 minutes
REASON = (
    "the pipeline failed on it in every try, by a fault of its own: the log of the function that read it says how; "
    "drop it again once that is corrected"
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
                event = json.loads(body)
                key, sent_at = str(event["detail"]["object"]["key"]), _seconds(event)
        except InvalidInputError:
            said = f"a message that no function could handle was dropped: {body[:200]!r}"
            text = notice(
                "No function could handle a message, and it was dropped.", f"It begins: {body[:200]!r}"
            )
            self.notices.tell("A message could not be handled", text)
            return said
        model = key.split("/", 1)[0]
        model = model if is_model_name(model) else NO_MODEL
        source = f"s3://{self.data_bucket}/{key}"
        known = self._on_record(model, key, sent_at)
        if known:
            return f"{source}: a message of it was given up; it is on record already, {known}"
        self.ledger.record_upload(model, f"{key}#dead", source, RunState.FAILED, REASON)
        text = notice(
            "The pipeline failed on this upload in every try, by a fault of its own.",
            "Next: see the log of the function that read it; drop it again once that is corrected.",
            f"Upload: {source}",
        )
        self.notices.tell(f"{model}: an upload could not be handled", text)
        return f"{source}: FAILED, {REASON}"

    def _on_record(self, model: str, key: str, sent_at: float | None) -> str:
        """What became of the upload since the message was sent, which may come twice; "" where that is not known."""
        drop = parse_drop(key) or parse_drop(key, under="batch")
        if drop is None or sent_at is None:
            return ""
        told = [each for each in self.ledger.uploads(model, drop.source) if recorded_at(each) >= sent_at]
        return max((str(each["state"]) for each in told if each["state"] != RunState.INCOMPLETE), default="")


def _seconds(event: Mapping[str, Any]) -> float | None:
    """The event's time, of whole seconds; None where it says none."""
    return datetime.fromisoformat(str(event["time"])).timestamp() if "time" in event else None
