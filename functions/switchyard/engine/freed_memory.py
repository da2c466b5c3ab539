"""What is freed of one block serves the next. By itself glibc gives buffers of this size back to the system each time,
and to have every page of them again takes a fifth of the CPU of reading blocks.

https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
KEPT = 256 * 1024**2  # bytes that may lie free: a block and what is made of it
LARGEST = 32 * 1024**2  # bytes of a buffer; more is not taken by glibc, whose heaps have 64 MiB


def keep_freed_memory() -> None:
    """Of this process, from here on. Where the C library has no such thing it stays as it is."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(TRIM_THRESHOLD, KEPT)
        mallopt(MMAP_THRESHOLD, LARGEST)
