"""Live requests whose truth comes to light soon after they were answered."""

import json
import threading
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cli.demo.clients import CSV
from cli.rows.player import JSON_SHARE, Player

DROP_SECONDS = 1.0


@contextmanager
def labelled_traffic(
    player: Player,
    requests: Sequence[str | bytes],
    labels: Sequence[int | str],
    content_type: str = CSV,
    json_share: float = JSON_SHARE,
    requests_per_second: float = 300.0,
) -> Iterator[None]:
    """Clients that ask, and somebody who learns soon after what was true, and drops it as label files."""
    answered: deque[tuple[str, int]] = deque()
    stopped = threading.Event()

    def drop() -> None:
        waiting = [answered.popleft() for _ in range(len(answered))]
        lines = [json.dumps({"inferenceId": each, "label": labels[row]}) for each, row in waiting]
        if lines:
            player.drop(f"labels/{uuid.uuid4().hex}.jsonl", "\n".join(lines).encode())

    def keep_dropping() -> None:
        while not stopped.wait(DROP_SECONDS):
            drop()

    labeller = threading.Thread(target=keep_dropping, daemon=True)
    heard = lambda name, row: answered.append((name, row))  # noqa: E731
    with player.traffic(requests, requests_per_second, heard, json_share, content_type):
        labeller.start()
        try:
            yield
        finally:
            stopped.set()
            labeller.join()
