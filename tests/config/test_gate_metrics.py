"""The door for the gate's metrics: classes as people write them, and what cannot go together."""

from typing import Any

import pytest

from switchyard.config import door
from switchyard.config.pipeline_json import pipeline_from_json, pipeline_to_json
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.gate_classes import areas_of, check_classes, costs_of
from switchyard.core.pipeline import Pipeline

WORDS = LabelStatistics(10, {"no", "yes"})
NUMBERED = LabelStatistics(10, {1.0, 2.0})
THREE = LabelStatistics(10, {"ant", "bee", "cat"})
PRICES = LabelStatistics(100, {at / 7 for at in range(70)})


def parsed(evaluation: str, labels: LabelStatistics | None = WORDS, more: str = "") -> Pipeline:
    text = f"name: m\ntarget: y\n{more}evaluation:\n  " + "\n  ".join(evaluation.splitlines())
    return door.parse("m", text, labels)


@pytest.mark.parametrize(
    ("written", "labels", "expected"),
    [
        ("yes", WORDS, "true"),
        ('"yes"', WORDS, "yes"),
        ("2", NUMBERED, "2"),
        ("2.0", NUMBERED, "2"),
        ("bee", THREE, "bee"),
    ],
)
def test_a_class_is_written_as_in_the_data(written: str, labels: LabelStatistics, expected: str) -> None:
    made = parsed(f"metrics: {{f1: {{margin: 0.1, class: {written}}}}}", labels)
    assert made.evaluation.metrics["f1"].of_class == expected
    assert pipeline_from_json(pipeline_to_json(made)) == made


def test_a_cost_matrix_is_by_true_class_and_by_what_it_is_called() -> None:
    made = parsed("metrics: {cost: {margin: 0.1}}\ncost: {yes: {no: 20}, no: {yes: 1.5}}")
    assert costs_of(made.evaluation, ("no", "yes")) == [[0.0, 1.5], [20.0, 0.0]]
    assert pipeline_from_json(pipeline_to_json(made)) == made


def test_a_program_of_the_owners_is_a_metric_of_any_problem() -> None:
    text = "program: {entry_point: loss.py}\nmetrics: {late_fee: {metric: program, margin: 0.1}}"
    for labels in (WORDS, THREE, PRICES):
        made = parsed(text, labels)
        assert made.program is not None
        assert (made.program.entry_point, made.program.version) == ("loss.py", "1.2-1")
        assert pipeline_from_json(pipeline_to_json(made)) == made


def test_areas_are_kept_of_the_classes_that_are_asked_for() -> None:
    one = parsed("metrics: {auc: {margin: 0.1, class: bee}}", THREE).evaluation
    every = parsed(
        "metrics: {auc: {margin: 0.1}, a: {metric: auc, class: bee, margin: 0.1}}", THREE
    ).evaluation
    classes = ("ant", "bee", "cat")
    assert (areas_of(one, classes), areas_of(every, classes)) == ((1,), (0, 1, 2))
    assert areas_of(parsed("metrics: {auc: {margin: 0.1}}").evaluation, ("no", "yes")) == ()


