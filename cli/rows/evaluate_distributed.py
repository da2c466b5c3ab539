"""Offline evaluation by a Distributed Map over the chunks of the holdout."""

from cli.rows.player import Player
from cli.rows.row import Ending, Row


def play(player: Player) -> Ending:
    player.upload()
    line = player.train_on("first.csv")
    return Ending(line.state, line.reason)


ROW = Row("evaluate-distributed", "evaluate offline", "Distributed Map over chunks of the holdout", play)
