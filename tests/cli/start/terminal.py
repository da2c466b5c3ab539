"""A command at a terminal: somebody reads what it prints, and types."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """What a command left: its exit code and all that stood on the screen."""

    exit_code: int
    screen: str


def at_a_terminal(command: Sequence[str], folder: Path, answers: Sequence[tuple[str, str]]) -> Ended:
    """Run `command` in `folder`, and type each answer once its question stands on the screen, in this order."""
    ours, its = pty.openpty()
    with subprocess.Popen(command, cwd=folder, stdin=its, stdout=its, stderr=its) as process:
        os.close(its)
        screen, unread, left = "", "", list(answers)
        while shown := _read(ours):
            screen, unread = screen + shown, unread + shown
            if left and left[0][0] in unread:
                os.write(ours, f"{left.pop(0)[1]}\n".encode())
                unread = ""
    os.close(ours)
    assert not left, f"never asked: {left}\n{screen}"
    return Ended(process.returncode, screen.replace("\r\n", "\n"))


def _read(terminal: int) -> str:
    """What came since; "" once nobody writes any more, which Linux calls an input/output error."""
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:
        return ""
