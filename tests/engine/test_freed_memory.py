"""Buffers of the size of a block are had again, not asked of the system anew."""

import subprocess
import sys

FAULTS = """
import resource
from switchyard.engine.freed_memory import keep_freed_memory
keep_freed_memory()
def blocks(count):
    for _ in range(count):
        parts = [bytes(16 * 1024**2) + b"x" for _ in range(4)]
blocks(2)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
blocks(10)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_the_pages_of_a_block_serve_the_next() -> None:
    told = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    assert int(told.stdout) < 4096  # pages of a single buffer; 40 were used
