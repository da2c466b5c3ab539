"""The most memory that a program has held.

getrusage(2)'s ru_maxrss survives execve, and so begins with what the program held that started this one; the kernel's
VmHWM (proc(5): "peak resident set size") is of the program alone. A program that is not ours to ask is run by a starter
that is smaller than anything measured: `python -I -S benchmarks/memory.py PROGRAM ARGUMENT ...` prints, below all that
the program prints, its CPU seconds and peak megabytes, and ends as it did.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def peak_megabytes() -> float:
    """Peak resident memory of this process in MB of 1,024 * 1,024 bytes."""
    told = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    return int(told) / 1024


def starter(command: Sequence[str | Path]) -> list[str]:
    """What runs a command and tells what it took on the last line."""
    return [sys.executable, "-I", "-S", __file__, *map(str, command)]


def _main(command: Sequence[str]) -> int:
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, flush=True)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
