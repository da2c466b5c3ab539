"""What settles runs and sweeps, joined with what it needs."""

from functools import cache
from typing import TYPE_CHECKING

from switchyard.runtime import adapters
from switchyard.runtime.wiring.batch import settle_batch
from switchyard.runtime.wiring.core import champion_resources, decision_records, rebuild, registry, waiting
from switchyard.runtime.wiring.intake import run_queue
from switchyard.runtime.wiring.spending import capacity, run_cost

if TYPE_CHECKING:
    from switchyard.closing.keep_scaled import KeepScaled
    from switchyard.closing.settle_run import SettleRun
    from switchyard.closing.sweep import Sweep


@cache
def keep_scaled() -> "KeepScaled":
    from switchyard.closing.keep_scaled import KeepScaled

    parts = (adapters.control(), adapters.snapshots(), adapters.autoscaling(), adapters.alarms())
    return KeepScaled(adapters.settings()["PREFIX"], adapters.ledger(), *parts)


@cache
def settle_run() -> "SettleRun":
    from switchyard.closing.settle_run import SettleRun

    ledger, artifacts, control = adapters.ledger(), adapters.artifacts(), adapters.control()
    ending = (decision_records(), run_cost(), capacity(), adapters.alarms(), keep_scaled(), registry())
    prefix = adapters.settings()["PREFIX"]
    return SettleRun(
        prefix, ledger, artifacts, control, adapters.executions(), run_queue(), adapters.clock, *ending
    )


@cache
def sweep() -> "Sweep":
    from switchyard.batch.sweep_batches import SweepBatches
    from switchyard.closing.cleanup import Cleanup
    from switchyard.closing.dead_letters import DrainDeadLetters
    from switchyard.closing.expire_logs import ExpireLogs
    from switchyard.closing.forgotten_runs import Forgotten
    from switchyard.closing.lost_events import LostEvents
    from switchyard.closing.retire_model import RetireModel
    from switchyard.closing.sweep import Sweep
    from switchyard.closing.sweep_order import Turns
    from switchyard.core.ledger.each_model import AT_ONCE

    own = adapters.settings()
    return Sweep(
        own["PREFIX"],
        adapters.ledger(),
        adapters.artifacts(),
        adapters.control(),
        adapters.executions(),
        run_queue(),
        settle_run(),
        Cleanup(own["PREFIX"], adapters.ledger(), adapters.control(), adapters.alarms()),
        SweepBatches(adapters.ledger(), adapters.executions(), adapters.batch_arrivals(), settle_batch()),
        RetireModel(
            own["PREFIX"], adapters.ledger(), adapters.artifacts(), adapters.control(), decision_records()
        ),
        rebuild(),
        champion_resources(),
        Forgotten(adapters.ledger(), adapters.artifacts(), adapters.executions(), settle_run()),
        DrainDeadLetters(
            adapters.ledger(),
            adapters.dead_letters(),
            adapters.notices(),
            adapters.bucket("DATA_BUCKET").bucket,
        ),
        ExpireLogs(own["PREFIX"], adapters.log_groups()),
        LostEvents(own["PREFIX"], adapters.ledger(), waiting()),
        keep_scaled(),
        Turns(adapters.ledger(), adapters.clock, AT_ONCE),
    )
