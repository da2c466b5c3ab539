"""`switchyard retry`: the dataset of a run that has ended goes through the pipeline once more."""

from __future__ import annotations

from cli.commands.found import find_run
from cli.commands.options import Profile, Region, StackName, Wanted
from cli.display import fail, reporting, say
from cli.records.run_state import is_terminal
from cli.requests.retrain import retrain


@reporting
def retry(run: Wanted, stack: StackName = "", profile: Profile = "", region: Region = "") -> None:
    """Run the dataset of an ended run again, with today's pipeline.yaml: a new run with a record of its own."""
    found = find_run(run, (stack, profile, region))
    line = found.line
    if not is_terminal(line.state):
        raise fail(
            f"Run {line.run_id} is still {line.state}.", f"`switchyard abort {line.run_id}` ends it first.", 2
        )
    answer = retrain(found.access, line.model, line.source)
    if not answer.run_id:
        raise fail(answer.became.removeprefix("INVALID: "), "Mend what it names, then try again.")
    say(f"{answer.run_id}: {answer.became}. Follow it with `switchyard watch {answer.run_id}`.")
