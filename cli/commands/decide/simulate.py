"""`switchyard simulate`: how often would a rule be wrong, and how long would it take, if the truth were this?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from cli.commands.options import AsJson
from cli.decision.policies import read, rollout_part
from cli.display import console, fail, print_json, reporting
from cli.simulation.world import Drift, Ramp, World
from switchyard.core.policy import PolicyError

if TYPE_CHECKING:
    from cli.simulation.experiment import Summary

RULES = (
    "switchyard, oracle-sprt, flagger, argo-rollouts, kayenta, growthbook, group-sequential-obf, peeking-z, "
    "fixed-horizon-z"
)


@reporting
def simulate(
    champion: Annotated[float, typer.Option(help="True loss rate of the champion.")] = 0.01,
    challenger: Annotated[float, typer.Option(help="True loss rate of the challenger.")] = 0.01,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file, or a pipeline.yaml; without one the defaults.")
    ] = None,
    rule: Annotated[list[str] | None, typer.Option(help=f"Repeat for several: {RULES}.")] = None,
    runs: Annotated[int, typer.Option(min=1, help="Rollouts.")] = 200,
    look: Annotated[int, typer.Option(min=1, help="Requests a block; every block is a look.")] = 100,
    ramp: Annotated[
        Ramp, typer.Option(help="Fixed split, steps by the clock, steps by evidence.")
    ] = Ramp.EVIDENCE,
    step_requests: Annotated[int, typer.Option(min=1, help="Requests a step of the time ramp.")] = 10_000,
    drift: Annotated[Drift, typer.Option(help="How the champion's own rate moves.")] = Drift.NONE,
    burst: Annotated[
        float, typer.Option(min=0, max=1, help="Share of blocks in which one model's instance fails.")
    ] = 0.0,
    burst_rate: Annotated[float, typer.Option(min=0, max=1, help="Loss rate in such a block.")] = 0.2,
    history: Annotated[
        int, typer.Option(min=0, help="Blocks of the champion to learn from before the start.")
    ] = 0,
    label_delay: Annotated[int, typer.Option(min=0, help="Requests until the labels of a block are in.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same streams.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Judge many rollouts with a known truth, and count false verdicts.

    And requests until a verdict, and how far the challenger got.
    """
    from cli.simulation import experiment  # numpy would slow down every other command

    try:
        declared, _ = rollout_part(
            read(policy) if policy else {"metrics": {"errors": {"margin": 0.005, "baseline": champion}}}
        )
        steps = tuple(step / 100 for step in declared.steps)
        world = World(champion, challenger - champion, look, ramp, steps, step_requests, drift)
        world = replace(world, burst=burst, burst_rate=burst_rate, history=history, label_delay=label_delay)
        plan = experiment.Experiment(world, declared, tuple(rule or ["switchyard"]), runs, seed)
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("rollouts", total=1.0)
            found = experiment.summaries(plan, lambda share: bar.update(task, completed=share))
    except (PolicyError, ValueError) as refused:
        raise fail(str(refused), "Correct this option or policy field.", 2) from None
    if as_json:
        print_json({"rules": [summary.to_dict() for summary in found]})
    else:
        console.print(_table(found, world, declared.alpha))


def _table(found: list[Summary], world: World, alpha: float) -> Table:
    truth = f"{world.champion:.4g} against {world.champion + world.difference:.4g}, alpha {alpha:g}"
    table = Table(
        "rule",
        "promoted",
        "rolled back",
        "undecided",
        "mean requests",
        "90 %",
        "of challenger",
        "x Wald",
        title=truth,
    )
    for each in found:
        shares = (f"{100 * share:.1f} %" for share in (each.promoted, each.rolled_back, each.undecided))
        counts = (f"{each.mean_requests:,.0f}", f"{each.p90_requests:,.0f}", f"{each.mean_challenger:,.0f}")
        table.add_row(each.rule, *shares, *counts, f"{each.wald_ratio:.2f}")
    return table
