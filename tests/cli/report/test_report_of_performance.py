"""What the report shows of both models on the holdout: curves, calibration, confusion, residuals; also as JSON."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.report.page import render
from switchyard.core.run import RunState
from switchyard.evaluation.rules.performance import Performance, performance_of
from switchyard.stats.paired import PairedSums
from tests.cli.pages import facts_of, pictures, titles
from tests.cli.settled_runs import CHAMPION, RUN_ID, Desk, gate
from tests.evaluation.test_gate import rows as binary_rows
from tests.evaluation.test_performance import of_numbers, of_three

OF_THE_GATE = 2  # pictures


def judged(desk: Desk, found: Performance, champion: str = CHAMPION) -> str:
    desk.snapshot()
    evaluation = {"champion": champion, "artifact_sha256": "12" * 32, "gate": gate("fail")}
    desk.decide(RunState.REJECTED, evaluation=evaluation | {"performance": found.to_dict()})
    return render(facts_of(desk))


def of(problem: str, rows: Any, *classes: str) -> Performance:
    return performance_of(PairedSums.from_rows(problem, rows), classes)


def test_two_classes_have_curves_calibration_and_confusion_of_both_models(desk: Desk) -> None:
    page = judged(desk, of("binary", binary_rows(2000), "<no>", "yes"))
    assert "On the holdout" in titles(page)
    assert pictures(page) == OF_THE_GATE + 3
    for said in ("ROC of both models", "Precision and recall of both models", "&lt;no&gt;", "Confusion"):
        assert said in page


def test_many_classes_have_no_curves_and_their_most_frequent_mistakes(desk: Desk) -> None:
    three = of("multiclass", of_three(300, 1), "ada", "bea", "cal")
    assert pictures(judged(desk, three)) == OF_THE_GATE + 1


def test_the_confusion_of_many_classes_is_a_list_of_mistakes(desk: Desk) -> None:
    rows = [(at % 20, _of_twenty(at % 20), _of_twenty((at + at % 3) % 20)) for at in range(400)]
    page = judged(desk, of("multiclass", rows, *(f"class {at}" for at in range(20))))
    assert "Most frequent mistakes" in page
    assert "<h3>Confusion</h3>" not in page


def _of_twenty(said: int) -> list[float]:
    return [0.62 if at == said else 0.02 for at in range(20)]


def test_numbers_have_residuals(desk: Desk) -> None:
    page = judged(desk, of("regression", of_numbers(2000, 1)))
    assert pictures(page) == OF_THE_GATE + 2
    assert "Residuals by prediction of both models" in page


def test_a_first_model_is_shown_alone(desk: Desk) -> None:
    page = judged(desk, of("binary", binary_rows(500, champion_noise=None)), champion="")
    assert "ROC of the challenger" in page


def test_a_run_of_an_older_release_has_no_such_part(desk: Desk) -> None:
    desk.snapshot()
    desk.decide(RunState.REJECTED, evaluation={"champion": CHAMPION, "gate": gate("fail")})
    assert "On the holdout" not in titles(render(facts_of(desk)))


@pytest.mark.parametrize("problem", ["binary", "none"])
def test_the_report_is_one_json_object_for_programs(deployed: Desk, problem: str) -> None:
    if problem == "binary":
        judged(deployed, of("binary", binary_rows(500), "no", "yes"))
        deployed.differ()
    else:
        deployed.decide(RunState.FAILED, "the job broke", evaluation={})
    answer = CliRunner().invoke(app, ["report", RUN_ID, "--json"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.output, parse_constant=pytest.fail)
    assert (found["run"], found["state"]) == (RUN_ID, "REJECTED" if problem == "binary" else "FAILED")
    if problem == "binary":
        assert found["performance"]["challenger"]["roc"][-1] == [1.0, 1.0]
        assert found["data_diff"]["columns"][0]["name"] == "job"
        assert found["gate"]["outcome"] == "fail"
    else:
        assert (found["performance"], found["gate"]) == (None, None)
