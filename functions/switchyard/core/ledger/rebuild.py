"""A ledger that was lost is read back from the decision records in the bucket: all of it, or it is begun again.

Every step writes only where nothing stands, so it may be repeated, broken off, and done by several at once. Who is
champion is written once, when every record has been read; the model is marked as rebuilt at the very end.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from switchyard.core.champion import Champion
from switchyard.core.ledger.champions import KEPT_CHAMPIONS
from switchyard.core.ledger.costs import SETTLED, Entry
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.retirement import RETIRED, Retirement
from switchyard.core.ledger.sweep_finding import Finding
from switchyard.core.ports import Item, Storage
from switchyard.core.run import Outcome, Run, RunState

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Rebuild:
    """What the sweep, and every door before a run starts, asks for."""

    ledger: Ledger
    artifacts: Storage

    def complete(self, model: str) -> list[str]:
        """Reads a model back that has not been read to the end yet; a line for what was not known."""
        if self.ledger.is_rebuilt(model):
            return []
        said = [finding.mend() for finding in self._missing(model)]
        self.ledger.index(model)
        self.ledger.mark_rebuilt(model)
        return said

    def missing(self, model: str) -> Iterator[Finding]:
        """What the records tell of a model and the ledger does not know."""
        if not self.ledger.is_rebuilt(model):
            yield from self._missing(model)

    def _missing(self, model: str) -> Iterator[Finding]:
        records = self._records(model)
        for record in records:
            if record["state"] != RETIRED:
                run = record["run"]["run_id"]
                if self.ledger.run_item(model, run) is None:
                    yield Finding(f"{run}: only its decision record is left", partial(self._run, record))
        retired = [at for at, record in enumerate(records) if record["state"] == RETIRED]
        if retired and self.ledger.retirement(model) is None:
            what = f"{model}: only the decision record of its retirement is left"
            yield Finding(what, partial(self._retirement, records[retired[-1]]))
        yield from self._champion(model, records[retired[-1] + 1 :] if retired else records)

    def _records(self, model: str) -> list[Record]:
        found = [json.loads(self.artifacts.read(i.key)) for i in self.artifacts.list(f"{model}/decisions/")]
        return sorted(found, key=lambda record: float(record["settled_at"]))

    def _champion(self, model: str, records: list[Record]) -> Iterator[Finding]:
        """The last promoted is champion; those before it are the way back."""
        promoted = [Champion.from_dict(r["champion"]) for r in records if r["state"] == RunState.PROMOTED]
        newest_first = list(dict.fromkeys(reversed(promoted)))
        if newest_first and self.ledger.champion(model) is None:
            last, former = newest_first[0], newest_first[1 : KEPT_CHAMPIONS + 1]
            what = (
                f"{model}: {last.run_id} was promoted, by its decision record, and the ledger has no champion"
            )
            yield Finding(what, partial(self._set_champion, model, last, former))

    def _set_champion(self, model: str, champion: Champion, former: list[Champion]) -> str:
        if self.ledger.remember_champion(model, champion, former):
            return f"{model}: {champion.run_id} is champion again, from its decision record"
        return ""

    def _retirement(self, record: Record) -> str:
        self.ledger.remember_retirement(Retirement.from_dict(record))
        return ""

    def _run(self, record: Record) -> str:
        """What belongs to it comes first: a run that is known is not looked at again."""
        run, outcome = Run.from_dict(record["run"]), Outcome(RunState(record["state"]), record["reason"])
        notes = self._charge(run, record)
        upload = f"{run.source}#{run.digest[:12]}"
        self.ledger.record_upload(
            run.model, upload, run.source, outcome.state, outcome.reason, run.run_id, absent=True
        )
        arrived_at = float(record.get("arrived_at") or record["settled_at"])
        self.ledger.remember_run(run, outcome, arrived_at, _moment(record), notes)
        return ""

    def _charge(self, run: Run, record: Record) -> Item:
        """What it has cost counts still in its month."""
        if not record.get("cost"):
            return {}
        entry = Entry(run.run_id, float(record["cost"]["usd"]), SETTLED)
        self.ledger.costs.put(run.model, record["month"], entry)
        return {"cost": json.dumps(record["cost"]), "month": record["month"]}


def _moment(record: Record) -> str:
    return datetime.fromtimestamp(float(record["settled_at"]), UTC).isoformat(timespec="milliseconds")
