"""Offline evaluation by a Distributed Map over the chunks of the holdout, of champion and challenger."""

from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row
from cli.rows.second_drop import compare


def play(player: Player) -> Ending:
    first_model(player)
    with player.traffic():
        _, ending = compare(player)
    return ending


ROW = Row("evaluate-distributed", "evaluate offline", "Distributed Map over chunks of the holdout", play)
