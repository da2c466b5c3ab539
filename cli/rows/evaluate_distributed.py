"""Offline evaluation by a Distributed Map over the chunks of the holdout, of champion and challenger."""

from cli.rows.player import Player
from cli.rows.row import Ending, Row
from cli.rows.second_drop import compare


def play(player: Player) -> Ending:
    player.upload()
    player.train_on("first.csv")
    with player.traffic():
        _, ending = compare(player)
    return ending


ROW = Row("evaluate-distributed", "evaluate offline", "Distributed Map over chunks of the holdout", play)
