"""Batch: a first model without an endpoint, then a folder of two files, of which one has a bad row."""

import json

from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row
from cli.stack.errors import StackError


def play(player: Player) -> Ending:
    first_model(player)
    good = _without_label(player.data["second.csv"])
    player.drop("batch/monday/good.csv", good)
    player.drop("batch/monday/bad.csv", good + b"one,two\n")
    player.drop("batch/monday/_SUCCESS", b"")
    line = player.wait_for_upload("batch/monday/")
    predictions = len(player.artifact(f"batches/{line.run_id}/predictions/good.csv.out").splitlines())
    manifest = json.loads(player.artifact(f"batches/{line.run_id}/manifest.json"))
    rows = [file["rows"] for file in manifest["files"] if file["name"] == "good.csv"]
    if rows != [predictions]:
        raise StackError(f"{predictions} predictions for {rows} rows.", "Look at the manifest.")
    return Ending(line.state, line.reason)


def _without_label(table: bytes) -> bytes:
    return b"\n".join(line.partition(b",")[2] for line in table.splitlines()) + b"\n"


ROW = Row(
    "batch", "deploy", "batch transform of a drop, file by file; no endpoint", play, expected="PARTLY_SCORED"
)
