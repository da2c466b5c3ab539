"""SetChampion: an operator goes back to a champion of before; the restore machine then brings it live."""

import json
from dataclasses import dataclass

from switchyard.core.champion import Champion
from switchyard.core.errors import MissingError, RunUnderWayError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Clock, Storage
from switchyard.core.registry import Registry
from switchyard.core.run import Outcome, RunState


@dataclass(frozen=True)
class SetChampion:
    """Makes a former champion the champion again."""

    ledger: Ledger
    artifacts: Storage
    clock: Clock
    registry: Registry

    def go_back(self, model: str, to: str, reason: str, asked: str = "") -> dict[str, str]:
        """`to`: the run to go back to, or "" for the champion before the present one.

        asked: the execution's name; once its record is written it goes on to that champion, however often it is tried.
        """
        active = self.ledger.active(model)
        if active is not None:
            raise RunUnderWayError(
                f"{model}: run {active} is under way and could promote its own model over this; stop it first "
                f"(aws stepfunctions stop-execution), then roll back again"
            )
        now = self.ledger.champion(model)
        if now is not None and now.run_id == to:
            return {"champion": to}  # asked twice: it is champion already
        moment = self.clock()
        key = f"{model}/decisions/rollback-{asked or f'{moment:.0f}'}.json"
        why = f"rolled back by hand from {now.run_id if now else 'none'}: {reason}"
        decided = self._decided(key) if asked else None
        chosen = decided or self._record(key, model, self._former(model, to), why, moment)
        self._answer(model, now, chosen, reason)
        self.ledger.set_champion(model, chosen)
        return {"champion": chosen.run_id}

    def _answer(self, model: str, now: Champion | None, chosen: Champion, reason: str) -> None:
        """In the registry; tried again, the one that is champion already has not lost."""
        if now is not None and now.run_id != chosen.run_id:
            self.registry.settle(model, now.run_id, Outcome(RunState.ROLLED_BACK, f"by hand: {reason}"))
        self.registry.settle(model, chosen.run_id, Outcome(RunState.PROMOTED, f"again, by hand: {reason}"))

    def _former(self, model: str, to: str) -> Champion:
        former = self.ledger.former_champions(model)
        found = [each for each in former if to in ("", each.run_id)]
        if not found:
            kept = ", ".join(each.run_id for each in former) or "none"
            raise MissingError(f"{model}: {to or 'a former champion'} is not kept any more; kept: {kept}")
        return found[0]

    def _decided(self, key: str) -> Champion | None:
        """What this execution has chosen before its answer was lost."""
        if not self.artifacts.exists(key):
            return None
        return Champion.from_dict(json.loads(self.artifacts.read(key))["champion"])

    def _record(self, key: str, model: str, chosen: Champion, reason: str, moment: float) -> Champion:
        """A decision record like any other: the sweep rebuilds a lost ledger from these."""
        run = self.ledger.run(model, chosen.run_id)
        record = {
            "run": run.to_dict(),
            "state": RunState.PROMOTED.value,
            "reason": reason,
            "settled_at": moment,
            "champion": chosen.to_dict(),
        }
        body = json.dumps(record, indent=1, sort_keys=True).encode()
        self.artifacts.write(key, body)
        return chosen
