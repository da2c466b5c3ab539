"""A folder is a dataset when it is closed: by _SUCCESS, or by a manifest that names every file with its sha256."""

import hashlib
import json
import time

from cli.records.follow import follow
from cli.records.ledger import Line, read_lines
from cli.rows.player import RUN_SECONDS, Player
from cli.rows.row import Ending, Row
from cli.stack.errors import StackError

PARTS = ("part-0.csv", "part-1.csv")


def play(player: Player) -> Ending:
    """The folder waits while it is open; closed, it is one dataset; the same files again are the same dataset."""
    player.upload()
    drop(player, "v1")
    until_incomplete(player)
    line = close(player, "v1", "_SUCCESS", b"")
    drop(player, "v2")
    same = close(player, "v2", "manifest.json", manifest(player))
    if same.run_id != line.run_id:
        return Ending("LOST", f"_SUCCESS made {line.run_id}, and manifest.json {same.run_id}")
    return Ending(line.state, line.reason)


def close(player: Player, version: str, marker: str, body: bytes) -> Line:
    """Drops what closes the folder, and waits for what becomes of it."""
    player.drop(f"train/{version}/{marker}", body)
    *_, line = follow(player.stack, player.model, f"{player.model}/train/{version}/", RUN_SECONDS)
    if line is None:
        raise StackError(f"{version}/ left no record in the ledger.", "Look at `switchyard status`.")
    return line


def drop(player: Player, version: str) -> None:
    for part in PARTS:
        player.drop(f"train/{version}/{part}", player.data[part])


def manifest(player: Player) -> bytes:
    files = [{"name": part, "size": len(body := player.data[part]), "sha256": sha256(body)} for part in PARTS]
    return json.dumps({"files": files}).encode()


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def until_incomplete(player: Player) -> None:
    """The ledger says what an open folder waits for."""
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        if any(line.state == "INCOMPLETE" for line in read_lines(player.stack, player.model)):
            return
        time.sleep(0.2)
    raise StackError(f"{player.model}: the open folder left no record.", "Look at `switchyard runs`.")


ROW = Row("folder-drop", "trigger", "folder drop, closed by _SUCCESS or a manifest", play)
