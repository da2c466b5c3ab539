"""The layers are built by the Python that Lambda runs them on: bytecode and compiled libraries are of one version."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.cloudformation import template

ROOT = Path(__file__).resolve().parents[2]
LAMBDA = ROOT / "requirements/lambda"
RUNTIMES: list[str] = template()["Parameters"]["LambdaRuntime"]["AllowedValues"]
LAYERS = {
    name: body
    for name, body in template()["Resources"].items()
    if body["Type"] == "AWS::Serverless::LayerVersion"
}
HERE = f"python3.{sys.version_info.minor}"


def make(
    runtime: str, target: str, source: Path, artifacts: Path, **given: str
) -> subprocess.CompletedProcess[str]:
    """As `sam build` calls it."""
    return subprocess.run(
        ["make", "--makefile", str(LAMBDA / runtime / "Makefile"), target],
        cwd=source,
        env={**os.environ, "ARTIFACTS_DIR": str(artifacts), **given},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_runtime_of_the_template_has_its_makefile() -> None:
    assert sorted(path.parent.name for path in LAMBDA.glob("*/Makefile")) == sorted(RUNTIMES)


def test_every_layer_is_built_by_the_makefile_of_the_runtime() -> None:
    said = {"BuildMethod": "makefile", "ContextPath": {"Fn::Sub": "requirements/lambda/${LambdaRuntime}"}}
    assert {name: body["Metadata"] for name, body in LAYERS.items()} == dict.fromkeys(LAYERS, said)


@pytest.mark.parametrize("runtime", [runtime for runtime in RUNTIMES if runtime != HERE])
@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_another_python_builds_nothing(tmp_path: Path, runtime: str, layer: str) -> None:
    done = make(runtime, f"build-{layer}", tmp_path, tmp_path / "built", LAMBDA_PYTHON=sys.executable)
    assert done.returncode
    assert (
        f"for {runtime}, the template's LambdaRuntime, and LAMBDA_PYTHON={sys.executable} is {HERE}"
        in done.stderr
    )
    assert f"LAMBDA_PYTHON=/path/to/{runtime} sam build" in done.stderr
    assert not (tmp_path / "built").exists()


def test_a_python_that_is_not_there_builds_nothing(tmp_path: Path) -> None:
    done = make(
        "python3.14", "build-SwitchyardLayer", tmp_path, tmp_path / "built", LAMBDA_PYTHON="/no/python"
    )
    assert done.returncode
    assert "LAMBDA_PYTHON=/no/python is no Python" in done.stderr


def test_a_layer_has_bytecode_that_is_not_compared_with_its_source(tmp_path: Path) -> None:
    source, built = tmp_path / "source", tmp_path / "built"
    (source / "part/__pycache__").mkdir(parents=True)
    (source / "part/__init__.py").write_text("x = 1\n")
    (source / "part/__pycache__/old.cpython-39.pyc").write_bytes(b"old")
    done = make(HERE, "build-SwitchyardLayer", source, built, LAMBDA_PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    [compiled] = built.rglob("*.pyc")
    assert compiled.parent.parent == built / "python/switchyard/part"
    assert int.from_bytes(compiled.read_bytes()[4:8], "little") == 0b01  # by hash, unchecked (PEP 552)
