"""The tree of modules: small folders, no name with two meanings, and a first line that says what a module is for."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOMES = ("functions", "sagemaker_local", "cli", "container", "tests", "benchmarks", "examples")
MODULES = sorted(path for home in HOMES for path in (ROOT / home).rglob("*.py"))
SWITCHYARD = ROOT / "functions/switchyard"
MOST_MODULES = 20


def test_no_folder_has_more_modules_than_are_read_at_a_glance() -> None:
    folders = defaultdict(list)
    for path in MODULES:
        if path.name != "__init__.py":
            folders[path.parent].append(path.stem)
    large = {str(folder.relative_to(ROOT)): len(names) for folder, names in folders.items()}
    assert {folder: count for folder, count in large.items() if count > MOST_MODULES} == {}


def test_no_module_or_folder_of_switchyard_has_the_name_of_another() -> None:
    """Three repeat on purpose: `rules` of every station, `wiring` with a file a station, a folder's main module."""
    places = defaultdict(list)
    for path in SWITCHYARD.rglob("*.py"):
        own = path.parent if path.name == "__init__.py" else path.with_suffix("")
        if own.name != "rules" and own.parent.name not in ("wiring", own.name):
            places[own.name].append(str(own.relative_to(SWITCHYARD)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_wiring_has_a_file_a_station() -> None:
    stations = {path.parent.name for path in SWITCHYARD.glob("*/__init__.py")}
    assert {path.stem for path in SWITCHYARD.glob("runtime/wiring/[!_]*.py")} <= stations


@pytest.mark.parametrize("home", HOMES)
def test_the_first_line_of_a_module_says_what_it_is_for(home: str) -> None:
    silent = []
    for path in MODULES:
        if path.is_relative_to(ROOT / home) and (text := path.read_text()).strip():
            lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
            if not lines or len(lines[0]) < 20:
                silent.append(str(path.relative_to(ROOT)))
    assert silent == []
