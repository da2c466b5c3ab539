"""A ledger of many models and runs, as the pipeline itself leaves it, for a table in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from switchyard.core.champion import Champion
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.ports import Item
from switchyard.core.run import Run, RunState
from tests.cli.settled_runs import BEGAN
from tests.fakes.store import Clock, MemoryItems

LARGE, OF_LARGE = "model-large", 1000
ENDS = (RunState.PROMOTED, RunState.REJECTED, RunState.ROLLED_BACK, RunState.INCONCLUSIVE, RunState.FAILED)
REASON = "accuracy: challenger 0.9312, champion 0.9288; not worse by more than 0.01"
AT_ONCE = 25  # "up to 25 item put or delete operations" (BatchWriteItem)


def names(models: int) -> list[str]:
    return [LARGE, *(f"model-{number:03d}" for number in range(models - 1))]


def items(models: int, runs: int) -> Iterator[Item]:
    """Every model has as many runs as another, besides the large one."""
    others, more = divmod(runs - OF_LARGE, models - 1)
    for number, model in enumerate(names(models)):
        yield from of_model(model, OF_LARGE if model == LARGE else others + (number <= more), number)


def of_model(model: str, runs: int, number: int) -> Iterable[Item]:
    """A minute lies between two runs of a model, a second between two models; the first run is promoted."""
    memory, clock = MemoryItems(), Clock(BEGAN + number)
    ledger = Ledger(memory, clock)
    for index in range(runs):
        run_id, digest = f"{model}-{index:012x}", f"{index:064x}"
        source = f"s3://data/{model}/train/week-{index}.csv"
        run = Run(model, run_id, digest, source, f"{model}/snapshots/{digest}/")
        ledger.create_run(run, clock())
        ledger.record_upload(model, f"{source}#1", source, RunState.ADMITTED, "", run_id)
        clock.pass_(60.0)
        end = ENDS[(index + number) % len(ENDS)] if index else RunState.PROMOTED
        ledger.set_state(model, run_id, end, REASON)
        if end is RunState.PROMOTED:
            ledger.set_champion(model, Champion(run_id, f"{run_id}-config", run_id, "schema", digest))
    return memory.rows.values()


def write(dynamodb: Any, table: str, models: int, runs: int) -> int:
    """How many items were written."""
    count = 0
    for some in batches(items(models, runs)):
        puts = [{"PutRequest": {"Item": _typed(item)}} for item in some]
        left = dynamodb.batch_write_item(RequestItems={table: puts})["UnprocessedItems"]
        assert not left, left
        count += len(some)
    return count


def batches(every: Iterable[Item]) -> Iterator[list[Item]]:
    some: list[Item] = []
    for item in every:
        some.append(item)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _typed(item: Item) -> dict[str, Any]:
    return {name: {"N": str(v)} if isinstance(v, int) else {"S": v} for name, v in item.items()}
