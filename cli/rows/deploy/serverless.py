"""Serverless: the second model is swapped in while clients ask, watched against the first one's history, and kept."""

import time

from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row

HISTORY_SECONDS = 15  # of the champion alone, for the watch to compare with


def play(player: Player) -> Ending:
    first_model(player)
    with player.traffic(requests_per_second=40):
        time.sleep(HISTORY_SECONDS)
        line = player.train_on("second.csv")
    return Ending(line.state, line.reason)


ROW = Row("serverless", "deploy", "serverless endpoint: swap, watch, keep or take back", play)
