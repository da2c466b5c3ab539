"""docs/architecture.md: its table of stations is what the code, the state machines and the tests are."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.asl.machine import Machine

ROOT = Path(__file__).resolve().parents[2]
FUNCTION = re.compile(r"\$\{(\w+)FunctionArn\}")
ROW = re.compile(
    r"^\| \[(?P<name>\w+)\]\(\.\./functions/switchyard/(?P=name)\)[^|]*\|(?P<states>[^|]*)\|(?P<functions>[^|]*)"
    r"\| \[(?P=name)\]\(\.\./tests/(?P=name)\) \|$",
    re.MULTILINE,
)


class Station(NamedTuple):
    """What one row of the table says."""

    states: frozenset[str]
    functions: frozenset[str]


def words(cell: str) -> frozenset[str]:
    return frozenset(re.findall(r"`(\w+)`", cell))


TABLE = {
    row["name"]: Station(words(row["states"]), words(row["functions"]))
    for row in ROW.finditer((ROOT / "docs/architecture.md").read_text())
}


def function_states() -> Iterator[tuple[str, str]]:
    """(state, folder of the function that it invokes) of every machine."""
    for path in (ROOT / "statemachine").glob("*.asl.yaml"):
        for name, state in Machine.read(path).states():
            if found := FUNCTION.search(str(state.get("Parameters", {}).get("FunctionName", ""))):
                yield name, re.sub(r"(?<!^)([A-Z])", r"_\1", found[1]).lower()


def test_every_folder_that_wiring_knows_is_a_station() -> None:
    assert set(TABLE) == {
        path.stem for path in (ROOT / "functions/switchyard/runtime/wiring").glob("[!_]*.py")
    }


def test_every_function_stands_at_one_station_whose_wiring_it_calls() -> None:
    functions = sorted(name for station in TABLE.values() for name in station.functions)
    assert functions == sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
    for name, station in TABLE.items():
        for function in station.functions:
            text = (ROOT / f"functions/{function}/handler.py").read_text()
            assert f"from switchyard.runtime.wiring.{name} import" in text, f"{function} is not of {name}"


def test_every_state_that_invokes_a_function_stands_where_the_function_stands() -> None:
    expected = {name: set() for name in TABLE}
    homes = {function: name for name, station in TABLE.items() for function in station.functions}
    for state, function in function_states():
        expected[homes[function]].add(state)
    assert {name: set(station.states) for name, station in TABLE.items()} == expected
