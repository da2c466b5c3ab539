"""Functions to start: with the layers that `sam build` makes, and a typical one; each with bytecode and without."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.contract.aws import environment_of
from tests.contract.cloudformation import ROOT, function_of, functions, resources
from tests.contract.iam import statements

COLD, TYPICAL = ROOT / "benchmarks/lambda_start/cold.py", ROOT / "benchmarks/lambda_start/typical"
LAYERS = resources("AWS::Serverless::LayerVersion")
EVERY_FUNCTION, ENGINE = ("SwitchyardLayer", "DependenciesLayer"), "EngineLayer"
_SERVICES = {"states": "stepfunctions"}  # other prefixes of IAM's actions are the names of services
KEYS = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
# What a typical function ships, in the versions of our own layer.
SHIPPED = (
    "aws-lambda-powertools", "boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six",
    "typing-extensions", "urllib3",
)  # fmt: skip


@dataclass(frozen=True)
class Cold:
    """One start: user and system time of its process, and how many modules it imported."""

    cpu_ms: float
    modules: int


@dataclass(frozen=True)
class Stage:
    """An interpreter, and two folders of the same packages: `bytecode` as the build makes them, `sources` without."""

    python: Path
    bytecode: Path
    sources: Path

    def start(self, handler: str, packages: Path) -> Cold:
        function = function_of(handler)
        used = [
            *EVERY_FUNCTION,
            *([ENGINE] if {"Ref": ENGINE} in functions()[function].get("Layers", []) else []),
        ]
        folders = [packages / "functions" / handler, *(packages / layer / "python" for layer in used)]
        return self._start(folders, environment_of(function) | {"CLIENTS": " ".join(granted(function))})

    def start_typical(self, packages: Path) -> Cold:
        return self._start([TYPICAL, packages / "typical"], environment_of(next(iter(functions()))))

    def _start(self, folders: Sequence[Path], environment: dict[str, str]) -> Cold:
        """In a Python that has nothing but its standard library, and that leaves no bytecode behind."""
        command = [self.python, "-I", "-S", "-B", COLD, *folders]
        with subprocess.Popen(command, env=environment | KEYS, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            said = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(
                f"{folders[0]} did not start: exit code {process.returncode}; its error stands above"
            )
        return Cold(1e3 * (used.ru_utime + used.ru_stime), sum(map(len, json.loads(said).values())))


def granted(function: str) -> list[str]:
    """Services whose client the function's role gives a use to, by botocore's names."""
    actions = {action for each in statements(function) for action in each.actions}
    services = {_SERVICES.get(action.partition(":")[0], action.partition(":")[0]) for action in actions}
    return sorted(services | ({"sagemaker-runtime"} if "sagemaker:InvokeEndpoint" in actions else set()))


def build(folder: Path, python: Path) -> Stage:
    """Installs with pip, from requirements with hashes, and compiles; some 300 MB in the folder."""
    bytecode, sources = folder / "bytecode", folder / "sources"
    for name, layer in LAYERS.items():
        _make(name, ROOT / layer["ContentUri"], bytecode / name, python)
    for handler in (ROOT / "functions").glob("*/handler.py"):
        (bytecode / "functions" / handler.parent.name).mkdir(parents=True)
        shutil.copy(handler, bytecode / "functions" / handler.parent.name)
    _install_typical(bytecode / "typical", python)
    shutil.copytree(bytecode, sources, ignore=shutil.ignore_patterns("__pycache__"))
    return Stage(python, bytecode, sources)


def _make(layer: str, source: Path, artifacts: Path, python: Path) -> None:
    """As `sam build` does it: in a copy of the source."""
    copy = shutil.copytree(source, artifacts.with_name(f"{layer}-source"))
    minor = subprocess.run(
        [python, "-c", "import sys; print(sys.version_info[1])"], capture_output=True, text=True, check=True
    )
    makefile = ROOT / f"requirements/lambda/python3.{minor.stdout.strip()}/Makefile"
    given = {**os.environ, "ARTIFACTS_DIR": str(artifacts), "LAMBDA_PYTHON": str(python)}
    subprocess.run(
        ["make", "--silent", "--makefile", makefile, f"build-{layer}"], cwd=copy, env=given, check=True
    )
    shutil.rmtree(copy)


def _install_typical(target: Path, python: Path) -> None:
    target.mkdir()
    lock = target / "requirements.txt"
    lock.write_text("\n".join(map(_locked, SHIPPED)))
    pip = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-deps",
    ]
    subprocess.run([*pip, "--require-hashes", "--target", target, "-r", lock], check=True)
    compiling = [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", target]
    subprocess.run(compiling, check=True)


def _locked(name: str) -> str:
    """The package's lines of requirements/dev.txt, hashes included."""
    found = re.search(rf"^{name}==(?:.*\\\n)*.*$", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(
            f"requirements/dev.txt has no {name}. Next: take it out of SHIPPED, or name what replaced it."
        )
    return found.group()
