"""What the report says of what the models go by, and of what changed in it."""

from typing import Any

from cli.report.as_json import report_of
from cli.report.importance import importance_view
from cli.report.page import render
from switchyard.core.run import RunState
from switchyard.evaluation.rules.importance import Importance
from tests.cli.pages import facts_of, pictures, titles
from tests.cli.settled_runs import CHAMPION, Desk, gate

NEW = Importance((("age", 0.7), ("<job>", 0.3)))
OLD = Importance((("<job>", 0.9), ("town", 0.1)))
TITLE = "What the model relies on"


def judged(desk: Desk, **importance: Any) -> str:
    desk.snapshot()
    evaluation = {"champion": CHAMPION, "gate": gate("fail"), "importance": importance}
    desk.decide(RunState.REJECTED, evaluation=evaluation)
    return render(facts_of(desk))


def test_both_models_are_shown_and_the_largest_change_is_said(desk: Desk) -> None:
    page = judged(desk, challenger=NEW.to_dict(), champion=OLD.to_dict())
    assert TITLE in titles(page)
    assert pictures(page) == 3
    assert "The largest change: age had 0.0% of the gain, and has 70.0%." in page
    assert "&lt;job&gt;" in page
    found = report_of(facts_of(desk))["importance"]
    assert found["challenger"]["columns"] == [["age", 0.7], ["<job>", 0.3]]


def test_columns_of_either_model_are_there_the_most_important_first() -> None:
    view = importance_view(NEW, OLD)
    assert view is not None
    assert [(each.name, each.champion, each.challenger) for each in view.columns] == [
        ("<job>", 0.9, 0.3),
        ("age", 0.0, 0.7),
        ("town", 0.1, 0.0),
    ]


def test_where_there_is_none_the_reason_is_said(desk: Desk) -> None:
    page = judged(
        desk, challenger=Importance(absent="the model says nothing of its columns: it is a pickle").to_dict()
    )
    assert "The model says nothing of its columns: it is a pickle." in page
    assert pictures(page) == 2


def test_a_first_model_and_an_older_champion_have_nothing_to_be_held_against(desk: Desk) -> None:
    page = judged(desk, challenger=NEW.to_dict(), champion=None)
    assert "The largest change" not in page
    assert TITLE not in titles(judged(Desk(desk.items, type(desk.artifacts)("other"))))
