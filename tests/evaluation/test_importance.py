"""Which columns a model goes by: XGBoost's own total gain, from its file, whoever trained it; or why there is none."""

import io
import json
import struct
import subprocess
import tarfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.contract import Contract, Feature, Kind
from switchyard.core.policy import Problem
from switchyard.evaluation.model_importance import MOST_BYTES, ModelImportance
from switchyard.evaluation.rules.importance import importance_of
from switchyard.evaluation.rules.ubjson import UbjsonError, read_ubjson
from tests.fakes.store import MemoryStorage

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venvs" / "container" / "bin" / "python"
TRAIN = """
import json, sys
import numpy, xgboost
rows = numpy.random.default_rng(1).random((400, 4))
data = xgboost.DMatrix(rows, label=(rows[:, 2] + rows[:, 0] / 4 > 0.6) * 1)
booster = xgboost.train({"objective": "binary:logistic", "booster": sys.argv[1], "max_depth": 3}, data, 12)
booster.save_model(sys.argv[2])
kinds = booster.get_score(importance_type="total_gain") if sys.argv[1] != "gblinear" else {}
print(json.dumps(kinds))
"""
FEATURES = tuple(Feature(name) for name in ("a", "b", "c", "d"))
CONTRACT = Contract("y", FEATURES, Problem.BINARY, ("0", "1"))


def trained(folder: Path, booster: str, form: str = "ubj") -> tuple[bytes, dict[str, float]]:
    """A model of the image's XGBoost, and the gain that it tells itself."""
    path = folder / f"model.{form}"
    run = subprocess.run(
        [PYTHON, "-c", TRAIN, booster, path], capture_output=True, text=True, check=True, timeout=120
    )
    return path.read_bytes(), json.loads(run.stdout)


def archive(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as found:
        for name, body in files.items():
            about = tarfile.TarInfo(name.replace("__", "."))
            about.size = len(body)
            found.addfile(about, io.BytesIO(body))
    return packed.getvalue()


def said(body: bytes | None, contract: Contract = CONTRACT) -> Any:
    store = MemoryStorage("artifacts")
    if body is not None:
        store.write("m.tar.gz", body)
    return ModelImportance(store).of("m.tar.gz", contract)


@pytest.mark.parametrize(("booster", "form"), [("gbtree", "ubj"), ("gbtree", "json"), ("dart", "ubj")])
def test_the_gain_is_xgboosts_own(tmp_path: Path, booster: str, form: str) -> None:
    model, gains = trained(tmp_path, booster, form)
    total = sum(gains.values())
    expected = {"abcd"[int(name[1:])]: gain / total for name, gain in gains.items()}
    found = dict(importance_of(model, FEATURES, is_encoded=False).columns)
    assert found == pytest.approx(expected, abs=1e-5)
    assert next(iter(found)) == "c"


def test_a_model_is_found_in_the_artifacts_of_both_images(tmp_path: Path) -> None:
    model, _ = trained(tmp_path, "gbtree")
    for body in (archive(model__ubj=model, encoding__json=b"{}"), archive(**{"xgboost-model": model})):
        found = said(body)
        assert found.absent == ""
        assert found.columns[0][0] == "c"
        assert sum(share for _, share in found.columns) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "its artifact is gone"),
        (b"model", "its artifact is no model.tar.gz"),
        (archive(model__joblib=b"..."), "its artifact has no model.ubj, xgboost-model, model.json"),
        (archive(**{"xgboost-model": b"\x80\x04pickled"}), "it is a pickle, which is never opened"),
        (archive(model__ubj=b"{"), "it is no model that XGBoost writes"),
        (archive(model__json=b'{"learner": 3}'), "it has not the form that XGBoost writes"),
        (b"x" * (MOST_BYTES + 1), "its artifact has over 16 MB"),
    ],
)
def test_what_says_nothing_of_its_columns_says_why(body: bytes | None, reason: str) -> None:
    found = said(body)
    assert found.columns == ()
    assert reason in found.absent


def test_a_linear_model_has_no_splits(tmp_path: Path) -> None:
    model, _ = trained(tmp_path, "gblinear")
    assert "it is no model of trees" in said(archive(model__ubj=model)).absent


def split_on(*columns: int, width: int) -> bytes:
    """A model with one split a tree, of gain 1, on each of these columns."""
    trees = [
        {"split_indices": [at, 0, 0], "loss_changes": [1.0, 0, 0], "left_children": [1, -1, -1]}
        for at in columns
    ]
    booster = {"model": {"trees": trees}}
    learner = {"gradient_booster": booster, "learner_model_param": {"num_feature": str(width)}}
    return json.dumps({"learner": learner}).encode()


def test_columns_that_the_image_takes_apart_are_added_up() -> None:
    """The image's order: numbers, categories, then dates of six columns and texts of 64."""
    kinds = {
        "note": Kind.TEXT,
        "job": Kind.CATEGORY,
        "since": Kind.DATE,
        "age": Kind.NUMBER,
        "member": Kind.BOOLEAN,
    }
    features = tuple(Feature(name, kind) for name, kind in kinds.items())
    model = split_on(0, 1, 2, 3, 66, 67, 72, width=3 + 64 + 6)
    found = dict(importance_of(model, features, is_encoded=True).columns)
    parts = {"age": 1, "member": 1, "job": 1, "note": 2, "since": 2}
    assert found == pytest.approx({name: count / 7 for name, count in parts.items()}, abs=1e-5)


def test_numbers_of_every_width_are_read() -> None:
    typed = b"[$d#U\x02" + struct.pack(">ff", 1.5, -2.0)
    body = b"{U\x01a" + typed + b"U\x01bSU\x02hiU\x01c[TFZi\xff]U\x01dI\x01\x00}"
    found = read_ubjson(body)
    assert (list(found.pop("a")), found) == ([1.5, -2.0], {"b": "hi", "c": [True, False, None, -1], "d": 256})


@given(st.binary(max_size=200))
def test_bytes_that_are_no_model_are_refused_in_words(body: bytes) -> None:
    """Nothing else is raised, whatever the bytes."""
    with suppress(UbjsonError):
        assert isinstance(read_ubjson(b"{" + body), dict)


def test_nesting_has_an_end() -> None:
    with pytest.raises(UbjsonError, match="nested too deeply"):
        read_ubjson(b"[" * 10_000)
