"""What a flood of drops may cost: bounds that hold however many drops there are, and however fast runs end."""

from collections.abc import Iterator

from switchyard.core.pipeline import RUNS_PER_DAY
from tests.contract.cloudformation import functions, resources
from tests.contract.iam import resolve
from tests.flood.play import Figure

# What the admission of one drop may ask for; the day's starts are counted, and nothing else that grows.
CALLS = {
    "S3 lists": 5,
    "S3 reads": 12,
    "S3 writes": 8,
    "reads of the ledger": 60 + 2 * RUNS_PER_DAY,
    "writes to the ledger": 30,
}
GB_SECOND = 0.0000166667  # US dollars, x86, us-east-1: AWS Lambda pricing, 2026-11
FINAL = {"REJECTED", "SUPERSEDED"}


def broken(figure: Figure) -> Iterator[str]:
    """Every bound that this flood went over."""
    most_runs = RUNS_PER_DAY * figure.days
    if figure.runs > most_runs:
        yield f"{figure.runs} runs in {figure.days} days, {most_runs} are allowed"
    for name, count in figure.calls.items():
        if count > CALLS[name]:
            yield f"a drop took {count} {name}, {CALLS[name]} are allowed"
    if sum(figure.uploads.values()) != figure.drops:
        yield f"{figure.drops} drops left {sum(figure.uploads.values())} records"
    if set(figure.uploads) - FINAL:
        yield f"in the end some drops are {sorted(set(figure.uploads) - FINAL)}"
    if not figure.is_newest_trained:
        yield "the newest drop was not trained on"


def dollars_an_hour() -> float:
    """Most that the admission of drops can cost in Lambda: as many at once as the queue lets in, all the time."""
    function = functions()["AdmitDatasetFunction"]
    at_once = resolve(function["Events"]["Arrival"]["Properties"]["ScalingConfig"]["MaximumConcurrency"])
    return float(at_once) * function["MemorySize"] / 1024 * 3600 * GB_SECOND


def dollars_a_drop() -> float:
    """Most that one drop can cost there: its whole timeout, as often as the queue tries it."""
    function, queue = functions()["AdmitDatasetFunction"], resources("AWS::SQS::Queue")["ArrivalQueue"]
    once = function["Timeout"] * function["MemorySize"] / 1024 * GB_SECOND
    return float(once * queue["RedrivePolicy"]["maxReceiveCount"])
