"""`python -m tests.mutants [WORD]`: plants each bug in a copy of the code, and runs the test that must find it.

A harness that finds nothing proves nothing. Exit status 1 when fewer than 95 % are found. WORD: only those whose name
has it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants.planted import MUTANTS, ROOT, Mutant

COPIED = ("functions", "tests", "cli", "statemachine", "sagemaker_local", "container", "requirements/lambda")
FILES = ("pyproject.toml", "template.yaml", "model-roles.yaml")
WANTED = 0.95
PATIENCE_SECONDS = 600


def is_found(mutant: Mutant, copy: Path) -> bool:
    """True when the test fails on the planted bug, having passed without it."""
    target = copy / mutant.file
    sound = target.read_text()
    target.write_text(mutant.planted(copy))
    try:
        return _run(copy, mutant) == 1  # "Tests were collected and run but some of the tests failed" (pytest)
    finally:
        target.write_text(sound)


def _run(copy: Path, mutant: Mutant) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
    asked = [*command, mutant.where, "-k", mutant.killer]
    ran = subprocess.run(asked, cwd=copy, capture_output=True, timeout=PATIENCE_SECONDS, check=False)
    if ran.returncode not in (0, 1):
        print(ran.stdout.decode()[-2000:], ran.stderr.decode()[-500:])
    return ran.returncode


def main(word: str = "") -> int:
    chosen, lived = [mutant for mutant in MUTANTS if word in mutant.name], []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy(ROOT / name, copy / name)
        for mutant in chosen:
            began = time.monotonic()
            found = is_found(mutant, copy)
            lived += [] if found else [mutant.name]
            print(
                f"{'found' if found else 'LIVED':6} {time.monotonic() - began:5.1f} s  {mutant.name}: {mutant.killer}",
                flush=True,
            )
    share = 1 - len(lived) / len(chosen)
    print(
        f"{len(chosen) - len(lived)} of {len(chosen)} planted bugs are found ({share:.0%}); wanted: {WANTED:.0%}"
    )
    print(json.dumps({"planted": len(chosen), "found": len(chosen) - len(lived), "lived": lived}))
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
