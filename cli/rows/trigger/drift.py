"""Drift: clients send other inputs than the champion was trained on, and a run starts by itself."""

from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row
from cli.rows.trigger.schedule import started_by


def play(player: Player) -> Ending:
    first_model(player)
    with player.traffic():
        line = player.wait_for(started_by(player, "drift").run_id)
    return Ending(line.state, f"{line.source}: {line.reason}")


ROW = Row("drift", "trigger", "drift of the live input against the training baseline", play)
