"""What open waits wait for has come, and no event told of it.

EventBridge delivers SageMaker's events as best it can, "in some rare cases an event might not be delivered", and the
next lap of a job comes after a day.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from switchyard.core.batch_drop import Batch
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.sweep_finding import Finding
from switchyard.core.names import Names
from switchyard.core.run import RunState
from switchyard.core.waiting import Waiting, waited_for


@dataclass(frozen=True)
class LostEvents:
    """The sweep's look at every resource that somebody may wait for."""

    prefix: str
    ledger: Ledger
    waiting: Waiting

    def findings(self, model: str) -> Iterator[Finding]:
        for resource in self._resources(model):
            if self.waiting.is_due(resource):
                what = f"{resource}: what is waited for has come, and no event told of it"
                yield Finding(what, partial(self._answer, resource))

    def _answer(self, resource: str) -> str:
        self.waiting.resource_changed(resource)
        return f"{resource}: what was waited for had come, and no event told of it; answered"

    def _resources(self, model: str) -> Iterator[str]:
        active = self.ledger.active(model)
        yield f"endpoint/{Names(self.prefix, model, '').endpoint}"
        if active is not None:
            package = str((self.ledger.run_item(model, active) or {}).get("package", ""))
            yield from waited_for(Names(self.prefix, model, active), package)
        for item in self.ledger.opened(model, "BATCH#"):
            if not RunState(str(item["state"])).is_terminal:
                batch = Batch.from_dict(json.loads(str(item["batch"])))
                yield f"transform-job/{batch.job(self.prefix)}"
                if batch.challenger:
                    yield f"transform-job/{batch.challenger_job(self.prefix)}"
