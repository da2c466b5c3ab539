"""How much memory a program has, and its end when that is more than it may have.

"Generally, the memory size should be at least as large as your model size" (Serverless Inference, memory size): what
needs more than its container has is killed there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

from sagemaker_local.runtime.own_ports import of_group

LOOK_SECONDS = 0.5


async def keep_within(group: int, limit_mb: int, log: Callable[[str], None]) -> None:
    """Kills a process group that has more than `limit_mb`, and says so in its log. Runs until then."""
    while (used := await asyncio.to_thread(used_mb, group)) <= limit_mb:
        await asyncio.sleep(LOOK_SECONDS)
    log(f"Killed: out of memory. It had {used:.0f} MB, and may have {limit_mb} MB.")
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def used_mb(group: int) -> float:
    """Of all its processes, in MB; pages that they share count once. 0 where the kernel does not show it."""
    return sum(map(_kilobytes, of_group(group))) / 1024


def _kilobytes(pid: int) -> int:
    """The proportional set size: proc_pid_smaps_rollup in the kernel's documentation."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # it has ended, or this is no Linux
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
