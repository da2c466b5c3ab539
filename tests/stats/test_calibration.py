"""Expected calibration error: scikit-learn's bins, errors of a bootstrap, and chunks that merge."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from switchyard.stats.calibration import Calibration, compare

PAIR = st.tuples(st.floats(0, 1), st.sampled_from([0.0, 1.0]))
ROWS = st.lists(st.tuples(PAIR, PAIR), min_size=1, max_size=60)


def by_scikit_learn(said: Any) -> float:
    probabilities, came = (np.array(column) for column in zip(*said, strict=True))
    shares, means = calibration_curve(came, probabilities, n_bins=10)
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], probabilities)
    weights = np.bincount(bins, minlength=10)
    return float(np.average(abs(shares - means), weights=weights[weights > 0]))


@given(rows=ROWS)
def test_values_are_those_of_scikit_learns_curve(rows: Any) -> None:
    found = compare(Calibration.of(rows))
    assert found is not None
    assert found.champion == pytest.approx(by_scikit_learn([old for old, _ in rows]), abs=1e-9)
    assert found.challenger == pytest.approx(by_scikit_learn([new for _, new in rows]), abs=1e-9)


@given(rows=ROWS, size=st.integers(1, 20))
def test_chunks_merge_into_the_whole_through_json(rows: Any, size: int) -> None:
    parts = Calibration()
    for at in range(0, len(rows), size):
        chunk = json.loads(json.dumps(Calibration.of(rows[at : at + size]).to_dict()))
        parts += Calibration.from_dict(chunk)
    merged, whole = compare(parts), compare(Calibration.of(rows))
    assert merged is not None
    assert whole is not None
    assert merged.champion == pytest.approx(whole.champion, abs=1e-12)
    assert merged.challenger == pytest.approx(whole.challenger, abs=1e-12)


def drawn(rows: int, dice: np.random.Generator) -> list[Any]:
    """Both models are too sure of themselves, the challenger more."""
    true = dice.uniform(0.05, 0.95, rows)
    came = (dice.random(rows) < true).astype(float)
    models = [np.clip(0.5 + grown * (true - 0.5), 0.0, 1.0) for grown in (1.3, 1.6)]
    return [((float(o), y), (float(n), y)) for o, n, y in zip(*models, map(float, came), strict=True)]


def test_the_error_is_what_the_difference_varies_by() -> None:
    dice = np.random.default_rng(4)
    found = [compare(Calibration.of(drawn(1_500, dice))) for _ in range(150)]
    differences = [each.challenger - (each.champion or 0.0) for each in found if each]
    alone = [each.challenger for each in found if each]
    assert found[0] is not None
    assert found[0].error == pytest.approx(np.std(differences), rel=0.25)
    assert found[0].challenger_error == pytest.approx(np.std(alone), rel=0.25)


def test_without_rows_there_is_none_and_without_a_champion_one() -> None:
    assert compare(Calibration()) is None
    alone = compare(Calibration.of([(None, (0.9, 1.0)), (None, (0.9, 0.0))]))
    assert alone is not None
    assert (alone.champion, alone.challenger) == (None, pytest.approx(0.4))
