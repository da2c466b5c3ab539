"""A newcomer's own file, in one command: a live model, a challenger under live requests, and two reports."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from math import exp
from pathlib import Path

import pytest

from cli.records.ledger import read_lines
from cli.stack.home import REPOSITORY
from tests.e2e.conftest import Running

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

ROWS = 2_000


def customers(path: Path) -> Path:
    """As a spreadsheet of somebody in Berlin writes it: semicolons, decimal commas, yes and no."""
    lots, lines = random.Random(1), ["age;income;tenure;member;left"]  # noqa: S311 - rows, no secret
    for _ in range(ROWS):
        age, income, tenure = lots.uniform(18, 80), lots.gauss(3000, 800), lots.uniform(0, 10)
        member = lots.random() < 0.5
        odds = 0.08 * (age - 45) - 0.6 * (tenure - 5) + (1 if member else -1)
        words = ["yes" if each else "no" for each in (member, lots.random() < 1 / (1 + exp(-odds)))]
        numbers = [f"{each:.2f}".replace(".", ",") for each in (age, income, tenure)]
        lines.append(";".join([*numbers, *words]))
    path.write_text("\n".join([*lines, ""]))
    return path


def test_a_file_of_ones_own_becomes_a_live_model_in_one_command(bare: Running, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cli.main", "try", str(customers(tmp_path / "churn.csv"))]
    tried = subprocess.run(
        [*command, "--target", "left", "--model", "own", "--output", str(tmp_path)],
        cwd=REPOSITORY,
        env={**os.environ, "SWITCHYARD_HOME": str(bare.home.folder)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert [line.state for line in read_lines(bare.stack, "own")] == ["PROMOTED", "PROMOTED"], tried.stdout
    assert "; 0 failed." in tried.stdout
    assert len(list(tmp_path.glob("own-*.html"))) == 2
