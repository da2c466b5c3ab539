"""The evaluation also says what Model Monitor's statistics say, under its names; the figures are scikit-learn's."""

from typing import Any

import pytest
from sklearn import metrics as sk

from switchyard.evaluation.rules.model_quality import model_quality
from switchyard.evaluation.rules.performance import performance_of
from switchyard.stats.paired import PairedSums
from tests.evaluation.test_gate import rows as binary_rows
from tests.evaluation.test_performance import of_numbers, of_three


def quality(problem: str, rows: Any, classes: tuple[str, ...] = ()) -> dict[str, Any]:
    sums = PairedSums.from_rows(problem, rows)
    return model_quality(sums, performance_of(sums, classes))


def values(figures: dict[str, Any]) -> dict[str, float]:
    """Of all that have one; each says that its deviation was not sampled."""
    told = {name: each for name, each in figures.items() if "value" in each}
    assert {each["standard_deviation"] for each in told.values()} == {"NaN"}
    return {name: each["value"] for name, each in told.items()}


def test_two_classes() -> None:
    rows = binary_rows(3000)
    found = quality("binary", rows, ("no", "yes"))
    assert (found["version"], found["dataset"]) == (0.0, {"item_count": 3000})
    figures = found["binary_classification_metrics"]
    true, scores = [label for label, _, _ in rows], [new for _, _, new in rows]
    said = [int(score > 0.5) for score in scores]
    tn, fp, fn, tp = (int(count) for count in sk.confusion_matrix(true, said).ravel())
    assert figures["confusion_matrix"] == {"no": {"no": tn, "yes": fp}, "yes": {"no": fn, "yes": tp}}
    assert values(figures) == pytest.approx(
        {
            "recall": sk.recall_score(true, said),
            "precision": sk.precision_score(true, said),
            "accuracy": sk.accuracy_score(true, said),
            "true_positive_rate": tp / (tp + fn),
            "true_negative_rate": tn / (tn + fp),
            "false_positive_rate": fp / (tn + fp),
            "false_negative_rate": fn / (tp + fn),
            "f0_5": sk.fbeta_score(true, said, beta=0.5),
            "f1": sk.f1_score(true, said),
            "f2": sk.fbeta_score(true, said, beta=2),
            "auc": pytest.approx(sk.roc_auc_score(true, scores), abs=0.003),
        }
    )
    curve = figures["receiver_operating_characteristic_curve"]
    assert curve["false_positive_rates"][0] == 0
    assert curve["true_positive_rates"][-1] == 1
    points = figures["precision_recall_curve"]
    assert len(points["recalls"]) == len(points["precisions"]) > 2


def test_many_classes_by_their_rows() -> None:
    rows = of_three(600, seed=1)
    figures = quality("multiclass", rows, ("a", "b", "c"))["multiclass_classification_metrics"]
    true, said = [label for label, _, _ in rows], [new.index(max(new)) for _, _, new in rows]
    asked = {"average": "weighted"}
    assert values(figures) == pytest.approx(
        {
            "accuracy": sk.accuracy_score(true, said),
            "weighted_recall": sk.recall_score(true, said, **asked),
            "weighted_precision": sk.precision_score(true, said, **asked),
            "weighted_f0_5": sk.fbeta_score(true, said, beta=0.5, **asked),
            "weighted_f1": sk.f1_score(true, said, **asked),
            "weighted_f2": sk.fbeta_score(true, said, beta=2, **asked),
        }
    )
    assert [list(row.values()) for row in figures["confusion_matrix"].values()] == sk.confusion_matrix(
        true, said
    ).tolist()


def test_numbers() -> None:
    rows = of_numbers(500, seed=2)
    true, said = [label for label, _, _ in rows], [new for _, _, new in rows]
    mse = sk.mean_squared_error(true, said)
    assert values(quality("regression", rows)["regression_metrics"]) == pytest.approx(
        {
            "mae": sk.mean_absolute_error(true, said),
            "mse": mse,
            "rmse": mse**0.5,
            "r2": sk.r2_score(true, said),
        }
    )


@pytest.mark.parametrize("label", [0, 1])
def test_a_holdout_of_one_class_has_no_area_and_no_curves(label: int) -> None:
    figures = quality("binary", [(label, 0.2, 0.3)] * 4)["binary_classification_metrics"]
    assert values(figures)["accuracy"] == 1 - label
    assert "auc" not in figures
    assert "receiver_operating_characteristic_curve" not in figures


def test_a_target_that_never_changes_has_no_r2() -> None:
    assert set(quality("regression", [(3.0, 3.0, 4.0)] * 3)["regression_metrics"]) == {"mae", "mse", "rmse"}


def test_nothing_of_no_rows() -> None:
    assert quality("binary", []) == {}
