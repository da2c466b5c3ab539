"""Own container from ECR, real time, an object drop: the first dataset of examples/digits."""

from cli.rows.player import Player
from cli.rows.row import Ending, Row


def play(player: Player) -> Ending:
    player.upload()
    line = player.train_on("first.csv")
    return Ending(line.state, line.reason)


ROW = Row("digits", "train", "own container from ECR; real time; object drop", play)
