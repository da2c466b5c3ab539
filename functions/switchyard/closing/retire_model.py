"""A model is taken out of service by its pipeline.yaml: `retire: true`. A file that is only gone takes nothing down.

What lies in the bucket stays, and so do registry packages and decision records.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from switchyard.config.pipeline_file import pipeline_key, pipeline_text
from switchyard.core.decision_record import DecisionRecords
from switchyard.core.errors import BusyError, InvalidPipelineError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.retirement import RETIRED, Retirement
from switchyard.core.ledger.sweep_finding import Finding
from switchyard.core.names import Names
from switchyard.core.ports import Control, Storage
from switchyard.core.resources.notice import notice
from switchyard.core.run import Outcome, Run, RunState
from switchyard.spending.rules.cost import NOTHING


@dataclass(frozen=True)
class RetireModel:
    """Each step is found by what is there, so a sweep that broke off is carried on by the next one."""

    prefix: str
    ledger: Ledger
    artifacts: Storage
    control: Control
    decision_records: DecisionRecords

    def findings(self, model: str) -> Iterator[Finding]:
        """What is left to do until nothing of the model costs money. Configs and models are reaping's."""
        if not self._is_wanted(model):
            return
        yield from self._waiting(model)
        busy, champion = self._under_way(model), self.ledger.champion(model)
        if busy:
            yield Finding(f"{model}: retires when {busy} has ended", lambda: "")
            return
        if champion is not None:
            what = f"{model}: pipeline.yaml says retire; its champion {champion.run_id} steps down"
            yield Finding(what, partial(self._step_down, model, champion.run_id))
        endpoint = Names(self.prefix, model, "").endpoint
        found = self.control.describe_endpoint(endpoint)
        if found is not None and found["EndpointStatus"] != "Deleting":
            what = f"{model}: retired; endpoint {endpoint} is to be deleted"
            yield Finding(what, partial(self._delete, model, endpoint))

    def vanished(self, model: str) -> Iterator[Finding]:
        """A champion without a pipeline.yaml: told every time, and left alone."""
        champion = self.ledger.champion(model)
        if champion is None or self.artifacts.exists(pipeline_key(model)):
            return
        what = (
            f"{model}: {self.artifacts.uri(pipeline_key(model))} is gone, and {champion.run_id} serves on; put "
            f"it back, or one that says `retire: true`"
        )
        yield Finding(what, lambda: what)

    def _is_wanted(self, model: str) -> bool:
        """A file that cannot be read retires nobody."""
        from switchyard.config import door  # pydantic: loaded where a file is read

        try:
            declared = pipeline_text(self.artifacts, model)
            return declared is not None and door.retires(model, declared)
        except InvalidPipelineError:
            return False

    def _under_way(self, model: str) -> str:
        """A run, or a batch drop that is scored with the model; "" when there is none."""
        batches = [
            i for i in self.ledger.opened(model, "BATCH#") if not RunState(str(i["state"])).is_terminal
        ]
        named = [str(item["sk"]).removeprefix("BATCH#") for item in batches]
        return self.ledger.active(model) or "".join(named[:1])

    def _waiting(self, model: str) -> Iterator[Finding]:
        waiting = self.ledger.waiting(model)
        if waiting is not None:
            run = Run.from_dict(json.loads(str(waiting["run"])))
            yield Finding(f"{run.run_id}: waits for a model that retires", partial(self._stop_waiting, run))

    def _stop_waiting(self, run: Run) -> str:
        reason = "the model was retired while this dataset waited"
        self.decision_records.close(run, Outcome(RunState.ABORTED, reason), {"weights": []}, NOTHING)
        self.ledger.clear_waiting(run.model, run.run_id)
        return f"{run.run_id}: ABORTED, {reason}"

    def _step_down(self, model: str, champion: str) -> str:
        """The record first: without it the sweep would make it champion again from its own."""
        retirement = Retirement(model, champion, self.decision_records.clock())
        body = json.dumps(retirement.to_dict(), indent=1, sort_keys=True).encode()
        self.artifacts.write(f"{model}/decisions/retired-{retirement.at:.0f}.json", body)
        self.ledger.retire(retirement)
        text = notice(f"{retirement.reason}.", "Its data, packages and records stay.")
        self.decision_records.notices.tell(f"{model}: {RETIRED}", text)
        return f"{model}: {retirement.reason}"

    def _delete(self, model: str, endpoint: str) -> str:
        with suppress(BusyError):  # it is changing: the next sweep deletes it
            self.control.delete_endpoint(endpoint)
            return f"{model}: retired; endpoint {endpoint} deleted"
        return ""
