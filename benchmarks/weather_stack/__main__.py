"""Rollouts on the local stack in the weather of a real account: `python -m benchmarks.weather_stack`.

A stack of its own is brought up in that weather, on which a minute of AWS lasts a second. Five models live on it side
by side, one a way to serve (two canaries, one that scales, serverless, asynchronous), and clients ask them all the
while. Each gets rows of its own, drawn by the seed: good ones and a release with a bug (ten rollouts), and wrong
labels. Prints how each run ended; leaves with 1 if one ended otherwise than in fair weather (in a storm: in no
safe state), or if something is left that `switchyard check` would name. The stack is taken down.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.weather_stack.live_models import (
    BUGGY_RELEASE,
    FIRST,
    GOOD,
    SERVED,
    WRONG_LABELS,
    Kind,
    Rows,
    Serving,
)
from cli.commands.local.up import Weather
from cli.display import step
from cli.local.bring_up import bring_up, take_down
from cli.records.ledger import Line
from cli.records.model_views import not_so
from cli.requests.sweep import run_sweep
from cli.rows.player import Player
from cli.stack.errors import StackError
from cli.stack.home import Home
from cli.stack.stack import Stack
from switchyard.closing.rules.model_view import Broken

RUN_SECONDS = 1800.0
AT_REST_SECONDS = 300.0  # what a storm left undone is done by sweeps and laps
SAFE = {"FAILED", "INCONCLUSIVE", "ROLLED_BACK", "ABORTED", "SUPERSEDED"}
TRIES = 4  # a first model that a storm took down is dropped again


@dataclass(frozen=True)
class Ended:
    serving: Serving
    kind: Kind
    line: Line
    seconds: float

    def is_right(self, weather: Weather) -> bool:
        """In a storm any safe end will do; a promotion of what is bad never does."""
        ended = self.line.state
        return ended == self.kind.expected or (weather is Weather.STORM and ended in SAFE)

    def sentence(self, weather: Weather) -> str:
        mark = "" if self.is_right(weather) else f"  <-- expected {self.kind.expected}"
        head = f"{self.line.state:12} {self.serving.name:12} {self.kind.name:20} {self.seconds:5.0f} s"
        return f"{head}  {self.line.reason}{mark}"


def main(
    weather: Annotated[Weather, typer.Option(help="Which one.")] = Weather.REAL,
    seed: Annotated[int, typer.Option(help="Of the rows, and of the weather.")] = 1,
    at_once: Annotated[int, typer.Option(help="Models side by side; fewer on a busy machine.", min=1)] = 5,
) -> None:
    """Play them, and say how each ended."""
    os.environ["SAGEMAKER_LOCAL_WEATHER_SEED"] = str(seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="switchyard-weather-") as folder:
        home = Home(Path(folder) / "home")
        try:
            stack = bring_up(home, step, weather=weather.value).stack
            ended = side_by_side(stack, weather, seed, at_once)
            left = at_rest(stack)
        finally:
            take_down(home, step, purge=True)
    wrong = [each for each in ended if not each.is_right(weather)]
    for broken in left:
        typer.echo(f"{broken.model}: not so: {broken.invariant}. {broken.found}")
    minutes = (time.monotonic() - began) / 60
    typer.echo(
        f"{weather}: {len(ended)} runs in {minutes:.0f} minutes, {len(wrong)} ended otherwise than they may"
    )
    raise typer.Exit(1 if wrong or left else 0)


def side_by_side(stack: Stack, weather: Weather, seed: int, at_once: int) -> list[Ended]:
    """So many ways to serve at the same time; each run is told when it ends."""
    rows = Rows.cut()

    def lived(serving: Serving) -> list[Ended]:
        ended = []
        for each in life(Stack.load(stack.home), serving, rows, random.Random(f"{seed}-{serving.name}")):
            typer.echo(each.sentence(weather))
            ended.append(each)
        return ended

    pool = ThreadPoolExecutor(at_once)
    try:
        return [each for ended in pool.map(lived, SERVED) for each in ended]
    finally:  # after an interrupt the others end with the stack, which is taken down next
        pool.shutdown(wait=False, cancel_futures=True)


def life(stack: Stack, serving: Serving, rows: Rows, chance: random.Random) -> Iterator[Ended]:
    """One model's runs, one after the other."""
    player = Player(stack, serving.example, f"weather-{serving.name}")
    player.put_artifact("holdout/holdout.csv", rows.data.holdout)
    for number in range(TRIES):
        first = played(player, serving, FIRST, rows.drawn(FIRST, chance), f"first-{number}")
        yield first
        if first.line.state == FIRST.expected:
            break
    else:
        raise StackError(
            f"{player.model} has no model after {TRIES} drops.", "Read the reasons above; try another seed."
        )
    with serving.asked(player, rows.live):
        for kind in (GOOD, WRONG_LABELS, BUGGY_RELEASE):
            yield played(player, serving, kind, rows.drawn(kind, chance), kind.name.replace(" ", "-"))


def played(player: Player, serving: Serving, kind: Kind, dataset: bytes, name: str) -> Ended:
    began = time.monotonic()
    player.put_artifact("pipeline.yaml", serving.pipeline(player, kind))
    line = player.wait_for_upload(player.drop(f"train/{name}.csv", dataset), RUN_SECONDS)
    return Ended(serving, kind, line, time.monotonic() - began)


def at_rest(stack: Stack) -> list[Broken]:
    """What does not hold although sweeps had time for it."""
    until = time.monotonic() + AT_REST_SECONDS
    while left := not_so(stack):
        if time.monotonic() > until:
            return left
        run_sweep(stack)
        time.sleep(5.0)
    return []


if __name__ == "__main__":
    typer.run(main)
