"""Delayed labels: a challenger that answers fast and without errors, and is wrong about what has changed since."""

from cli.rows.first_drop import first_model
from cli.rows.labelled import labelled_traffic
from cli.rows.player import Player
from cli.rows.row import Ending, Row


def play(player: Player) -> Ending:
    first_model(player)
    truth = player.data["live.csv"].decode().splitlines()[1:]
    labels, requests = zip(*(line.split(",", 1) for line in truth), strict=True)
    with labelled_traffic(player, requests, [int(each) for each in labels]):
        line = player.train_on("second.csv")
    return Ending(line.state, line.reason)


ROW = Row(
    "online-labels", "evaluate online", "errors, latency and delayed labels per variant", play, "ROLLED_BACK"
)
