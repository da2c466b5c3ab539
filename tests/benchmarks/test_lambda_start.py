"""The benchmark of starts starts what it says, and misses what is over its line."""

import sys
from pathlib import Path

import pytest

from benchmarks.lambda_start.__main__ import HANDLERS, MOST, measure, promises, row
from benchmarks.lambda_start.stage import ROOT, SHIPPED, Cold, Stage
from tests.layers.linked import linked, locked


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Of this environment's own packages: which of them have bytecode is not what is tested."""
    folder = tmp_path_factory.mktemp("packages")
    (folder / "functions").symlink_to(ROOT / "functions")
    (folder / "SwitchyardLayer").mkdir()
    (folder / "SwitchyardLayer/python").symlink_to(ROOT / "functions")
    linked(locked("lambda"), folder / "DependenciesLayer/python")
    linked(locked("lambda-engine"), folder / "EngineLayer/python")
    linked(SHIPPED, folder / "typical")
    return Stage(Path(sys.executable), folder, folder)


def test_a_short_run_starts_each_function_beside_the_typical_one(stage: Stage) -> None:
    rows = measure(stage, ["judge_window", "admit_dataset"], rounds=1)
    assert [each["function"] for each in rows] == ["judge_window", "admit_dataset"]
    assert all(each["cpu_ms"] > 0 and each["typical_cpu_ms"] > 0 for each in rows)
    assert all(each["modules"] > 100 for each in rows)


def test_it_starts_every_function() -> None:
    assert sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py")) == HANDLERS


def test_a_function_that_does_not_start_ends_the_run(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "functions/sweep").mkdir(parents=True)
    (tmp_path / "functions/sweep/handler.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(RuntimeError, match="sweep did not start"):
        stage.start("sweep", tmp_path)


def turn(ours: float, typical: float) -> tuple[Cold, Cold]:
    return Cold(ours, 300), Cold(typical, 400)


def test_a_row_is_the_quietest_starts_and_the_medians_of_the_rounds() -> None:
    shipped = [turn(10, 50), turn(30, 40), turn(20, 40)]
    found = row("sweep", shipped, [turn(40, 20), turn(80, 30)])
    assert found == {
        "function": "sweep",
        "cpu_ms": 20,
        "typical_cpu_ms": 40,
        "modules": 300,
        "shipped": 0.25,
        "middle": 0.5,
        "least": 0.2,
        "most": 0.75,
        "bytecode": 0.75,
        "sources": 1.4,
    }


def test_what_starts_slower_than_the_line_is_missed() -> None:
    slow, fast = (row(str(ours), [turn(ours, 100)], [turn(90, 70)]) for ours in (60, 50))
    assert [check.passed for check in promises([slow, fast])] == [False, True]
    assert {check.at_most for check in promises([slow])} == {MOST}
