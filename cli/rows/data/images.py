"""Data that are no table: PNG files in a folder a class, asked for by their bytes, with labels that come later."""

from cli.records.ledger import Line
from cli.rows.labelled import labelled_traffic
from cli.rows.player import Player
from cli.rows.row import Ending, Row

REQUESTS_PER_SECOND = 100.0  # a picture each


def play(player: Player) -> Ending:
    """Two folders; the second goes live under requests that are pictures."""
    player.upload()
    drop(player, "first")
    first = close(player, "first")
    if first.state != "PROMOTED":
        return Ending(first.state, first.reason)
    pictures = [(body, path.split("/")[1]) for path, body in player.data.items() if path.startswith("first/")]
    bodies, digits = zip(*pictures, strict=True)
    drop(player, "second")
    with labelled_traffic(player, bodies, digits, "image/png", 1.0, REQUESTS_PER_SECOND):
        second = close(player, "second")
    return Ending(second.state, second.reason)


def drop(player: Player, version: str) -> None:
    for path, body in player.data.items():
        if path.startswith(f"{version}/"):
            player.drop(f"train/{path}", body)


def close(player: Player, version: str) -> Line:
    """The folder is complete; waits for what becomes of it."""
    player.drop(f"train/{version}/_SUCCESS", b"")
    return player.wait_for_upload(f"{player.model}/train/{version}/")


ROW = Row("images", "data", "pictures: records that are no table, a folder a class", play)
