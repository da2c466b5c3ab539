"""What is remembered of a run besides its state."""

from switchyard.core.ledger.records import model_key
from switchyard.core.ledger.runs import Runs
from switchyard.core.ports import Item
from switchyard.core.run import Run


class Notes(Runs):
    """Notes on the item of a run; they say nothing about its state."""

    def note_package(self, run: Run, arn: str) -> None:
        """The run's model package, and when it was registered first."""
        if "package" not in (self.run_item(run.model, run.run_id) or {}):
            changes: Item = {"package": arn, "registered_at": f"{self._clock():.3f}"}
            self._items.update(model_key(run.model), f"RUN#{run.run_id}", changes)

    def registered_at(self, run: Run) -> float:
        """Seconds since the epoch; now for a run whose registration is not known."""
        return float((self.run_item(run.model, run.run_id) or {}).get("registered_at", self._clock()))

    def note(self, run: Run, notes: Item) -> None:
        """Something to be remembered of a run that is in the ledger; it says nothing about its state."""
        if self.run_item(run.model, run.run_id) is not None:
            self._items.update(model_key(run.model), f"RUN#{run.run_id}", notes)

    def note_alpha(self, run: Run, variants: int) -> None:
        """From when on the run has an alpha endpoint, of so many variants; the first time counts."""
        if "alpha_from" not in (self.run_item(run.model, run.run_id) or {}):
            self.note(run, {"alpha_from": f"{self._clock():.3f}", "alpha_variants": variants})

    def note_alpha_end(self, run: Run) -> None:
        """Until when; nothing for a run that had none."""
        item = self.run_item(run.model, run.run_id) or {}
        if "alpha_from" in item and "alpha_until" not in item:
            self.note(run, {"alpha_until": f"{self._clock():.3f}"})
