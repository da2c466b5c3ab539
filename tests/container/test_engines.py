"""Which engine answers: lignum where it is proven equal, XGBoost wherever there is a doubt."""

import json
import math
import subprocess
from array import array
from pathlib import Path

import pytest

from container.numeric_csv import Rows
from container.serving.golden import GOLDEN_ROWS, equal, golden_rows
from container.serving.trees import TreeError, check_trees
from tests import patience
from tests.container.conftest import Job, serving

TREE = {
    "left_children": [1, 3, -1, -1, -1],
    "right_children": [2, 4, -1, -1, -1],
    "split_indices": [0, 1, 0, 0, 0],
    "split_conditions": [0.5, 0.0, 1.0, 2.0, 3.0],
    "split_type": [0, 1, 0, 0, 0],
    "categories": [2, 5],
}


def features_of(table: str) -> str:
    return "\n".join(line.partition(",")[2] for line in table.splitlines())


def announced(job: Job, **environment: str) -> tuple[str, str]:
    """What `serve` prints and logs until it is stopped."""
    with serving(job, PYTHONUNBUFFERED="1", **environment) as server:
        process = server.process
        process.terminate()
        output, errors = process.communicate(timeout=patience.SECONDS)
    return output, errors


@pytest.mark.parametrize("problem", ["binary", "multiclass", "regression"])
def test_lignum_answers_and_its_numbers_are_xgboosts(models, rows, servers, problem) -> None:
    body = features_of(rows[problem])
    assert "model.ubj is answered by lignum, equal on 256 rows" in announced(models[problem])[0]
    with serving(models[problem], SERVE_ENGINE="xgboost") as xgboost:
        assert servers[problem].invoke(body).text == xgboost.invoke(body).text
        for row in body.splitlines()[:30]:
            assert servers[problem].invoke(row).text == xgboost.invoke(row).text


def test_categories_and_texts_too(typed) -> None:
    assert "is answered by lignum" in announced(typed.job)[0]
    with serving(typed.job, SERVE_ENGINE="xgboost") as xgboost:
        assert typed.server.invoke(typed.body).text == xgboost.invoke(typed.body).text


STAND_INS = {
    "the neighbouring number": """
import importlib.util, sys, numpy
[path] = [each for each in sys.path if each.endswith("site-packages")]
spec = importlib.util.spec_from_file_location("lignum", path + "/lignum/__init__.py",
                                              submodule_search_locations=[path + "/lignum"])
real = importlib.util.module_from_spec(spec)
sys.modules["lignum"] = real
spec.loader.exec_module(real)
class Off:
    def __init__(self, model): self.model = model
    def predict(self, table, **options):
        scores = self.model.predict(table, **options).astype(numpy.float32)
        scores.reshape(-1)[-1:] = numpy.nextafter(scores.reshape(-1)[-1:], numpy.float32(9))
        return scores.astype(float)
load_real = real.load
real.load = lambda path: Off(load_real(path))
""",
    "an error": "def load(path): raise ValueError(path)\n",
    "nothing": "raise ImportError('no lignum')\n",
}


@pytest.mark.parametrize(
    ("stand_in", "reason"),
    [
        ("the neighbouring number", "lignum differs from XGBoost on this model"),
        ("an error", "lignum does not take model.ubj (ValueError)"),
        ("nothing", "lignum does not take model.ubj (ImportError)"),
    ],
)
def test_where_there_is_a_doubt_xgboost_answers(models, servers, tmp_path, stand_in, reason) -> None:
    (tmp_path / "lignum.py").write_text(STAND_INS[stand_in])
    output, errors = announced(models["binary"], PYTHONPATH=str(tmp_path))
    assert "model.ubj is answered by XGBoost" in output
    assert reason in errors
    with serving(models["binary"], PYTHONPATH=str(tmp_path)) as doubted:
        assert doubted.invoke("1,2,3,4,5").text == servers["binary"].invoke("1,2,3,4,5").text


def test_an_unknown_engine_is_refused(models) -> None:
    with models["binary"].start("container/bin/serve", SERVE_ENGINE="fast") as process:
        _, errors = process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 1
    assert "SERVE_ENGINE is 'fast': it must be auto or xgboost" in errors


def test_golden_rows_lie_on_the_splits_and_beside_them() -> None:
    rows = golden_rows([TREE], 3)
    assert (len(rows), rows.width) == (GOLDEN_ROWS, 3)
    numbers = {value for value in rows.values[0::3] if not math.isnan(value)}
    beside = [array("f", [0.5 + off])[0] for off in (-(2**-25), 2**-24)]
    assert numbers == {beside[0], 0.5, beside[1]}
    assert {value for value in rows.values[1::3] if not math.isnan(value)} == {0, 1, 2, 3, 4, 5}
    assert set(rows.values[2::3]) == {0}
    assert any(map(math.isnan, rows.values[0::3]))
    assert rows.values.tobytes() == golden_rows([TREE], 3).values.tobytes()


class Fake:
    """Sums a row; `off` is what it adds to a row that comes alone."""

    def __init__(self, off: float = 0) -> None:
        self._off = off

    def predictor(self, threads: int | None = None) -> "Fake":
        return self

    def predict(self, rows: Rows) -> list[list[float]]:
        off = self._off if len(rows) == 1 else 0
        return [[sum(rows.values[at : at + 2]) + off] for at in range(0, len(rows.values), 2)]


def test_engines_are_equal_only_if_single_rows_are_too() -> None:
    rows = Rows(array("f", [1, 2, 3, 4]), 2)
    assert equal(Fake(), Fake(), rows)
    assert not equal(Fake(), Fake(off=1e-12), rows)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"left_children": [1, 0, -1, -1, -1]}, "tree 1 is no tree"),
        ({"left_children": [1, 2, -1, -1, -1]}, "tree 1 is no tree"),
        ({"right_children": [2, 9, -1, -1, -1]}, "tree 1 is no tree"),
        ({"right_children": [2, -1, -1, -1, -1]}, "tree 1 is no tree"),
        ({"split_indices": [0, 3, 0, 0, 0]}, "tree 1 splits a feature that is not among the 3"),
        ({"split_indices": [0, 1, 0, 0]}, "tree 1 is cut short"),
    ],
)
def test_a_tree_that_no_training_makes_is_refused(change, reason) -> None:
    check_trees([TREE, TREE], 3)
    with pytest.raises(TreeError, match=reason):
        check_trees([TREE, {**TREE, **change}], 3)


CONVERT = "import sys, xgboost; xgboost.Booster(model_file=sys.argv[1]).save_model(sys.argv[2])"


def test_a_strangers_model_that_would_never_end_is_refused(
    models, job, container_python, tmp_path: Path
) -> None:
    given = tmp_path / "model.json"
    command = [container_python, "-c", CONVERT, models["binary"].base / "model" / "model.ubj", given]
    subprocess.run(command, check=True)
    document = json.loads(given.read_text())
    document["learner"]["gradient_booster"]["model"]["trees"][3]["left_children"][1] = 0
    job.file("model/model.json", json.dumps(document))
    with job.start("container/bin/serve") as process:
        _, errors = process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 1
    assert "model.json cannot be loaded: tree 3 is no tree" in errors
