"""What ended runs leave in SageMaker: models and configs cost nothing, but there is a limit to how many there can be.

The champion and the last champions before it keep theirs: they are the way back. Everything else of an ended run goes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ledger.sweep_finding import Finding
from switchyard.core.names import Names, run_of
from switchyard.core.ports import Alarms, Control
from switchyard.core.resources.guardrails import alarm_names

AT_ONCE = 50  # a sweep has minutes; the next one comes in 15


@dataclass(frozen=True)
class Cleanup:
    """Deletes the models and endpoint configs of runs that are no way back any more, and alarms that stayed."""

    prefix: str
    ledger: Ledger
    control: Control
    alarms: Alarms

    def findings(self, model: str) -> Iterator[Finding]:
        """At most 50 a call."""
        if self.ledger.active(model) is not None:
            return  # a run under way may be about to promote its challenger
        yield from self._alarms_left(model)
        kept = {each.run_id for each in self.ledger.kept_champions(model)}
        configs = set(self.control.list_configs(f"{self.prefix}-{model}-")) - {self._in_use(model)}
        models = set(self.control.list_models(f"{self.prefix}-{model}-"))
        left = AT_ONCE
        for run_id in sorted({run_of(self.prefix, name) for name in configs | models}):
            is_over, names = self._is_over(model, run_id), Names(self.prefix, model, run_id)
            spare = {names.canary_config, names.alpha} if run_id in kept else _all_configs(names)
            mine, models_mine = (
                spare & configs,
                {names.sagemaker_model} & models if run_id not in kept else set(),
            )
            if is_over and (mine or models_mine) and left:
                left -= 1
                what = f"{run_id}: no way back any more; {len(mine)} configs and {len(models_mine)} models are left"
                yield Finding(what, partial(self._reap, run_id, sorted(mine), sorted(models_mine)))

    def _alarms_left(self, model: str) -> Iterator[Finding]:
        """Of runs that have ended: a late call may have made them after the run was settled."""
        left = set(self.alarms.names(f"{self.prefix}-{model}-"))
        for run_id in sorted({run_of(self.prefix, name.rpartition("-")[0]) for name in left}):
            mine = sorted(left & set(alarm_names(Names(self.prefix, model, run_id))))
            if mine and self._is_over(model, run_id):
                what = f"{run_id}: has ended; alarms {', '.join(mine)} are left"
                yield Finding(what, partial(self._delete_alarms, run_id, mine))

    def _is_over(self, model: str, run_id: str) -> bool:
        """A run of this model that has ended: the prefix alone is shared with models of longer names."""
        state = self.ledger.state(model, run_id)
        return state is not None and state.is_terminal

    def _delete_alarms(self, run_id: str, names: list[str]) -> str:
        for name in names:
            self.alarms.delete(name)
        return f"{run_id}: has ended; alarms {', '.join(names)} deleted"

    def _in_use(self, model: str) -> str:
        """ "You must not delete an EndpointConfig in use by an endpoint that is live" (DeleteEndpointConfig)."""
        found = self.control.describe_endpoint(Names(self.prefix, model, "").endpoint)
        return str(found["EndpointConfigName"]) if found else ""

    def _reap(self, run_id: str, configs: list[str], models: list[str]) -> str:
        for name in configs:
            self.control.delete_config(name)
        for name in models:
            self.control.delete_model(name)
        return f"{run_id}: no way back any more; {', '.join([*configs, *models])} deleted"


def _all_configs(names: Names) -> set[str]:
    return {names.canary_config, names.full_config, names.alpha}
