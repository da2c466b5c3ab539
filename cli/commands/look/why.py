"""`switchyard why`: what was decided of a run, by how much, and what would have changed it."""

from __future__ import annotations

from cli.commands.found import find
from cli.commands.options import AsJson, Profile, Region, StackName, Wanted
from cli.display import print_json, reporting, say
from cli.records.run_state import is_terminal
from switchyard.core.run import RunState


@reporting
def why(
    run: Wanted = "",
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Say why a run ended as it did, and what would have changed it.

    On which metric it was decided, by how much, and the smallest change that would have changed the verdict.
    """
    from cli.decision.why import why as explain

    found_run = find(run, (stack, profile, region))
    facts = found_run.sources.facts(found_run.line)
    found = explain(facts, found_run.sources.artifacts)
    if as_json:
        print_json(found.to_dict())
        return
    say(f"{found.run_id or facts.source}: {found.state.value}. {found.reason or 'Nothing is decided yet.'}")
    for line in found.measured:
        say(f"  {line}")
    if found.data:
        say(f"The data: {found.data}")
    if found.ways:
        then = "would have said" if is_terminal(found.state) else "would say"
        say(f"The {found.stage} {then} otherwise with any one of these:")
    elif (found.stage, found.state) == ("rollout", RunState.ROLLED_BACK):
        say(
            "No other margin and no more requests like these would have promoted it: the challenger itself must change."
        )
    for way in found.ways:
        say(f"  - {way}")
