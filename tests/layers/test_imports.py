"""What a function's start imports, in a process that has nothing but Python, functions/ and the layers' packages."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.contract.aws import environment_of
from tests.contract.cloudformation import ROOT, function_of, functions
from tests.layers.linked import linked, locked
from tests.layers.trimming import trimmed_data

COLD = ROOT / "benchmarks/lambda_start/cold.py"
KEYS = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
HANDLERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
LOCKS = {"DependenciesLayer": "lambda", "EngineLayer": "lambda-engine"}
ENGINE = "EngineLayer"
EVERY_START = {
    "aws_lambda_powertools", "botocore", "dacite", "dateutil", "jmespath", "six", "switchyard", "typing_extensions",
    "urllib3",
}  # fmt: skip
# The rest is imported when an event asks for it: pydantic and yaml to read a pipeline.yaml, duckdb for Parquet, and
# s3transfer to upload a file.
MORE = {
    "admit_batch": {"backports"},  # zstd, which urllib3 takes where it finds it
    "admit_dataset": {"backports"},
    "prepare_dataset": {"backports"},
    "check_drift": {"aws_croniter"},
    "run_schedules": {"aws_croniter"},
}


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: linked(locked(lock), tmp_path_factory.mktemp(name)) for name, lock in LOCKS.items()}


@pytest.fixture(scope="module", autouse=True)
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """botocore's data as the layer has them: to read the models of all operations would take half of a start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KEYS, "AWS_DATA_PATH", str(trimmed_data(tmp_path_factory.mktemp("data"))))
        yield


def run(paths: list[Path], *arguments: str, handler: str = "sweep") -> str:
    """Standard output of a Python without site-packages, with the variables that the template gives the function."""
    environment = environment_of(function_of(handler)) | KEYS
    bare = [sys.executable, "-I", "-S", *arguments, *map(str, paths)]
    done = subprocess.run(bare, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def paths_of(handler: str, layers: dict[str, Path]) -> list[Path]:
    used = ["DependenciesLayer"]
    used += [ENGINE] if {"Ref": ENGINE} in functions()[function_of(handler)].get("Layers", []) else []
    return [ROOT / "functions" / handler, ROOT / "functions", *(layers[name] for name in used)]


@pytest.fixture(scope="module")
def imported(layers: dict[str, Path]) -> Callable[[str], set[str]]:
    """The modules that a handler's start imports."""

    @cache
    def start(handler: str) -> set[str]:
        found = json.loads(run(paths_of(handler, layers), str(COLD), handler=handler))
        return {*found["imported"], *found["made"]}

    return start


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_start_imports_what_its_adapters_need_and_no_more(
    handler: str, imported: Callable[[str], set[str]]
) -> None:
    packages = {module.partition(".")[0] for module in imported(handler)}
    assert packages - {*sys.stdlib_module_names, "handler"} == EVERY_START | MORE.get(handler, set())


@pytest.mark.parametrize("handler", ["start_alpha", "delete_alpha", "prepare_transform", "start_transform"])
def test_what_starts_a_scoring_does_not_import_what_judges_it(
    handler: str, imported: Callable[[str], set[str]]
) -> None:
    judging = ("switchyard.stats", "switchyard.evaluation.rules", "switchyard.evaluation.judge_holdout")
    assert [name for name in imported(handler) if name.startswith(judging)] == []


def test_the_table_names_functions() -> None:
    assert set(MORE) <= set(HANDLERS)


def test_whatever_the_package_imports_is_in_the_layers(layers: dict[str, Path]) -> None:
    """What is imported late, too."""
    package = ROOT / "functions/switchyard"
    files = [path.relative_to(package.parent) for path in package.rglob("*.py") if path.name != "__init__.py"]
    modules = [".".join(path.with_suffix("").parts) for path in files]
    program = f"import sys; sys.path[:0] = sys.argv[1:]; [__import__(name) for name in {modules!r}]"
    run([package.parent, *layers.values()], "-c", program)


def test_a_start_does_not_search_what_it_makes_for_garbage(layers: dict[str, Path]) -> None:
    """Python's own threshold has it searched more than 200 times."""
    program = f"""
import gc, sys
sys.path.insert(0, {str(COLD.parent)!r})
import cold
def searches():
    return sum(generation["collections"] for generation in gc.get_stats())
before = searches()
cold.start(sys.argv[1:])
print(searches() - before)
"""
    assert int(run(paths_of("sweep", layers), "-c", program)) <= 20
