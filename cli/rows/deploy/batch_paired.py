"""Batch on evidence: Monday's labels promote a challenger, Tuesday's roll one back; then the way back by hand."""

import json
import time

from cli.records.ledger import Line, read_lines
from cli.requests.rollback import go_back
from cli.rows.first_drop import first_model
from cli.rows.player import RUN_SECONDS, Player
from cli.rows.row import Ending, Row
from cli.stack.errors import StackError

LOOK_SECONDS = 0.5


def play(player: Player) -> Ending:
    first = first_model(player)
    second = compare(player, "second.csv", "monday")
    if second.state != "PROMOTED":
        return Ending(f"{first.state}, {second.state}", second.reason)
    third = compare(player, "third.csv", "tuesday")
    if go_back(player.stack, player.model, "", "the row wants the first model back").now != first.run_id:
        return Ending("NOT_RESTORED", f"{first.run_id} is not the champion again")
    return Ending(third.state, f"after a promotion ({second.reason}): {third.reason}")


def compare(player: Player, dataset: str, drop: str) -> Line:
    """Trains a challenger, drops rows while it is in rollout, and tells what was true of them."""
    key = player.drop(f"train/{dataset}", player.data[dataset])
    until_compared(player, key)
    header, *rows = player.data[f"{drop}.csv"].decode().splitlines()
    truth, features = zip(*(row.split(",", 1) for row in rows), strict=True)
    table = "\n".join([header.partition(",")[2], *features, ""])
    scored = player.wait_for_upload(player.drop(f"batch/{drop}.csv", table.encode()))
    manifest = json.loads(player.artifact(f"batches/{scored.run_id}/manifest.json"))
    if manifest.get("comparison", {}).get("rows") != len(rows):
        raise StackError(f"{drop}.csv was not compared row by row.", "Look at its manifest.")
    labels = (
        json.dumps({"inferenceId": f"{drop}.csv#{row}", "label": int(label)})
        for row, label in enumerate(truth, start=1)
    )
    player.drop(f"labels/{drop}.jsonl", "\n".join(labels).encode())
    return player.wait_for_upload(key)


def until_compared(player: Player, key: str) -> None:
    """The run of this dataset waits for drops."""
    client, table = player.stack.client("dynamodb"), player.stack.output("LedgerTableName")
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        for line in read_lines(player.stack, player.model):
            if line.source.endswith(f"/{key}") and line.run_id:
                place = {"pk": {"S": f"ROLLOUT#{line.run_id}"}, "sk": {"S": "STATE"}}
                if "paired" in client.get_item(TableName=table, Key=place).get("Item", {}):
                    return
                if line.ended_at:
                    raise StackError(f"{key} ended {line.state}: {line.reason}", "It never met a drop.")
        time.sleep(LOOK_SECONDS)
    raise StackError(f"{key} has not begun its rollout.", "Look at `switchyard watch`.")


ROW = Row(
    "batch-paired",
    "deploy",
    "batch on evidence: both models score a drop, labels decide row by row",
    play,
    expected="ROLLED_BACK",
)
