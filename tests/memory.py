"""Temporary files of tests lie in memory where there is room: thousands of small ones wait for no disk."""

import os
import shutil
import tempfile
from pathlib import Path

PLACE = Path("/dev/shm")  # noqa: S108 - a tmpfs on every Linux; pytest and tempfile make folders of their own in it
ROOM = 4 << 30  # bytes: a local stack with its builds takes a quarter of a gigabyte


def set_up(place: Path = PLACE) -> None:
    """For this process and those it starts; whoever has set TMPDIR is obeyed."""
    if "TMPDIR" not in os.environ and is_fit(place):
        os.environ["TMPDIR"] = str(place)
        tempfile.tempdir = None  # as it is asked for the first time


def is_fit(place: Path) -> bool:
    """Programs are started from there, too; a container's is often too small (Docker: 64 MB)."""
    return (
        os.access(place, os.W_OK | os.X_OK)
        and not os.statvfs(place).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(place).free >= ROOM
    )
