"""`switchyard drill`: a challenger that misbehaves, and what becomes of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from cli.commands.options import AsJson
from cli.display import console, fail, print_json, reporting, say
from cli.drill.kinds import DRILLS, Kind
from cli.drill.play import Ending, Play
from cli.stack.stack import Stack


@reporting
def drill(
    kind: Annotated[Kind, typer.Argument(help="What is wrong with the challenger.")],
    model: Annotated[str, typer.Argument(help="A model with a champion on a realtime endpoint.")],
    requests_per_second: Annotated[
        float, typer.Option(min=1, max=1000, help="Live requests, made of the champion's own rows.")
    ] = 100.0,
    as_json: AsJson = False,
) -> None:
    """Put a bad challenger beside a champion, and see it taken back.

    broken answers 500, slow answers too late, wrong learned from shuffled labels, silent is asked by nobody, killed
    loses its server at every request. Exit code 1 where it ends otherwise than it must, or the champion is not back.
    """
    with console.status(f"{model}: {DRILLS[kind].story} ...") as shown:
        ending = Play(
            Stack.load(), model, kind, requests_per_second, lambda text: shown.update(escape(text))
        ).play()
    if as_json:
        print_json(asdict(ending) | {"as_expected": ending.is_as_expected})
    else:
        _tell(ending)
    if not ending.is_as_expected:
        raise fail(
            f"It ended {ending.state} ({' or '.join(ending.expected)} was expected), and the champion is "
            f"{'back' if ending.is_back else 'not back'}.",
            f"Look at it: `switchyard why {ending.run_id}`, `switchyard check`.",
        )


def _tell(ending: Ending) -> None:
    say(f"{ending.run_id}: {ending.state}. {ending.reason}")
    shares = " → ".join(f"{weight:.0f} %" for weight in ending.weights)
    say(f"The challenger's share of live traffic: {shares or 'none'}.")
    if ending.requests:
        say(f"{ending.requests} live requests, {ending.failed} failed.")
    if ending.is_back:
        say(
            f"Champion {ending.champion} has all of the traffic, {ending.seconds:.0f} s after the drill began."
        )
