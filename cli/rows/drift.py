"""Drift: clients send other inputs than the champion was trained on, and a run starts by itself."""

from cli.rows.player import Player
from cli.rows.row import Ending, Row
from cli.rows.schedule import TICK_SECONDS, started_by


def play(player: Player) -> Ending:
    player.upload()
    first = player.train_on("first.csv")
    if first.state != "PROMOTED":
        return Ending(first.state, first.reason)
    with player.traffic():
        line = player.wait_for(started_by(player, "drift", TICK_SECONDS).run_id)
    return Ending(line.state, f"{line.source}: {line.reason}")


ROW = Row("drift", "trigger", "drift of the live input against the training baseline", play)
