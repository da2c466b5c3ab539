"""`switchyard plan`: how long will a rollout take, and how many requests will see the challenger?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.display import console, fail, reporting
from cli.policies import read, rollout_part
from switchyard.domain.plan import Forecast, check_plan, forecast
from switchyard.domain.policy import PolicyError


@reporting
def plan(
    pipeline: Annotated[Path, typer.Argument(help="pipeline.yaml, or a policy file.")],
    requests_per_minute: Annotated[
        float, typer.Option(help="Traffic of the endpoint, both models together.")
    ],
    dollars_per_hour: Annotated[
        float, typer.Option(help="Price of the challenger's instances (ml.m5.large in us-east-1: 0.115).")
    ] = 0.115,
    as_json: Annotated[bool, typer.Option("--json", help="Figures as one JSON object.")] = False,
) -> None:
    """Expected and 90 % time to a verdict, requests exposed and money, before anything is started."""
    try:
        policy, _ = rollout_part(read(pipeline))
        cases = forecast(policy)
    except PolicyError as refused:
        raise fail(str(refused), f"Correct the field in {pipeline}.", 2) from None
    rows = [_row(case, requests_per_minute, dollars_per_hour) for case in cases]
    if as_json:
        typer.echo(json.dumps(rows))
    else:
        console.print(_table(rows))
    try:
        check_plan(policy, requests_per_minute)
    except PolicyError as refused:
        raise fail(
            str(refused), "Change the policy, or send more traffic: admission refuses this plan."
        ) from None


def _row(case: Forecast, requests_per_minute: float, dollars_per_hour: float) -> dict[str, float | str]:
    expected, p90 = case.minutes(requests_per_minute)
    dollars = case.dollars(requests_per_minute, dollars_per_hour)
    return asdict(case) | {"expected_minutes": expected, "p90_minutes": p90, "expected_dollars": dollars}


def _table(rows: list[dict[str, float | str]]) -> Table:
    table = Table(
        "challenger is", "requests", "90 % within", "minutes", "90 % within", "see challenger", "dollars"
    )
    columns = ("expected_requests", "p90_requests", "expected_minutes", "p90_minutes", "exposed_requests")
    for row in rows:
        counts = (f"{row[column]:,.0f}" for column in columns)
        table.add_row(str(row["title"]), *counts, f"{row['expected_dollars']:.2f}")
    return table
