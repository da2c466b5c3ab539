"""Temporary files of tests lie in memory where there is room, and what is imported once is not searched for garbage."""

import gc
import os
import shutil
import tempfile
from pathlib import Path

PLACE = Path("/dev/shm")  # noqa: S108 - a tmpfs on every Linux; pytest and tempfile make folders of their own in it
ROOM = 4 << 30  # bytes: a local stack with its builds takes a quarter of a gigabyte
SEARCHED_AFTER = 50_000  # objects; with Python's 700 a third of collecting tests is that search


def set_up(place: Path = PLACE) -> None:
    """For this process and those it starts; whoever has set TMPDIR is obeyed."""
    gc.set_threshold(SEARCHED_AFTER)
    if "TMPDIR" not in os.environ and is_fit(place):
        os.environ["TMPDIR"] = str(place)
        tempfile.tempdir = None  # as it is asked for the first time


def keep_what_is_there() -> None:
    """Tests and what they import stay to the end: no later search for garbage goes through them."""
    gc.collect()
    gc.freeze()


def is_fit(place: Path) -> bool:
    """Programs are started from there, too; a container's is often too small (Docker: 64 MB)."""
    return (
        os.access(place, os.W_OK | os.X_OK)
        and not os.statvfs(place).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(place).free >= ROOM
    )
