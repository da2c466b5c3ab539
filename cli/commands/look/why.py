"""`switchyard why`: what was decided of a run, by how much, and what would have changed it."""

from __future__ import annotations

import typer

from cli.commands.options import AsJson, Profile, Region, StackName, Wanted, connect
from cli.display import reporting, say
from cli.records.chosen import chosen


@reporting
def why(
    run: Wanted = "",
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Say what ended a run, on which metric, by how much, and the smallest change that would have changed it."""
    from cli.decision.why import as_json as in_json
    from cli.decision.why import why as explain
    from cli.report.sources import sources_of

    access = connect(stack, profile, region)
    sources = sources_of(access)
    facts = sources.facts(chosen(access, sources, run))
    found = explain(facts, sources.artifacts)
    if as_json:
        typer.echo(in_json(found))
        return
    say(f"{found.run_id or facts.source}: {found.state.value}. {found.reason}")
    for line in found.measured:
        say(f"  {line}")
    if found.ways:
        say(f"The {found.stage} would have said otherwise with any one of these:")
    for way in found.ways:
        say(f"  - {way}")
