"""`switchyard plan`: how long will a rollout take, and how many requests will see the challenger?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from cli.display import console, fail, reporting
from cli.policies import read, rollout_part
from switchyard.domain.plan import Forecast, affordable_requests, check_plan, forecast
from switchyard.domain.policy import PolicyError, RolloutPolicy

VERDICTS = {"no difference": "promoted"}  # a challenger at the margin or beyond is rolled back


@reporting
def plan(
    pipeline: Annotated[Path, typer.Argument(help="pipeline.yaml, or a policy file.")],
    requests_per_minute: Annotated[
        float, typer.Option(help="Traffic of the endpoint, both models together.")
    ],
    dollars_per_hour: Annotated[
        float,
        typer.Option(help="Price of one of the challenger's instances (ml.m5.large in us-east-1: 0.115)."),
    ] = 0.115,
    as_json: Annotated[bool, typer.Option("--json", help="Figures as one JSON object.")] = False,
) -> None:
    """Expected and 90 % time to a verdict, requests exposed and money, before anything is started."""
    try:
        document = read(pipeline)
        policy, _ = rollout_part(document)
        cases = forecast(policy)
    except PolicyError as refused:
        raise fail(str(refused), f"Correct the field in {pipeline}.", 2) from None
    instances = _instances(document)
    rows = [_row(case, requests_per_minute, dollars_per_hour * instances) for case in cases]
    if as_json:
        typer.echo(json.dumps(rows))
    else:
        _show(policy, rows, requests_per_minute, f"{instances} x ${dollars_per_hour:g} an hour")
    try:
        check_plan(policy, requests_per_minute)
    except PolicyError as refused:
        raise fail(
            str(refused), "Change the policy, or send more traffic: admission refuses this plan."
        ) from None


def _instances(document: dict[str, Any]) -> int:
    deployment = document.get("deployment") or {}
    return int(deployment.get("instance_count", 1)) if isinstance(deployment, dict) else 1


def _row(case: Forecast, requests_per_minute: float, dollars_per_hour: float) -> dict[str, float | str]:
    expected, p90 = case.minutes(requests_per_minute)
    dollars = case.dollars(requests_per_minute, dollars_per_hour)
    return asdict(case) | {"expected_minutes": expected, "p90_minutes": p90, "expected_dollars": dollars}


def _show(policy: RolloutPolicy, rows: list[dict[str, float | str]], traffic: float, price: str) -> None:
    console.print(f"At {traffic:g} requests a minute, challenger at {_steps(policy)} %, by:")
    for name, metric in policy.metrics.items():
        limit = f" over {metric.limit_milliseconds:g} ms" if metric.limit_milliseconds else ""
        console.print(
            f"  {name}{limit}: champion {100 * metric.baseline:.3g} %, harmful from "
            f"{100 * (metric.baseline + metric.margin):.3g} % (margin {100 * metric.margin:.3g} points)"
        )
    console.print(_table(rows))
    console.print(
        f"Exposed: requests that the challenger answers until the verdict. Dollars: its instances beside the "
        f"champion's, {price}.\n{_deadline(policy, traffic)}"
    )


def _steps(policy: RolloutPolicy) -> str:
    return ", ".join(str(step) for step in policy.steps)


def _deadline(policy: RolloutPolicy, traffic: float) -> str:
    requests = affordable_requests(policy, traffic)
    return f"Deadline: {_time(requests / traffic)}, {requests:,.0f} requests; without a verdict the champion stays."


def _table(rows: list[dict[str, float | str]]) -> Table:
    table = Table(
        "true difference",
        "verdict",
        "time",
        "90 % within",
        "requests",
        "90 % within",
        "exposed",
        "dollars",
    )
    for row in rows:
        title = str(row["title"])
        times = (_time(float(row[column])) for column in ("expected_minutes", "p90_minutes"))
        counts = (
            f"{row[column]:,.0f}" for column in ("expected_requests", "p90_requests", "exposed_requests")
        )
        verdict = VERDICTS.get(title, "rolled back")
        table.add_row(title, verdict, *times, *counts, f"{row['expected_dollars']:.2f}")
    return table


def _time(minutes: float) -> str:
    """As people say it: 45 s, 12 min, 3.4 h, 2.1 days."""
    if minutes < 2:
        return f"{60 * minutes:.0f} s"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"
