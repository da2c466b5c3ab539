"""Container paths in command lines, with and without a private /opt/ml."""

from __future__ import annotations

from pathlib import Path

from sagemaker_local.runtime.isolation import Isolation


def test_without_a_private_opt_ml_words_are_led_to_the_jobs_own(tmp_path: Path) -> None:
    script = "cd /opt/ml/processing/input && sh run.sh"
    assert Isolation(True).word(script, tmp_path) == script
    assert Isolation(False).word(script, tmp_path) == f"cd {tmp_path}/processing/input && sh run.sh"
    assert Isolation(False).word("/opt/mlflow/x", tmp_path) == "/opt/mlflow/x"
