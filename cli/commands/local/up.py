"""`switchyard up`: the local stack, started, deployed, recovered."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from cli.commands.options import AsJson
from cli.display import print_json, reporting, say, step
from cli.local.bring_up import Arrival, bring_up
from cli.stack.home import Home


class Weather(StrEnum):
    """--weather; docs/weather.md says what each does."""

    FAIR = "fair"
    REAL = "real"
    STORM = "storm"


Kind = Annotated[
    Weather | None,
    typer.Option(
        help="How kind the local SageMaker is; a change restarts it. Default: as before, at first fair."
    ),
]


@reporting
def up(weather: Kind = None, as_json: AsJson = False) -> None:
    """Start what does not run, deploy what changed, recover from what was lost."""
    arrival = bring_up(Home.locate(), step, weather=weather.value if weather else "")
    for sentence in sentences(arrival):
        say(sentence)
    if as_json:
        print_json(document(arrival))


def sentences(arrival: Arrival) -> list[str]:
    """What `up` did and where things are."""
    stack = arrival.stack
    told = arrival.outage.sentences() + arrival.recovered
    if not arrival.started and not arrival.deployed:
        told.append("Everything was up and deployed already.")
    told.append(f"Local AWS {stack.ministack_url} · local SageMaker {stack.plane_url}")
    told.append('Next: `switchyard demo`, or eval "$(switchyard env)" and use the AWS CLI or boto3.')
    return told


def document(arrival: Arrival) -> dict[str, Any]:
    """The same for programs."""
    stack = arrival.stack
    return {
        "started": arrival.started,
        "deployed": arrival.deployed,
        "lost": arrival.outage.sentences(),
        "recovered": arrival.recovered,
        "aws": stack.ministack_url,
        "sagemaker": stack.plane_url,
        "outputs": dict(stack.outputs),
    }
