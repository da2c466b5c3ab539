"""The clock's part: at every tick each model's schedule is looked at, and what is due is asked for once.

One tick for all models, instead of a schedule in EventBridge for each:
docs/decisions/0007-one-tick-for-all-schedules.md.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from switchyard.config.pipeline_file import pipeline_key, pipeline_text, possible_models
from switchyard.config.rules.schedule import Schedule
from switchyard.core.ledger.each_model import go_round
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Clock, Item, Messages, Storage
from switchyard.triggers.rules.request import Cause, Request


@dataclass(frozen=True)
class RunSchedules:
    """RunSchedules. The request goes out before the moment is noted: a repeat is the same request, and so one run."""

    ledger: Ledger
    artifacts: Storage
    requests: Messages
    clock: Clock
    at_once: int = 1

    def tick(self) -> list[str]:
        """Goes through every model; answers what was done, a line each."""
        models = possible_models(self.artifacts)
        return go_round(models, self._tick, "not looked at, {error}", self.at_once).said

    def _tick(self, model: str) -> list[str]:
        from switchyard.config import door  # pydantic: loaded where a file is read

        key, declared = pipeline_key(model), pipeline_text(self.artifacts, model)
        written = next((item for item in self.artifacts.list(key) if item.key == key), None)
        if declared is None or written is None:
            return []
        triggers = door.triggers(model, declared)
        if triggers.schedule is None:
            self.ledger.forget_trigger(model, Cause.SCHEDULE)
            return []
        return self._look(model, triggers.schedule, triggers.always, written.modified_at)

    def _look(self, model: str, schedule: Schedule, always: bool, written_at: float) -> list[str]:
        known = self.ledger.trigger(model, Cause.SCHEDULE)
        if known is None or known["expression"] != schedule.expression:
            known = self._note(
                model, schedule.expression, written_at
            )  # a new one counts from when it was written
        due = schedule.due(float(known["last"]), self.clock())
        if due is None:
            return []
        moment = datetime.fromtimestamp(due, UTC).isoformat(timespec="seconds")
        why = f"{schedule.expression} was due at {moment}"
        self.requests.send(Request(model, Cause.SCHEDULE, moment, always=always, why=why).to_dict())
        self._note(model, schedule.expression, due)
        return [f"{model}: {why}"]

    def _note(self, model: str, expression: str, last: float) -> Item:
        note: Item = {"expression": expression, "last": str(last)}
        self.ledger.save_trigger(model, Cause.SCHEDULE, note)
        return note
