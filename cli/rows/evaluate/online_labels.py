"""Delayed labels: a challenger that answers fast and without errors, and is wrong about what has changed since."""

import json
import threading
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row

DROP_SECONDS = 1.0


def play(player: Player) -> Ending:
    first_model(player)
    with labelled_traffic(player):
        line = player.train_on("second.csv")
    return Ending(line.state, line.reason)


@contextmanager
def labelled_traffic(player: Player) -> Iterator[None]:
    """Clients that ask, and somebody who learns soon after what was true, and drops it as label files."""
    answered: deque[tuple[str, int]] = deque()
    stopped = threading.Event()
    truth = player.data["live.csv"].decode().splitlines()[1:]
    rows = [line.split(",", 1) for line in truth]

    def drop() -> None:
        waiting = [answered.popleft() for _ in range(len(answered))]
        lines = [json.dumps({"inferenceId": each, "label": int(rows[row][0])}) for each, row in waiting]
        if lines:
            player.drop(f"labels/{uuid.uuid4().hex}.jsonl", "\n".join(lines).encode())

    def keep_dropping() -> None:
        while not stopped.wait(DROP_SECONDS):
            drop()

    labeller = threading.Thread(target=keep_dropping, daemon=True)
    with player.traffic([row for _, row in rows], heard=lambda name, row: answered.append((name, row))):
        labeller.start()
        try:
            yield
        finally:
            stopped.set()
            labeller.join()


ROW = Row(
    "online-labels", "evaluate online", "errors, latency and delayed labels per variant", play, "ROLLED_BACK"
)
