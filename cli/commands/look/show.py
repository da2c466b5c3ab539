"""`switchyard show`: all that is known of one run, on the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.commands.found import find
from cli.commands.options import AsJson, Profile, Region, StackName, Wanted
from cli.display import console, print_json, reporting
from cli.report.facts import Facts


@reporting
def show(
    run: Wanted = "",
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Show one run: data, gate, rollout, traffic over time, cost."""
    found_run = find(run, (stack, profile, region))
    found = facts_of(found_run.sources.facts(found_run.line))
    if as_json:
        print_json(found)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in found.items():
        if value not in ("", None, [], {}):
            table.add_row(Text(name, style="bold"), Text(value if isinstance(value, str) else _lines(value)))
    console.print(table)


def facts_of(facts: Facts) -> dict[str, Any]:
    """Everything, by the words of the decision record."""
    gate, shifts = facts.gate, facts.shifts
    return {
        "model": facts.model,
        "run": facts.run_id,
        "data": facts.source,
        "state": facts.state.value,
        "reason": facts.reason,
        "started": _moment(facts.started_at),
        "settled": _moment(facts.settled_at),
        "rows": dict(facts.rows),
        "data diff": facts.diff.says if facts.diff else "",
        "gate": f"{gate.outcome.value}: {gate.reason}" if gate else "",
        "champion before": facts.champion_before or "",
        "champion after": facts.champion_after or "",
        "traffic": [f"{_moment(shift.at)} {shift.share:g} %" for shift in shifts],
        "by hand": [f"{_moment(each['at'])} {each['order']}: {each['reason']}" for each in facts.orders],
        "last look": str(facts.last_look.get("reason", "")),
        "cost": str(facts.cost) if facts.cost else "",
        "states": [f"{each.name} failed" if each.failed else each.name for each in facts.states],
    }


def _moment(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _lines(value: Any) -> str:
    pairs = [f"{name} {count:,}" for name, count in value.items()] if isinstance(value, dict) else value
    return "\n".join(map(str, pairs))
