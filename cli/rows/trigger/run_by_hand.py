"""`switchyard run`: with a dataset, then again on the newest data while clients ask."""

import tempfile
from pathlib import Path

from cli.requests.retrain import retrain
from cli.rows.player import Player
from cli.rows.row import Ending, Row


def play(player: Player) -> Ending:
    player.upload()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "first.csv")
        file.write_bytes(player.data["first.csv"])
        first = player.wait_for(retrain(player.stack, player.model, str(file)).run_id)
    if first.state != "PROMOTED":
        return Ending(first.state, first.reason)
    with player.traffic():
        line = player.wait_for(retrain(player.stack, player.model).run_id)
    return Ending(line.state, f"{line.source}: {line.reason}")


ROW = Row("run-by-hand", "trigger", "switchyard run, with a dataset and without", play)
