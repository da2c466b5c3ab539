"""An image's programs import only what the image's own environment holds."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = {
    "sklearn": ("sagemaker_local.images.framework.serve",),
    "pytorch": ("sagemaker_local.images.framework.serve",),
    "spark": ("sagemaker_local.images.spark.submit",),
    "container": (
        "sagemaker_local.images.xgboost_algorithm.train",
        "sagemaker_local.images.xgboost_algorithm.serve",
    ),
}
NAMED_OTHERWISE = {"xgboost": "xgboost-cpu"}


@pytest.mark.parametrize("environment", PROGRAMS)
def test_an_image_requires_all_that_its_programs_import(environment: str) -> None:
    named = _named(environment)
    missing = {
        f"{name} in {module}"
        for module, name in _imported(PROGRAMS[environment])
        if not _distributions(name) & named
    }
    assert not missing, f"requirements/{environment}.in lacks: {sorted(missing)}"


def _named(environment: str) -> set[str]:
    """Distributions that the environment is built of."""
    lines = (ROOT / f"requirements/{environment}.txt").read_text()
    return set(re.findall(r"^([a-z0-9._-]+)==", lines, re.MULTILINE))


def _distributions(name: str) -> set[str]:
    return {each.lower() for each in packages_distributions().get(name, [])} | {
        NAMED_OTHERWISE.get(name, name)
    }


def _imported(programs: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Module of ours and the package of others that it imports, along all modules that are reached."""
    to_read, read = [*programs], set[str]()
    while to_read:
        module = to_read.pop()
        path = _path(module)
        if module in read or path is None:
            continue
        read.add(module)
        for name in _names(path):
            top = name.split(".")[0]
            if top == "sagemaker_local":
                to_read += [name, name.rpartition(".")[0]]
            elif top not in sys.stdlib_module_names and not (ROOT / "container" / top).exists():
                yield module, top


def _path(module: str) -> Path | None:
    base = ROOT / module.replace(".", "/")
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)


def _names(path: Path) -> Iterator[str]:
    """Of what is imported when the module is; what a function imports is what its framework needs."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_every_program_is_there() -> None:
    assert all(find_spec(each) for programs in PROGRAMS.values() for each in programs)
