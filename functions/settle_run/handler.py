"""An execution ended, in whatever way: its run is settled."""

import json

from switchyard.core.batch_drop import Batch
from switchyard.core.run import Run
from switchyard.runtime import adapters
from switchyard.runtime.entry import Event, logger, metrics
from switchyard.runtime.entry import handler as entry
from switchyard.runtime.wiring.batch import settle_batch
from switchyard.runtime.wiring.closing import settle_run


@entry
def handler(event: Event) -> None:
    """An EventBridge event of source aws.states, for the retrain, the restore or the transform machine."""
    detail = event["detail"]
    given = json.loads(detail["input"])
    if "batch" in given:
        _batch_ended(Batch.from_dict(given["batch"]))
        return
    run = Run.from_dict(given["run"])
    before = adapters.ledger().state(run.model, run.run_id)
    if detail["stateMachineArn"] == adapters.settings()["RETRAIN_MACHINE_ARN"]:
        execution = adapters.executions().retrain_status(run.run_id)
        state = settle_run().ended(run, execution) if execution else None
    else:
        state = settle_run().restored(run)
    logger.info("settled", extra={"run_id": run.run_id, "state": state})
    if state is not None and state is not before:  # ends are announced more than once, and counted once
        metrics.add_dimension("model", run.model)
        metrics.add_metric(name=f"Run{state.title().replace('_', '')}", unit="Count", value=1)


def _batch_ended(batch: Batch) -> None:
    logger.info("settled", extra={"batch_id": batch.batch_id, "state": settle_batch().ended(batch)})
