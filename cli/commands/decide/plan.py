"""`switchyard plan`: how long will a rollout take, how many requests will see the challenger, and what will it cost?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from cli.commands.options import AsJson
from cli.decision.policies import read, rollout_part
from cli.decision.prices import Money, money_of, pipeline_of, prices_of
from cli.display import console, fail, print_json, reporting, say
from switchyard.config.rules.forecast import Forecast, affordable_requests, check_plan, forecast
from switchyard.config.rules.prices import Usage
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.pipeline import BATCH, Pipeline
from switchyard.core.policy import PolicyError, RolloutPolicy
from switchyard.spending.rules.cost import dollars

VERDICTS = {"no difference": "promoted"}  # a challenger at the margin or beyond is rolled back
TYPE = "ml.m5.large"


@reporting
def plan(
    pipeline: Annotated[Path, typer.Argument(help="pipeline.yaml, or a policy file.")],
    requests_per_minute: Annotated[
        float | None,
        typer.Option(
            help="Traffic of the endpoint, both models together. Default: rollout.requests_per_minute."
        ),
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="Your own prices, as prices.json in the artifact bucket.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a run would take: time, requests exposed, money."""
    try:
        document = read(pipeline)
        policy, _ = rollout_part(document)
        traffic = None if _sees_drops(document) else _traffic(document, requests_per_minute)
        hour = _challenger_hour(document, prices)
        rows = [_row(case, traffic, hour) for case in forecast(policy)] if traffic else []
        money = _money(document, traffic, prices)
    except (PolicyError, InvalidPipelineError) as refused:
        raise fail(str(refused), f"Correct it in {pipeline}.", 2) from None
    if as_json:
        print_json({"rollout": rows, "cost": money.to_dict() if money else None})
    else:
        _show_all(policy, rows, traffic, money)
    _refuse(policy, traffic, money)


def _refuse(policy: RolloutPolicy, traffic: float | None, money: Money | None) -> None:
    """What admission would refuse, too."""
    try:
        if traffic:
            check_plan(policy, traffic)
    except PolicyError as refused:
        raise fail(
            str(refused), "Change the policy, or send more traffic: admission refuses this plan."
        ) from None
    if money and money.objection:
        raise fail(money.objection, "A run would end ABORTED before it starts.")


def _sees_drops(document: Mapping[str, Any]) -> bool:
    """A batch model sees no requests: rows of drops, and their labels, decide."""
    deployment = document.get("deployment")
    return isinstance(deployment, dict) and deployment.get("mode") == BATCH


def _traffic(document: Mapping[str, Any], given: float | None) -> float | None:
    """Requests a minute; PolicyError where nobody says, and there is no pipeline whose deadline could be taken."""
    rollout = document.get("rollout")
    declared = rollout.get("requests_per_minute") if isinstance(rollout, dict) else None
    traffic = declared if given is None else given
    if traffic is None and "target" not in document:
        raise PolicyError("--requests-per-minute", "must be given with a policy file")
    return None if traffic is None else float(traffic)


def _money(document: dict[str, Any], traffic: float | None, prices: Path | None) -> Money | None:
    """None for a file that is a policy alone."""
    if "target" not in document:
        return None
    return money_of(_declared(document, traffic), prices)


def _declared(document: dict[str, Any], traffic: float | None) -> Pipeline:
    rollout = {k: v for k, v in (document.get("rollout") or {}).items() if k != "requests_per_minute"}
    return replace(pipeline_of({**document, "rollout": rollout}), requests_per_minute=traffic)


def _challenger_hour(document: dict[str, Any], prices: Path | None) -> float | None:
    """US dollars for an hour of the challenger's instances; None: no price is known."""
    deployment = document.get("deployment")
    deployment = deployment if isinstance(deployment, dict) else {}
    hour = prices_of(prices).hour(Usage.HOSTING, str(deployment.get("instance_type", TYPE)))
    return None if hour is None else hour * int(deployment.get("instance_count", 1))


def _show_all(
    policy: RolloutPolicy, rows: list[dict[str, Any]], traffic: float | None, money: Money | None
) -> None:
    if traffic:
        _show(policy, rows, traffic)
    if money:
        _show_money(money)


def _show_money(money: Money) -> None:
    table = Table("part", "instances", "expected", "from", "at most", title="One run")
    for part, most in zip(money.estimate.expected.parts, money.estimate.most.parts, strict=True):
        hosts = f"{part.instances} x {part.instance_type}"
        usual, longest = _time(part.seconds / 60), _time(most.seconds / 60)
        cost = [_priced(each.usd(money.prices)) for each in (part, most)]
        table.add_row(part.what, hosts, f"{usual}, {cost[0]}", part.basis, f"{longest}, {cost[1]}")
    console.print(table)
    say(f"A run costs {money.estimate}; instances at list prices of {money.prices} ({money.prices.source}).")
    if money.left is not None:
        say(
            f"{dollars(money.spent or 0.0)} spent in {money.month}, {dollars(money.left)} left of the budget."
        )
    elif money.budget.monthly_usd is not None:
        say("What is spent this month is not known: no stack runs here.")


def _priced(usd: float | None) -> str:
    return "no price" if usd is None else dollars(usd)


def _row(case: Forecast, requests_per_minute: float, hour: float | None) -> dict[str, Any]:
    expected, p90 = case.minutes(requests_per_minute)
    usd = None if hour is None else case.dollars(requests_per_minute, hour)
    return asdict(case) | {"expected_minutes": expected, "p90_minutes": p90, "expected_dollars": usd}


def _show(policy: RolloutPolicy, rows: list[dict[str, Any]], traffic: float) -> None:
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
        f"champion's.\n{_deadline(policy, traffic)}"
    )


def _steps(policy: RolloutPolicy) -> str:
    return ", ".join(str(step) for step in policy.steps)


def _deadline(policy: RolloutPolicy, traffic: float) -> str:
    requests = affordable_requests(policy, traffic)
    return f"Deadline: {_time(requests / traffic)}, {requests:,.0f} requests; without a verdict the champion stays."


def _table(rows: list[dict[str, Any]]) -> Table:
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
        table.add_row(title, verdict, *times, *counts, _priced(row["expected_dollars"]))
    return table


def _time(minutes: float) -> str:
    """As people say it: 45 s, 12 min, 3.4 h, 2.1 days."""
    if minutes < 2:
        return f"{60 * minutes:.0f} s"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"
