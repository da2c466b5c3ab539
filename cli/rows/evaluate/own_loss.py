"""The owner's own loss: a script in a processing job says what each row costs, and that alone stops the challenger."""

import json

from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row

LOSS = "lost_money"


def play(player: Player) -> Ending:
    """The second model is as right as the first, within the margin, and dearer."""
    first_model(player)
    line = player.train_on("second.csv")
    gate = json.loads(player.artifact(f"evaluations/{line.run_id}/evaluation.json"))["gate"]
    failed = [figure["metric"] for figure in gate["figures"] if figure["outcome"] == "fail"]
    return Ending(line.state if failed == [LOSS] else f"{line.state} BY {', '.join(failed)}", line.reason)


ROW = Row("own-loss", "evaluate offline", "a loss of your own, by a script", play, "REJECTED")
