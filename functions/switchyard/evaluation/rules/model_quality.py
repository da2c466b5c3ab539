"""The challenger's figures as SageMaker's Model Monitor writes them, so that Studio and a registry's readers find them.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html gives the names. Its standard
deviations are of samples that it draws, and "NaN" where it drew none: the gate's intervals say more.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from switchyard.core.policy import Problem
from switchyard.evaluation.rules.performance import Curves, Matrix, Performance
from switchyard.stats import auc
from switchyard.stats.confusion import precision, recall
from switchyard.stats.paired import PairedSums

BETAS = {"f0_5": 0.5, "f1": 1.0, "f2": 2.0}
Figures = dict[str, float]


def model_quality(sums: PairedSums, found: Performance) -> dict[str, Any]:
    """{} where no row was scored."""
    if not sums.rows:
        return {}
    made = {
        Problem.BINARY: ("binary_classification_metrics", _binary),
        Problem.MULTICLASS: ("multiclass_classification_metrics", _multiclass),
        Problem.REGRESSION: ("regression_metrics", _regression),
    }
    name, figures = made[Problem(sums.problem)]
    return {"version": 0.0, "dataset": {"item_count": sums.distinct_rows}, name: figures(sums, found)}


def _regression(sums: PairedSums, _: Performance) -> dict[str, Any]:
    mae, mse = (sums.metrics[name].challenger.mean for name in ("absolute_error", "squared_error"))
    squares = sums.target.m2
    r2 = {"r2": 1 - mse * sums.target.n / squares} if squares else {}
    return _told({"mae": mae, "mse": mse, "rmse": mse**0.5, **r2})


def _binary(sums: PairedSums, found: Performance) -> dict[str, Any]:
    """Of the second class."""
    matrix = found.challenger.confusion
    tn, fp, fn, tp = (_cell(matrix, true, said) for true in (0, 1) for said in (0, 1))
    of_positives = _of_class(tp, tp + fn, tp + fp)
    area = auc.from_counts(sums.scores)
    figures = {
        **of_positives,
        "accuracy": _share(tp + tn, tp + tn + fp + fn),
        "true_positive_rate": of_positives["recall"],
        "true_negative_rate": _share(tn, tn + fp),
        "false_positive_rate": _share(fp, tn + fp),
        "false_negative_rate": _share(fn, tp + fn),
        **({"auc": area.challenger} if area else {}),
    }
    shown = {"confusion_matrix": _matrix(matrix, found.classes), **_told(figures)}
    return shown | _curves(found.challenger)


def _multiclass(_: PairedSums, found: Performance) -> dict[str, Any]:
    """Means of the classes' figures, each by its rows."""
    matrix = found.challenger.confusion
    rows, said = [sum(row) for row in matrix], [sum(column) for column in zip(*matrix, strict=True)]
    right = [row[at] for at, row in enumerate(matrix)]
    each = [_of_class(*counts) for counts in zip(right, rows, said, strict=True)]
    weighted = {
        f"weighted_{name}": _share(sum(n * own[name] for n, own in zip(rows, each, strict=True)), sum(rows))
        for name in each[0]
    }
    accuracy = {"accuracy": _share(sum(right), sum(rows))}
    return {"confusion_matrix": _matrix(matrix, found.classes), **_told(accuracy | weighted)}


def _cell(matrix: Matrix, true: int, said: int) -> int:
    """Rows of a class that were called another; 0 for a class that no row has, which the table may lack."""
    return matrix[true][said] if max(true, said) < len(matrix) else 0


def _of_class(right: int, true: int, said: int) -> Figures:
    of_true, of_said = recall(right, true, said).value, precision(right, true, said).value
    return {"recall": of_true, "precision": of_said, **_f_scores(of_said, of_true)}


def _f_scores(of_said: float, of_true: float) -> Figures:
    return {
        name: _share((1 + beta**2) * of_said * of_true, beta**2 * of_said + of_true)
        for name, beta in BETAS.items()
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _told(figures: Mapping[str, float]) -> dict[str, Any]:
    return {name: {"value": value, "standard_deviation": "NaN"} for name, value in figures.items()}


def _matrix(matrix: Matrix, classes: Iterable[str]) -> dict[str, dict[str, int]]:
    """Rows by true class, then by the class that was said."""
    names = tuple(classes)
    return {true: dict(zip(names, row, strict=True)) for true, row in zip(names, matrix, strict=True)}


def _curves(curves: Curves) -> dict[str, Any]:
    made = {}
    if curves.roc:
        false, true = zip(*curves.roc, strict=True)
        made["receiver_operating_characteristic_curve"] = {
            "false_positive_rates": list(false),
            "true_positive_rates": list(true),
        }
    if curves.precision_recall:
        recalls, precisions = zip(*curves.precision_recall, strict=True)
        made["precision_recall_curve"] = {"precisions": list(precisions), "recalls": list(recalls)}
    return made
