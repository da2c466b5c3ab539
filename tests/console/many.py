"""A stack of many models, for the tests of the list."""

from switchyard.core.ledger.ledger import Ledger
from switchyard.core.run import Run, RunState
from tests.cli.settled_runs import BEGAN
from tests.console.site import Site
from tests.fakes.store import Clock

REASON = "accuracy: challenger 0.9312, champion 0.9288; the difference lies between -0.0102 and +0.0054"


def many(stack: Site, count: int) -> list[str]:
    """Models of one run each, a minute apart; every seventh ended badly. Their names as the list has them."""
    bad, well = list[str](), list[str]()
    for number in range(count):
        model, ledger = f"model-{number:02d}", Ledger(stack.desk.items, Clock(BEGAN + 60 * number))
        run_id, source = f"{model}-abababababab", f"s3://data/{model}/train/2027-01-{number:02d}-week.csv"
        run = Run(model, run_id, "ab" * 32, source, f"{model}/snapshots/ab/")
        state = RunState.PROMOTED if number % 7 else RunState.ROLLED_BACK
        ledger.create_run(run, BEGAN)
        ledger.record_upload(model, f"{source}#1", source, state, REASON, run_id)
        ledger.set_state(model, run_id, state, REASON)
        stack.own["s3"].put_object(Bucket="artifacts", Key=f"{model}/pipeline.yaml", Body=b"name: any")
        (well if number % 7 else bad).append(model)
    return [*reversed(bad), *reversed(well)]
