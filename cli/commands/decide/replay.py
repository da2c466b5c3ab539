"""`switchyard replay`: what would the rule have said about this evidence?"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.commands.options import AsJson
from cli.decision.policies import read, rollout_part
from cli.decision.replay import Replayed
from cli.decision.replay import replay as replayed
from cli.display import console, fail, print_json, reporting
from switchyard.core.evidence import EvidenceError
from switchyard.core.policy import PolicyError


@reporting
def replay(
    evidence: Annotated[
        str, typer.Option(help="Log of blocks, one JSON object a line; - is standard input.")
    ] = "-",
    policy: Annotated[
        Path | None, typer.Option(help="Policy file, or a pipeline.yaml; without one the defaults.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge recorded rollouts with the rule that decides live ones.

    Lines: {"rollout","metric","block","stage","n0","s0","n1","s1"}, champion 0, challenger 1, s = sum of losses.
    """
    try:
        declared, has_steps = rollout_part(read(policy) if policy else {})
        with nullcontext(sys.stdin) if evidence == "-" else Path(evidence).open(encoding="utf-8") as source:
            results = replayed(source, declared, steps_declared=has_steps)
    except PolicyError as refused:
        raise fail(f"policy: {refused}", "Correct the field in the policy file.", 2) from None
    except EvidenceError as refused:
        raise fail(f"evidence: {refused}", "Correct the line, or leave it out.", 2) from None
    except (OSError, UnicodeDecodeError) as unreadable:
        raise fail(f"evidence: {unreadable}", "Name a readable file, or - for standard input.", 2) from None
    if as_json:
        print_json({"rollouts": [each.to_dict() for each in results]})
    else:
        console.print(_table(results))


def _table(results: list[Replayed]) -> Table:
    table = Table("rollout", "verdict", "block", "requests", "of challenger", "reason")
    for each in results:
        verdict = each.verdict
        counts = (f"{verdict.requests:,}", f"{verdict.challenger_requests:,}")
        table.add_row(each.rollout, verdict.outcome, each.block, *counts, verdict.reason)
    return table
