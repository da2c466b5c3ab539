"""Asynchronous: the second model is swapped in while requests queue up, watched against the first one's history."""

import time

from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row

HISTORY_SECONDS = 15  # of the champion alone, for the watch to compare with


def play(player: Player) -> Ending:
    first_model(player)
    with player.queued_requests():
        time.sleep(HISTORY_SECONDS)
        line = player.train_on("second.csv")
    return Ending(line.state, line.reason)


ROW = Row(
    "async",
    "deploy",
    "asynchronous endpoint: requests and answers in S3; swap, watch, keep or take back",
    play,
)
