"""The clock: a changed pipeline.yaml and no upload; the schedule retrains on the newest data, once."""

import time

import yaml

from cli.records.ledger import Line, read_lines
from cli.rows.first_drop import first_model
from cli.rows.player import RUN_SECONDS, Player
from cli.rows.row import Ending, Row
from cli.stack.errors import StackError

LOOK_SECONDS = 0.5


def play(player: Player) -> Ending:
    first_model(player)
    player.put_artifact("pipeline.yaml", _more_rounds(player))
    with player.traffic():
        line = player.wait_for(started_by(player, "schedule").run_id)
    return Ending(line.state, f"{line.source}: {line.reason}")


def _more_rounds(player: Player) -> bytes:
    document = yaml.safe_load((player.folder / "pipeline.yaml").read_text())
    document["training"]["hyperparameters"]["num_round"] = 30
    return yaml.safe_dump(document, sort_keys=False).encode()


def started_by(player: Player, source: str) -> Line:
    """The run that a trigger has started, as soon as there is one."""
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        for line in read_lines(player.stack, player.model):
            if line.source == source:
                return line
        time.sleep(LOOK_SECONDS)
    raise StackError(
        f"No run of {player.model} with source {source} after {RUN_SECONDS:.0f} s.", "Look at its log."
    )


ROW = Row("schedule", "trigger", "EventBridge schedule: retrain on the newest data", play)
