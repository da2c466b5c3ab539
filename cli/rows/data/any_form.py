"""Two lines of pipeline.yaml: a spreadsheet's CSV first, then the same table and more as Parquet, through a rollout."""

import json

from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row


def play(player: Player) -> Ending:
    """What was held out of the one form is held out of the other."""
    first_model(player)
    with player.traffic():
        for path, body in player.data.items():
            if path.startswith("second/"):
                player.drop(f"train/{path}", body)
        player.drop("train/second/_SUCCESS", b"")
        line = player.wait_for_upload(f"{player.model}/train/second/")
    schema = json.loads(player.artifact(f"prepared/{line.run_id}/schema.json"))
    held = len(player.artifact("holdout/holdout.csv").splitlines()) - 1
    if schema["rows"]["held_out"] != held:
        return Ending(
            "LEAKED", f"{schema['rows']['held_out']} of {held} rows were kept out of the second form"
        )
    return Ending(line.state, line.reason)


ROW = Row("any-form", "data", "two lines of pipeline.yaml, a spreadsheet's CSV, then Parquet", play)
