"""Container paths in command lines, with and without a private /opt/ml."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagemaker_local.runtime.isolation import Isolation
from sagemaker_local.training.channels import below


def test_without_a_private_opt_ml_words_are_led_to_the_jobs_own(tmp_path: Path) -> None:
    script = "cd /opt/ml/processing/input && sh run.sh"
    assert Isolation(True).word(script, tmp_path) == script
    assert Isolation(False).word(script, tmp_path) == f"cd {tmp_path}/processing/input && sh run.sh"
    assert Isolation(False).word("/opt/mlflow/x", tmp_path) == "/opt/mlflow/x"


@pytest.mark.parametrize(
    ("prefix", "key", "path"),
    [
        ("data/train", "data/train/x/a.csv", "x/a.csv"),
        ("data/train/", "data/train/a.csv", "a.csv"),
        ("data/train", "data/train-2/a.csv", "train-2/a.csv"),
        ("data/a.csv", "data/a.csv", "a.csv"),
        ("a.csv", "a.csv", "a.csv"),
        ("", "data/a.csv", "data/a.csv"),
    ],
)
def test_keys_keep_their_path_below_the_prefix(prefix: str, key: str, path: str) -> None:
    assert below(key, prefix) == path
