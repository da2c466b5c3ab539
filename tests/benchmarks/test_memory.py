"""A benchmark's memory is its own, whatever holds much that started it."""

import subprocess
import sys

HELD = 300 * 2**20
ASKED = """
from benchmarks.memory import peak_megabytes
print(peak_megabytes())
kept = bytearray(b"x") * 2**26
print(peak_megabytes())
"""


def test_memory_of_the_program_that_starts_another_is_not_counted() -> None:
    held = bytearray(b"x") * HELD
    told = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    alone, with_64_more = map(float, told.stdout.split())
    assert alone < len(held) / 2**20 / 3
    assert 60 < with_64_more - alone < 80
