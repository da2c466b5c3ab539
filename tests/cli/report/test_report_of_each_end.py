"""What the report shows of each kind of end."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from cli.records.ledger import Line
from cli.report import words
from cli.report.facts import Facts, Sources
from cli.report.page import render
from cli.report.rollout import rollout_view
from switchyard.core.run import RunState
from tests.cli.pages import Elements, facts_of, pictures, titles
from tests.cli.settled_runs import BEGAN, CHAMPION, RUN_ID, SOURCE, Desk, blocks, gate

NEVER_STARTED = [RunState.SUPERSEDED, RunState.WAITING, RunState.ADMITTED]


def test_a_promoted_run_shows_everything(desk: Desk) -> None:
    frozen = desk.snapshot(hyperparameters={"eta": 0.2}, rollout={"metrics": {"errors": {"margin": 0.02}}})
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    page = render(facts_of(desk))
    assert titles(page) == ["Champion", "Dataset", "Training", "Offline gate", "Live rollout", "Timeline"]
    assert pictures(page) == 8
    text = Elements(page).text
    for said in ("Promoted", f"took the place of {CHAMPION}", "1,234", "eta", "0 of 800", "72 of 7,200"):
        assert said in text


def test_a_rejected_run_ends_with_the_gate(desk: Desk) -> None:
    desk.snapshot()
    evaluation = {"champion": CHAMPION, "artifact_sha256": "12" * 32, "gate": gate("fail", harm=0.3)}
    desk.decide(RunState.REJECTED, "accuracy: worse by 0.3", evaluation=evaluation)
    page = render(facts_of(desk))
    assert "Live rollout" not in titles(page)
    assert pictures(page) == 2
    assert f"never saw a live request. Live stays {CHAMPION}" in page
    assert "accuracy: worse by 0.3" in page


def test_a_rolled_back_run_gives_the_traffic_back_at_the_end(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.ROLLED_BACK, blocks(4, errors=30), frozen)
    facts = facts_of(desk)
    page = render(facts)
    assert "Rolled back" in page
    assert f"All traffic went back to {CHAMPION}" in page
    assert "rollback" in facts.last_look["outcome"]


def test_an_inconclusive_gate_has_no_rollout(desk: Desk) -> None:
    desk.snapshot()
    few = {
        "outcome": "not_enough_data",
        "reason": "12 holdout rows, at least 200 are needed",
        "rows": 12,
        "figures": [],
    }
    desk.decide(RunState.INCONCLUSIVE, evaluation={"champion": CHAMPION, "gate": few})
    page = render(facts_of(desk))
    assert "12 holdout rows, at least 200 are needed" in page
    assert pictures(page) == 0


def test_a_first_deployment_says_that_there_was_nothing_to_compare_with(desk: Desk) -> None:
    desk.snapshot()
    alone: dict[str, Any] = {"champion": None, "harm": None, "harm_interval": None, "margin": None}
    desk.decide(
        RunState.PROMOTED,
        evaluation={"champion": "", "artifact_sha256": "12" * 32, "gate": gate(**alone)},
        weights=[{"at": BEGAN, "stage": 0, "weight": 100.0}],
        champion={"run_id": RUN_ID},
    )
    page = render(facts_of(desk))
    assert "no champion to compare with" in page
    assert "It is the first model of digits" in page
    assert pictures(page) == 1


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.ABORTED])
def test_a_run_that_broke_in_training_has_neither_gate_nor_rollout(desk: Desk, state: RunState) -> None:
    desk.snapshot()
    desk.decide(state, "AlgorithmError: no such column", evaluation={}, champion=None)
    facts = facts_of(desk)
    page = render(facts)
    assert titles(page) == ["Champion", "Dataset", "Training", "Timeline"]
    assert [(stop.name, stop.said) for stop in words.stops(facts)][1:] == [
        ("Training", "stopped before its end"),
        ("Offline gate", "not reached"),
        ("Live rollout", "not reached"),
    ]


@pytest.mark.parametrize("state", NEVER_STARTED)
def test_a_run_that_never_began_has_its_dataset(desk: Desk, state: RunState) -> None:
    desk.snapshot()
    desk.admit(state)
    page = render(facts_of(desk, state))
    assert "v2.csv" in page
    assert words.title(state)[1] in page


def test_an_upload_that_was_refused_has_only_its_reason(desk: Desk) -> None:
    refused = Line("digits", SOURCE, "INVALID", "row 3: 'x' is not a number", "", "", "")
    page = render(Sources(desk.artifacts, desk.ledger).facts(refused))
    assert titles(page) == ["Dataset"]
    assert "row 3: &#39;x&#39; is not a number" in page
    assert "Invalid dataset" in page


@pytest.mark.parametrize("state", RunState)
def test_every_state_has_a_page_that_says_it(state: RunState) -> None:
    page = render(Facts("digits", RUN_ID, SOURCE, state, "because"))
    mark, title = words.title(state)
    assert f'<span aria-hidden="true">{mark}</span> {title}' in page
    assert words.summary(Facts("digits", RUN_ID, SOURCE, state, "because")) in page


def test_a_rollout_under_way_is_shown_from_the_ledger_alone(desk: Desk) -> None:
    desk.snapshot()
    desk.admit(RunState.RUNNING, "")
    trail = json.dumps([{"at": BEGAN, "stage": 0, "weight": 10.0}])
    desk.ledger.save_rollout(RUN_ID, {"trail": trail, "champion": CHAMPION})
    desk.ledger.save_blocks(RUN_ID, blocks(3))
    facts = facts_of(desk)
    assert facts.was_compared
    assert "Under way (running)" in render(facts)
    assert pictures(render(facts)) == 6


def test_lost_blocks_leave_the_recorded_figures(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    page = render(replace(facts_of(desk), blocks=()))
    assert "blocks of evidence of this run cannot be found" in page
    assert "0 of 800" in Elements(page).text


def test_a_lost_pipeline_leaves_traffic_and_the_recorded_figures(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    page = render(replace(facts_of(desk), pipeline=None))
    assert "The pipeline of this run cannot be found" in page
    assert "0 of 800" in Elements(page).text
    assert "Training" not in titles(page)


def test_blocks_that_differ_from_what_was_decided_on_are_pointed_out(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    facts = facts_of(desk)
    agreeing, fewer = rollout_view(facts), rollout_view(replace(facts, blocks=facts.blocks[:4]))
    assert agreeing is not None
    assert fewer is not None
    assert agreeing.note == ""
    assert "differ from what was decided on" in fewer.note
    assert fewer.metrics == agreeing.metrics


def test_slices_and_figures_without_a_number_are_shown(desk: Desk) -> None:
    desk.snapshot()
    whole = gate()
    sliced = gate("fail", slice="country=DE", champion=0.9)["figures"]
    unknown = gate("not_enough_data", metric="auc", challenger=math.nan, interval=[math.nan, math.nan])[
        "figures"
    ]
    unknown[0] |= {"champion": None, "floor": None, "harm": None, "harm_interval": None, "margin": None}
    whole["figures"] += sliced + unknown
    desk.decide(RunState.REJECTED, evaluation={"champion": CHAMPION, "gate": whole})
    page = render(facts_of(desk))
    assert "accuracy in country=DE" in page
    assert page.count("country=DE") == 2
    assert pictures(page) == 2
    assert ">nan<" not in page


def test_classes_have_their_names_in_plots_and_tables(desk: Desk) -> None:
    desk.snapshot()
    judged = gate("fail", metric="f1", kind="f1", title="f1 of <leaves>")
    figures = {"called": 31, "precision": 0.75, "recall": 0.5, "f1": 0.6}
    one = {"name": "<leaves>", "rows": 40, "champion": {**figures, "recall": 0.875}, "challenger": figures}
    judged["classes"] = [one, {**one, "name": "stays", "rows": 460}]
    desk.decide(RunState.REJECTED, evaluation={"champion": CHAMPION, "gate": judged})
    page = render(facts_of(desk))
    assert "By class" in page
    text = Elements(page).text
    for said in ("f1 of <leaves> (higher is better)", "<leaves>", "stays", "0.875", "recall: champion"):
        assert said in text, said


def test_a_first_model_has_one_column_a_figure(desk: Desk) -> None:
    desk.snapshot()
    judged = gate(champion=None, harm=None, harm_interval=None, margin=None)
    own = {"called": 31, "precision": 0.75, "recall": 0.5, "f1": 0.6}
    judged["classes"] = [{"name": "stays", "rows": 460, "champion": None, "challenger": own}]
    desk.decide(RunState.PROMOTED, evaluation={"champion": "", "gate": judged})
    assert "recall: champion" not in Elements(render(facts_of(desk))).text


def test_what_changed_in_the_data_is_one_table_with_the_biggest_change_first(desk: Desk) -> None:
    desk.snapshot()
    desk.decide(RunState.REJECTED, evaluation={"champion": CHAMPION, "gate": gate("fail")})
    assert "What changed in the data" not in titles(render(facts_of(desk)))
    desk.differ()
    page = render(facts_of(desk))
    assert "What changed in the data" in titles(page)
    for said in (
        "<b>0.2 % → 31 %</b>",
        "<b>0.44</b>",
        "<b>new: &lt;astronaut&gt;; gone: smith; 2 new in fewer than",
    ):
        assert said in page
    assert page.index("y (target)") > page.index("<b>0.44</b>")
    assert "3 more columns differ by even less" in page


def test_a_long_list_of_changes_is_folded_behind_those_worth_naming(desk: Desk) -> None:
    desk.snapshot()
    desk.decide(RunState.REJECTED, evaluation={"champion": CHAMPION, "gate": gate("fail")})
    desk.differ()
    facts = facts_of(desk)
    assert facts.diff is not None
    few = [replace(facts.diff.columns[1], name=f"c{at}", drift=0.001) for at in range(20)]
    page = render(replace(facts, diff=replace(facts.diff, columns=(facts.diff.columns[0], *few))))
    assert "11 columns that differ by less" in page
    assert page.index(">c8<") < page.index("<summary>11 columns") < page.index(">c9<")
    assert "&lt; 0.01" in page
