"""Whole runs over the fakes, in the weather of a real account and in a storm: `python -m benchmarks.weather`.

Each seed is one of the scenarios of the crash points, played to its end. Prints every promise that was broken, and how
many runs ended otherwise than in fair weather, in a safe state; leaves with 1 if a promise was broken.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import typer

from tests.crash_points.in_weather import of_seed, promises_broken, world_in
from tests.fakes.weather import WEATHERS


def main(
    seeds: Annotated[int, typer.Option(help="How many runs in each weather.", min=1)] = 200,
    weather: Annotated[str | None, typer.Option(help=f"Only this one of {', '.join(WEATHERS)}.")] = None,
) -> None:
    """Play them, and say what was broken."""
    os.environ["POWERTOOLS_METRICS_DISABLED"] = "true"
    broken = [said for name in ([weather] if weather else WEATHERS) for said in _played(name, seeds)]
    for said in broken:
        typer.echo(said)
    raise typer.Exit(1 if broken else 0)


def _played(name: str, seeds: int) -> Iterator[str]:
    began, ends, hours = time.perf_counter(), Counter[str](), 0.0
    for seed in range(seeds):
        world = world_in(WEATHERS[name], seed)
        hours += (world.clock() - world.began_at) / 3600
        wanted = dict(of_seed(seed).ends)
        other = {state for each, state in world.states().items() if state != wanted.get(each, state)}
        ends["as in fair weather" if not other else f"safe: {', '.join(sorted(other))}"] += 1
        yield from promises_broken(world, of_seed(seed), f"{name}, seed {seed}")
    took = time.perf_counter() - began
    typer.echo(f"{name}: {seeds} runs, {hours:.0f} hours of their clock, in {took:.0f} s: {dict(ends)}")


if __name__ == "__main__":
    typer.run(main)
