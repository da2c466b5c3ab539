"""Retraining that no upload asked for: on the newest data there is, once a request, and never for nothing."""

from dataclasses import dataclass, replace

from switchyard.config.pipeline_json import pipeline_from_json, pipeline_to_json
from switchyard.core.errors import InvalidDatasetError, InvalidInputError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Clock, Storage
from switchyard.core.run import Run, RunState
from switchyard.intake.admission import TRIED_AGAIN, Admission
from switchyard.intake.rules.dataset import parse_drop
from switchyard.triggers.rules.request import Answer, Request

JUDGED = frozenset(state for state in RunState if state.is_terminal) - set(TRIED_AGAIN)


@dataclass(frozen=True)
class Retraining:
    """What AdmitDataset does with a request. Safe to repeat: a request's run has a name of its own."""

    ledger: Ledger
    artifacts: Storage
    admission: Admission
    clock: Clock

    def retrain(self, request: Request) -> Answer:
        """The run that does what was asked: a new one, or one that is under way on the same data. None, with the
        reason, when the data cannot be used or has been judged already.
        """
        known = self.ledger.state(request.model, request.run_id)
        if known is not None:
            return self._started(self.ledger.run(request.model, request.run_id), "asked for before")
        try:
            last = self._newest(request)
            state = self.ledger.state(last.model, last.run_id)
            if state is not None and not state.is_terminal:
                return Answer(last.run_id, f"{state} already, on the same data")
            return self._again(request, last, state)
        except InvalidInputError as error:
            return Answer("", f"INVALID: {error}")

    def _newest(self, request: Request) -> Run:
        """The last run of the newest dataset, or of the one that was named; first it is admitted, if need be."""
        if request.key:
            return self._run_of(request)
        self.admission.admit_unseen(request.model)
        runs = self.ledger.runs(request.model)
        if not runs:
            raise InvalidDatasetError(
                f"model {request.model} has no dataset yet; drop one under "
                f"{self.admission.data.uri(f'{request.model}/train/')}"
            )
        newest = max(runs, key=lambda item: float(item["arrived_at"]))
        return self.ledger.run(request.model, str(newest["run_id"]))

    def _run_of(self, request: Request) -> Run:
        drop = parse_drop(request.key)
        if drop is None or drop.model != request.model:
            raise InvalidDatasetError(f"{request.key} is not under {request.model}/train/; drop it there")
        became = self.admission.admit(request.key)
        source = self.admission.data.uri(drop.source)
        found = [item for item in self.ledger.uploads(request.model) if item["source"] == source]
        newest = max(found, key=lambda item: str(item["at"]), default=None)
        if newest is None or not newest["run_id"]:
            raise InvalidDatasetError(became.removeprefix("INVALID: "))
        return self.ledger.run(request.model, str(newest["run_id"]))

    def _again(self, request: Request, last: Run, state: RunState | None) -> Answer:
        """A further run on the data of `last`, which has ended."""
        from switchyard.config import door  # pydantic: loaded where a file is read

        text = self.admission.pipeline_text(request.model)
        target = door.read(request.model, text).target
        before = pipeline_from_json(self.artifacts.read(last.pipeline_key))
        is_checked = before.dataset_job is None or self.artifacts.exists(f"{last.snapshot}manifest.json")
        seen = self.admission.run_queue.snapshots.seen(last, target) if is_checked else None
        pipeline = self.admission.pipeline(request.model, text, seen, before.dataset_job)
        pipeline = self.admission.owner_code.freeze(last.snapshot, pipeline)
        is_same = replace(before, budget=pipeline.budget) == pipeline_from_json(pipeline_to_json(pipeline))
        open_again = self.admission.is_open(self.ledger.run_item(last.model, last.run_id) or {})
        if state in JUDGED and is_same and not open_again and not request.always:
            return Answer(
                "", f"nothing to learn: run {last.run_id} was {state} on the same data and pipeline.yaml"
            )
        run = replace(last, run_id=request.run_id, source=request.cause.value)
        if not is_checked:  # its dataset job broke before it had read all
            self.artifacts.write(run.pipeline_text_key, text.encode(), absent=True)
        self.artifacts.write(run.pipeline_key, pipeline_to_json(pipeline), absent=True)
        self.ledger.create_run(run, self.clock(), request.why)
        return self._started(run, "")

    def _started(self, run: Run, before: str) -> Answer:
        """Starting is safe to repeat, so a request whose first try broke off is brought to its end."""
        state = self.ledger.state(run.model, run.run_id)
        if state in (RunState.ADMITTED, RunState.WAITING):
            arrived_at = float((self.ledger.run_item(run.model, run.run_id) or {})["arrived_at"])
            return Answer(run.run_id, self.admission.run_queue.start_or_wait(run, arrived_at))
        return Answer(run.run_id, f"{before}: {state}")
