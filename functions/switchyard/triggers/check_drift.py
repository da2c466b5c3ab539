"""Drift's part: at every tick the live input of each champion is held against what it was trained on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from switchyard.config.pipeline_file import pipeline_text, possible_models
from switchyard.config.rules.trigger_policy import DriftPolicy
from switchyard.config.snapshot import distribution_key
from switchyard.core.champion import Champion
from switchyard.core.ledger.each_model import go_round
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.ports import Clock, Item, Messages, Storage
from switchyard.core.resources.captured import folder, hours, read_inputs, text_of
from switchyard.training.rules.distribution import InputDistribution
from switchyard.triggers.rules.drift import drift_of
from switchyard.triggers.rules.request import Cause, Request

MOST_ROWS = 20_000  # the newest; more would say nothing new
NAMED_FEATURES = 5
HOUR = 3600.0


@dataclass(frozen=True)
class CheckDrift:
    """CheckDrift. The request goes out before the note is taken: a repeat is the same request, and so one run."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    requests: Messages
    clock: Clock

    def tick(self) -> list[str]:
        """Goes through every model; answers what was found, a line each."""
        return go_round(possible_models(self.artifacts), self._tick, "not looked at, {error}").said

    def _tick(self, model: str) -> list[str]:
        from switchyard.config import door  # pydantic: loaded where a file is read

        declared = pipeline_text(self.artifacts, model)
        policy = door.triggers(model, declared).drift if declared is not None else None
        champion = self.ledger.champion(model)
        if policy is None or champion is None:
            return []
        note = self.ledger.trigger(model, Cause.DRIFT) or {}
        if self.clock() < float(note.get("until", 0.0)):
            return []
        return [f"{model}: {self._look(model, champion, policy, note)}"]

    def _look(self, model: str, champion: Champion, policy: DriftPolicy, note: Item) -> str:
        rows = self._live_rows(model, champion, policy)
        if len(rows) < policy.minimum_rows:
            return f"{len(rows)} live rows, {policy.minimum_rows} are needed to tell"
        found = drift_of(self._baseline(model, champion), rows)
        over = [f"{name} {value:.2f}" for name, value in found if value > policy.threshold]
        if not over:
            return f"no drift in {len(rows)} live rows; the largest PSI is {found[0][1]:.2f}" if found else ""
        more = f" and {len(over) - NAMED_FEATURES} more" if len(over) > NAMED_FEATURES else ""
        named = ", ".join(over[:NAMED_FEATURES])
        why = f"drift in {len(rows)} live rows: PSI of {named}{more}; {policy.threshold:g} is the limit"
        identity = f"{champion.run_id} {note.get('until', '')}"
        self.requests.send(Request(model, Cause.DRIFT, identity, always=True, why=why).to_dict())
        until = self.clock() + policy.cooldown_hours * HOUR
        self.ledger.save_trigger(model, Cause.DRIFT, {"until": str(until), "said": why[:1000]})
        return why

    def _baseline(self, model: str, champion: Champion) -> InputDistribution:
        return InputDistribution.from_dict(
            json.loads(self.artifacts.read(distribution_key(model, champion.run_id)))
        )

    def _live_rows(self, model: str, champion: Champion, policy: DriftPolicy) -> list[list[str]]:
        rows: list[list[str]] = []
        for line in self._captured(model, champion, policy):
            rows += read_inputs(line)
            if len(rows) >= MOST_ROWS:
                break
        return rows

    def _captured(self, model: str, champion: Champion, policy: DriftPolicy) -> Iterator[str]:
        """Captured requests of the champion, the newest files first."""
        now = self.clock()
        endpoint = Names(self.prefix, model, champion.run_id).endpoint
        for hour in reversed(list(hours(now - policy.window_hours * HOUR, now + 1))):
            files = self.artifacts.list(folder(endpoint, champion.variant, hour))
            for item in sorted(files, key=lambda each: each.modified_at, reverse=True):
                yield from text_of(self.artifacts.lines(item.key))
