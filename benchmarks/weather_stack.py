"""Rollouts on the local stack in the weather of a real account: `python -m benchmarks.weather_stack`.

A stack of its own is brought up in that weather, on which a minute of AWS lasts a second. Each run drops rows of its
own, drawn by the seed, while clients ask: good ones, labels that are wrong, and a release that answers with errors.
Prints how each ended; leaves with 1 if one ended otherwise than in fair weather (in a storm: in no safe state), and
takes the stack down.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
import yaml

from cli.commands.local.up import Weather
from cli.demo.clients import LiveClients, Load, in_background
from cli.demo.data import BAD_RELEASE_IMAGE, IMAGE, Digit, load_digits, make_demo_data, to_csv, to_row
from cli.display import step
from cli.local.bring_up import bring_up, take_down
from cli.records.ledger import Line
from cli.rows.player import Player
from cli.stack.home import Home
from cli.stack.stack import Stack

ROWS = 800
RUN_SECONDS = 1500.0
REQUESTS_PER_SECOND = 60.0
SAFE = {"FAILED", "INCONCLUSIVE", "ROLLED_BACK", "ABORTED", "SUPERSEDED"}
PATIENT = {"silence_seconds": 300, "deadline_seconds": 1200}  # a step's change takes up to 40 s of this clock


@dataclass(frozen=True)
class Kind:
    """What is dropped, and how it ends in fair weather."""

    name: str
    expected: str
    image: str = IMAGE
    shift: int = 0


GOOD = Kind("good rows", "PROMOTED")
KINDS = (
    GOOD,
    Kind("wrong labels", "REJECTED", shift=1),
    Kind("a release with a bug", "ROLLED_BACK", BAD_RELEASE_IMAGE),
)


@dataclass(frozen=True)
class Ended:
    kind: Kind
    line: Line
    seconds: float

    def is_right(self, weather: Weather) -> bool:
        """In a storm any safe end will do; a promotion of what is bad never does."""
        ended = self.line.state
        return ended == self.kind.expected or (weather is Weather.STORM and ended in SAFE)


def main(
    runs: Annotated[int, typer.Option(help="How many, beside the first model.", min=1)] = 10,
    weather: Annotated[Weather, typer.Option(help="Which one.")] = Weather.REAL,
    seed: Annotated[int, typer.Option(help="Of the rows, and of the weather.")] = 1,
    minutes: Annotated[float, typer.Option(help="No new run begins after so many.")] = 90.0,
) -> None:
    """Play them, and say how each ended."""
    os.environ["SAGEMAKER_LOCAL_WEATHER_SEED"] = str(seed)
    with tempfile.TemporaryDirectory(prefix="switchyard-weather-") as folder:
        home = Home(Path(folder) / "home")
        try:
            stack = bring_up(home, step, weather=weather.value).stack
            ended = [_told(each, weather) for each in _played(stack, runs, seed, 60.0 * minutes)]
        finally:
            take_down(home, step, purge=True)
    wrong = [each for each in ended if not each.is_right(weather)]
    typer.echo(f"{weather}: {len(ended)} runs, {len(wrong)} ended otherwise than they may")
    raise typer.Exit(1 if wrong or len(ended) < runs + 1 else 0)


def _told(ended: Ended, weather: Weather) -> Ended:
    mark = "" if ended.is_right(weather) else f"  <-- expected {ended.kind.expected}"
    typer.echo(
        f"{ended.line.state:12} {ended.kind.name:20} {ended.seconds:5.0f} s  {ended.line.reason}{mark}"
    )
    return ended


def _played(stack: Stack, runs: int, seed: int, seconds: float) -> Iterator[Ended]:
    digits, chance, until = load_digits(), random.Random(seed), time.monotonic() + seconds
    player = Player(stack, "digits")
    data = make_demo_data(digits)
    player.put_artifact("holdout/holdout.csv", data.holdout)
    rows = [to_row(digit) for digit in data.live]
    training = [
        digit for digit in digits if digit not in set(data.live) and to_row(digit) not in _held(data.holdout)
    ]
    yield _run(player, GOOD, chance.sample(training, ROWS // 4), "first")
    live = (stack.plane_url, "switchyard-digits", rows, REQUESTS_PER_SECOND)
    with in_background(LiveClients(Load(*live, max_seconds=seconds, keys=stack.keys), seed)):
        for number in range(runs):
            if time.monotonic() > until:
                return
            yield _run(player, KINDS[number % len(KINDS)], chance.sample(training, ROWS), f"run-{number}")


def _held(holdout: bytes) -> set[str]:
    """Rows of the holdout without their labels."""
    return {line.partition(",")[2] for line in holdout.decode().splitlines()[1:]}


def _run(player: Player, kind: Kind, digits: Sequence[Digit], name: str) -> Ended:
    began = time.monotonic()
    player.put_artifact("pipeline.yaml", _pipeline(player, kind))
    shifted = [replace(digit, label=(digit.label + kind.shift) % 10) for digit in digits]
    line = player.wait_for_upload(player.drop(f"train/{name}.csv", to_csv(shifted)), RUN_SECONDS)
    return Ended(kind, line, time.monotonic() - began)


def _pipeline(player: Player, kind: Kind) -> bytes:
    document: Mapping[str, dict[str, object]] = yaml.safe_load((player.folder / "pipeline.yaml").read_text())
    document["training"]["image"] = kind.image
    document["rollout"] |= PATIENT
    return yaml.safe_dump(document, sort_keys=False).encode()


if __name__ == "__main__":
    typer.run(main)
