"""What most rows do: upload an example, drop its first dataset, and wait for the end of its run."""

from cli.rows.player import Player
from cli.rows.row import Ending


def play(player: Player) -> Ending:
    player.upload()
    line = player.train_on("first.csv")
    return Ending(line.state, line.reason)
