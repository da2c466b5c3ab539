"""The programs of the examples run on the Python of AWS's images, which the local environments do not have."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from switchyard.config.rules.image_tables import IMAGES
from tests.docs.test_own_loss import shown_script

ROOT = Path(__file__).resolve().parents[2]
# "ARG PYTHON_VERSION=3.9" (aws/sagemaker-scikit-learn-container, docker/1.2-1/base/Dockerfile.cpu); its tag says py3
UNTAGGED = {"1.2-1": "3.9"}
TAGGED = re.compile(r"py(3)(\d+)")


def python_of(framework: str, use: str, version: str) -> str:
    tag, _ = IMAGES[framework, use, version]
    tagged = TAGGED.fullmatch(tag)
    return ".".join(tagged.groups()) if tagged else UNTAGGED[version]


def programs(declared: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each program of an example with the Python that it is run by."""
    training, prepare = declared.get("training", {}), declared.get("prepare", {})
    program = declared.get("evaluation", {}).get("program")
    if training.get("kind") == "script":
        framework, version = training["framework"], str(training["version"])
        for name in ("entry_point", "inference_entry_point"):
            yield training[name], python_of(framework, "training", version)
    if prepare.get("kind") == "spark":
        yield prepare["entry_point"], python_of("spark", "processing", str(prepare["version"]))
    if program:
        yield program["entry_point"], python_of("sklearn", "training", "1.2-1")


def owned() -> list[tuple[str, str]]:
    declared = {
        path.parent: yaml.safe_load(path.read_text()) for path in ROOT.glob("examples/*/pipeline.yaml")
    }
    return [
        (str((folder / "code" / name).relative_to(ROOT)), python)
        for folder, each in sorted(declared.items())
        for name, python in programs(each)
    ]


def needs_newer(code: Path, python: str) -> str:
    """What in it the Python does not have; "" where it has all."""
    vermin = str(Path(sys.executable).with_name("vermin"))
    asked = [vermin, "--no-tips", "--quiet", "--violations", f"-t={python}-", str(code)]
    checked = subprocess.run(asked, capture_output=True, text=True, check=False)
    return checked.stdout + checked.stderr if checked.returncode else ""


@pytest.mark.parametrize(("program", "python"), owned())
def test_a_program_of_an_example_runs_on_the_python_of_its_image(program: str, python: str) -> None:
    assert needs_newer(ROOT / program, python) == ""


def test_the_script_in_the_documentation_runs_on_the_python_of_its_image(tmp_path: Path) -> None:
    script = tmp_path / "loss.py"
    script.write_text(shown_script())
    assert needs_newer(script, python_of("sklearn", "training", "1.2-1")) == ""


def test_what_is_newer_is_seen(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("pairs = list(zip([1], [2], strict=True))\n")
    assert "zip(strict)" in needs_newer(script, "3.9")
