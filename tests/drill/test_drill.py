"""Drills: what they make go wrong is what the local SageMaker takes, and they tell what became of it."""

import csv
import io
import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from cli.commands.local import drill as command
from cli.drill.kinds import DRILLS, Kind, rules
from cli.drill.play import Ending
from cli.drill.tables import mislabelled, reordered
from cli.main import app
from cli.stack.errors import RefusedError
from cli.stack.faults import as_given
from sagemaker_local.fault_rules import parse
from sagemaker_local.faults import Faults

LATENCY = {"latency": {"margin": 0.1, "limit_milliseconds": 200}}
ENDING = Ending(
    "broken",
    "digits",
    "digits-2",
    "ROLLED_BACK",
    "errors",
    ("ROLLED_BACK",),
    (10.0,),
    900,
    31,
    "digits-1",
    True,
    42.0,
)


@pytest.mark.parametrize("kind", Kind)
def test_the_rules_of_a_drill_are_taken_and_speak_of_its_variant_on_its_endpoint_alone(kind: Kind) -> None:
    found = parse(rules(kind, "switchyard-digits", "digits-2", LATENCY), "here")
    assert len(found) == (kind in (Kind.BROKEN, Kind.SLOW, Kind.KILLED))
    assert {(each.target, each.pattern, each.name) for each in found} <= {
        ("variant", "digits-2", "switchyard-digits")
    }


def test_a_slow_answer_is_later_than_the_limit() -> None:
    [rule] = rules(Kind.SLOW, "e", "v", LATENCY)
    assert rule["seconds"] > 0.2


def test_a_slow_challenger_that_nobody_would_notice_is_refused() -> None:
    with pytest.raises(RefusedError, match="a slow challenger would be promoted"):
        rules(Kind.SLOW, "e", "v", {"errors": {"margin": 0.1}})


def test_every_kind_has_a_drill_and_a_bad_one_is_never_to_be_promoted() -> None:
    assert set(DRILLS) == set(Kind)
    assert all("PROMOTED" not in each.ends for each in DRILLS.values())


def test_shuffled_labels_are_the_same_labels_of_other_rows() -> None:
    table = "a,y,b\n" + "".join(f'{n},{n % 5},"x, {n}"\n' for n in range(100))
    before, after = (
        list(csv.reader(io.StringIO(text))) for text in (table, mislabelled([table], "y", "seed"))
    )
    assert [(a, b) for a, _, b in before] == [(a, b) for a, _, b in after]
    assert sorted(y for _, y, _ in before) == sorted(y for _, y, _ in after)
    assert before != after


def test_the_same_rows_in_another_order_are_another_dataset() -> None:
    tables = ["a,y\n1,0\n2,1\n3,0\n4,1\n", "a,y\n5,0\n\n6,1\n"]
    found = reordered(tables, "seed").splitlines()
    assert found[0] == "a,y"
    assert sorted(found[1:]) == ["1,0", "2,1", "3,0", "4,1", "5,0", "6,1"]
    assert found[1:] != sorted(found[1:])
    assert reordered(tables, "another") != reordered(tables, "seed")


def test_rules_that_were_there_before_are_put_back_as_they_were_given() -> None:
    given = [
        {"fault": "throttle", "operation": "CreateModel", "times": 2},
        {"fault": "slow", "variant": "v", "name": "e", "seconds": 0.5},
        {"fault": "quota", "operation": "CreateTrainingJob", "limit": 1, "name": "x*"},
        {"fault": "fail", "job": "j", "reason": "on purpose"},
    ]
    assert [as_given(shown) for shown in Faults(parse(given, "here")).shown()] == given


@pytest.mark.parametrize(
    ("ending", "status", "says"),
    [
        (ENDING, 0, "Champion digits-1 has all of the traffic"),
        (replace(ENDING, state="PROMOTED"), 1, "It ended PROMOTED (ROLLED_BACK was expected)"),
        (replace(ENDING, is_back=False), 1, "the champion is not back"),
    ],
)
def test_a_drill_says_how_it_ended(
    monkeypatch: pytest.MonkeyPatch, ending: Ending, status: int, says: str
) -> None:
    monkeypatch.setattr(command.Play, "play", lambda _: ending)
    monkeypatch.setattr(command.Stack, "load", lambda: None)
    said = CliRunner().invoke(app, ["drill", "broken", "digits"])
    assert said.exit_code == status
    assert says in said.output
    told = CliRunner().invoke(app, ["drill", "broken", "digits", "--json"])
    found = json.loads(told.stdout.splitlines()[0])
    assert (found["state"], found["as_expected"], found["failed"]) == (ending.state, not status, 31)


def test_a_drill_that_there_is_not_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["drill", "sleepy", "digits"]).exit_code == 2
