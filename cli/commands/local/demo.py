"""`switchyard demo`: four datasets arrive; two models are promoted, one is rejected, one is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table

from cli.commands.options import AsJson
from cli.demo.clients import LiveClients, Load, in_background
from cli.demo.data import make_demo_data, to_row
from cli.demo.fresh import fresh_stack
from cli.demo.stage import Glimpse, Stage
from cli.demo.story import ACTS, MAX_TRANSITIONS, MEASURED_ACT, MODEL, Act, Scene
from cli.display import console, fail, print_json, reporting, say

REQUESTS_PER_SECOND = 200.0
CONSOLE = "`.venvs/dev/bin/switchyard console --open`"


@reporting
def demo(as_json: AsJson = False) -> None:
    """Watch four datasets arrive: two promoted, one rejected, one rolled back.

    Exit code 1 if any ends otherwise.
    """
    scenes = _scenes(Stage(fresh_stack({MODEL}), make_demo_data()))
    _summary(scenes)
    say(
        f'The stack stays up. Look: {CONSOLE}. Ask: `switchyard why`. Your own data: README, "Your own data".'
    )
    if as_json:
        print_json({"datasets": [scene.to_dict() for scene in scenes]})
    failures = [failure for scene in scenes for failure in scene.failures]
    if failures:
        raise fail(
            "; ".join(failures), "Look at `switchyard runs`, then at the logs that `switchyard status` names."
        )


def _scenes(stage: Stage) -> list[Scene]:
    """The four acts; from the second on live clients send requests."""
    stage.prepare()
    say("Four datasets arrive, about a minute in all. To look meanwhile, in another terminal: " + CONSOLE)
    first = _play(stage, ACTS[0], None)
    rows = [to_row(digit) for digit in stage.data.live]
    load = Load(
        stage.stack.plane_url, f"switchyard-{MODEL}", rows, REQUESTS_PER_SECOND, keys=stage.stack.keys
    )
    with in_background(LiveClients(load)) as clients:
        return [first, *(_play(stage, act, clients) for act in ACTS[1:])]


def _play(stage: Stage, act: Act, clients: LiveClients | None) -> Scene:
    with _showing(act) as show:
        scene = stage.play(act, clients, show)
    style = "green" if not scene.failures else "red"
    shares = " → ".join(f"{weight:.0f} %" for weight in scene.weights)
    console.print(
        f"[{style}]{scene.state}[/] {escape(act.version)}: {escape(scene.reason)}",
        soft_wrap=True,
        markup=True,
    )
    if shares:
        console.print(f"  [dim]challenger's share of live traffic: {shares}[/]", markup=True)
    return scene


@contextmanager
def _showing(act: Act) -> Iterator[Callable[[Glimpse], None]]:
    title = f"[bold]{escape(act.version)}[/] {escape(act.title)}"
    console.print(title, markup=True)
    spinner = Spinner("dots", text="")
    with Live(spinner, console=console, transient=True, refresh_per_second=8):

        def show(glimpse: Glimpse) -> None:
            parts = [glimpse.state, glimpse.traffic]
            if glimpse.requests:
                parts.append(f"{glimpse.requests} live requests, {glimpse.client_errors} failed")
            spinner.update(text=escape(" · ".join(part for part in parts if part)))

        yield show


def _summary(scenes: list[Scene]) -> None:
    table = Table(title="What became of four datasets", title_justify="left")
    for name in ("dataset", "verdict", "reason"):
        table.add_column(name, overflow="fold")
    for name in ("requests", "to the challenger", "errors seen by clients", "seconds"):
        table.add_column(name, justify="right")
    for scene in scenes:
        table.add_row(
            f"{scene.act.version}.csv",
            scene.state,
            scene.reason,
            str(scene.requests),
            str(scene.challenger_requests),
            str(scene.client_errors),
            f"{scene.seconds:.0f}",
        )
    console.print(table)
    measured = next(scene for scene in scenes if scene.act.version == MEASURED_ACT)
    say(f"State transitions of the {MEASURED_ACT} run: {measured.transitions} (at most {MAX_TRANSITIONS})")
    say(f"Requests that failed because of a rollout step: {sum(scene.errors_by_rollout for scene in scenes)}")
