"""A benchmark's memory is its own, whatever holds much that started it."""

import subprocess
import sys

from benchmarks.memory import starter

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


def test_a_program_that_cannot_be_asked_is_measured_alone_and_ends_as_it_did() -> None:
    held = bytearray(b"x") * HELD
    program = [sys.executable, "-c", "kept = bytearray(b'x') * 2**26; print('done'); raise SystemExit(3)"]
    told = subprocess.run(starter(program), capture_output=True, text=True, check=False)
    said, figures = told.stdout.splitlines()
    cpu, peak = map(float, figures.split())
    assert (said, told.returncode) == ("done", 3)
    assert cpu > 0
    assert 64 < peak < len(held) / 2**20 / 2
