"""The most memory that this program has held.

getrusage(2)'s ru_maxrss survives execve, and so begins with what the program held that started this one; the kernel's
VmHWM (proc(5): "peak resident set size") is of the program alone.
"""

from pathlib import Path


def peak_megabytes() -> float:
    """Peak resident memory of this process in MB of 1,024 * 1,024 bytes."""
    told = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    return int(told) / 1024