@pytest.mark.parametrize(
    ("evaluation", "labels", "says"),
    [
        (
            "metrics: {f1: {margin: 0.1, class: bees}}",
            THREE,
            "evaluation.metrics.f1.class: 'bees' is no class of the model, which has classes ant, bee, cat",
        ),
        (
            "metrics: {f1: {margin: 0.1, class: yes}}",
            THREE,
            "'true' is no class of the model, which has classes ant, bee, cat; YAML reads yes, no, on and off as "
            "booleans: put such a class in quotes",
        ),
        (
            "metrics: {accuracy: {margin: 0.1, class: bee}}",
            THREE,
            "evaluation.metrics.accuracy.class: accuracy is of all classes at once; leave it out, or use one of f1, "
            "precision, recall, auc",
        ),
        (
            "metrics: {f1: {margin: 0.1}}",
            PRICES,
            "evaluation.metrics.f1: is not a regression metric; known: ",
        ),
        (
            "metrics: {mine: {metric: f2, margin: 0.1}}",
            THREE,
            "evaluation.metrics.mine.metric: 'f2' is not a multiclass metric; known: accuracy, auc, balanced_accuracy",
        ),
        (
            "metrics: {accuracy: {margin: 0.1, floor: 1.5}}",
            THREE,
            "evaluation.metrics.accuracy.floor: is 1.5, and accuracy is at most 1: no model would ever pass; lower it",
        ),
        (
            "metrics: {rmse: {margin: 0.1, floor: -2}}",
            PRICES,
            "evaluation.metrics.rmse.floor: is -2, and rmse is never below 0: no model would ever pass; raise it",
        ),
        (
            "metrics: {quantile_loss: {margin: 0.1}}",
            PRICES,
            "evaluation.metrics.quantile_loss.quantile: must be given: which quantile the model predicts",
        ),
        (
            "metrics: {quantile_loss: {margin: 0.1, quantile: 90}}",
            PRICES,
            "evaluation.metrics.quantile_loss.quantile: must lie between 0 and 1 (both excluded), got 90.0",
        ),
        (
            "metrics: {rmse: {margin: 0.1, quantile: 0.9}}",
            PRICES,
            "evaluation.metrics.rmse.quantile: belongs to quantile_loss, and this is rmse; leave it out",
        ),
        ("metrics: {cost: {margin: 0.1}}", WORDS, "evaluation.cost: must be given: what a row costs"),
        (
            "cost: {yes: {no: 1}, no: {yes: 1}}",
            WORDS,
            "evaluation.cost: is read by the metric cost alone; add `cost: {margin: 0.05}` to evaluation.metrics",
        ),
        (
            "metrics: {cost: {margin: 0.1}}\ncost: {yes: {no: 20}}",
            WORDS,
            "evaluation.cost: no called yes has no cost; state one for each pair of classes, 0 too",
        ),
        (
            'metrics: {cost: {margin: 0.1}}\ncost: {yes: {no: 20}, "yes": {no: 3}, no: {yes: 1}}',
            WORDS,
            "evaluation.cost: yes called no stands there twice; leave one of them out",
        ),
        (
            "metrics: {cost: {margin: 0.1}}\ncost: {yes: {no: -20}, no: {yes: 1}}",
            WORDS,
            "evaluation.cost: must be numbers, 0 or more",
        ),
        (
            "metrics: {cost: {margin: 0.1}}\ncost: {yes: {no: 0}, no: {yes: 0}}",
            WORDS,
            "evaluation.cost: must be more than 0 for something",
        ),
        (
            "metrics: {cost: {margin: 0.1}}\ncost: {yes: {maybe: 3}, no: {yes: 1}}",
            WORDS,
            "evaluation.cost: 'maybe' is no class of the model, which has classes no, yes",
        ),
        (
            "metrics: {program: {margin: 0.1}}",
            WORDS,
            "evaluation.program: must be given: the metric program is what your script writes; name its entry_point",
        ),
        (
            "program: {entry_point: loss.py}",
            WORDS,
            "evaluation.program: what it writes is judged by the metric program; add `program: {margin: 0.05}`",
        ),
        (
            "program: {entry_point: loss.py, version: 9}\nmetrics: {program: {margin: 0.1}}",
            WORDS,
            "evaluation.program.version: Input should be a valid string",
        ),
        (
            'program: {entry_point: loss.py, version: "9"}\nmetrics: {program: {margin: 0.1}}',
            WORDS,
            "evaluation.program.version: scikit-learn's image has 1.2-1",
        ),
        (
            "program: {entry_point: ../loss.py}\nmetrics: {program: {margin: 0.1}}",
            WORDS,
            "evaluation.program.entry_point: String should match pattern",
        ),
        (
            "program: {entry_point: loss.py, instance_type: ml.inf1.xlarge}\nmetrics: {program: {margin: 0.1}}",
            WORDS,
            "evaluation.program.instance_type: SageMaker has no ml.inf1.xlarge for processing jobs",
        ),
        ("metrics: {f1: {margin: 0.1, clas: yes}}", WORDS, "f1.clas: Extra inputs are not permitted"),
    ],
)
def test_what_cannot_go_together_is_refused_with_its_field(
    evaluation: str, labels: LabelStatistics, says: str
) -> None:
    with pytest.raises(InvalidPipelineError) as refused:
        parsed(evaluation, labels)
    assert says in str(refused.value)
    assert str(refused.value).startswith("m/pipeline.yaml: evaluation.")


def test_areas_of_very_many_classes_are_asked_for_one_by_one() -> None:
    many = LabelStatistics(1000, {f"c{at}" for at in range(31)})
    with pytest.raises(
        InvalidPipelineError, match="is kept of 30 classes at most, of 31 name one by `class`"
    ):
        parsed("metrics: {auc: {margin: 0.1}}", many)
    assert parsed("metrics: {auc: {margin: 0.1, class: c7}}", many)


def test_classes_that_a_preparation_makes_are_looked_for_when_it_has() -> None:
    prepare = "problem: binary\nprepare: {kind: spark, entry_point: prepare.py}\n"
    made: Any = parsed("metrics: {f1: {margin: 0.1, class: bees}}", None, prepare).evaluation
    with pytest.raises(ValueError, match="'bees' is no class of the model"):
        check_classes(made, ("no", "yes"))
