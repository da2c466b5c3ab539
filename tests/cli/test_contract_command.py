"""What belongs to a model, as its owner looks at it."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from switchyard.core.data.contract import Contract, Feature, Kind
from switchyard.core.data.response import Response
from switchyard.core.policy import Problem
from tests.cli.settled_runs import BEGAN, RUN, Desk

CONTRACT = Contract(
    "left", (Feature("age"), Feature("job", Kind.CATEGORY)), Problem.BINARY, ("no", "yes"), ("id",)
)
HOLDOUT = b"age,job,left\n41,nurse,no\n,driver,yes\n30,nurse,no\n"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def known(deployed: Desk) -> None:
    deployed.write("churn/contract.json", CONTRACT.to_dict())
    deployed.artifacts.write("churn/holdout/holdout.csv", HOLDOUT)


@pytest.mark.usefixtures("known")
def test_the_contract_is_shown_with_the_index_of_each_class() -> None:
    lines = call("contract", "churn").output.splitlines()
    assert lines == [
        "churn: binary, target 'left'",
        "  classes: 0 no, 1 yes",
        "  number   age",
        "  category job",
        "  ignored  id",
    ]


def test_where_an_answer_has_what_the_model_says_is_shown(deployed: Desk) -> None:
    said = replace(CONTRACT, response=Response("class", "rows[].label"))
    deployed.write("churn/contract.json", said.to_dict())
    assert "  class    at rows[].label of each answer" in call("contract", "churn").output


@pytest.mark.usefixtures("known")
def test_the_contract_is_json_where_that_is_asked_for() -> None:
    assert json.loads(call("contract", "churn", "--json").output) == CONTRACT.to_dict()


@pytest.mark.usefixtures("known")
def test_the_holdout_is_counted_by_class() -> None:
    found = json.loads(call("holdout", "churn", "--json").output)
    assert (found["rows"], found["classes"]) == (3, {"no": 2, "yes": 1})
    assert "3 rows since" in call("holdout", "churn").output


@pytest.mark.usefixtures("known")
def test_a_name_that_is_nearly_right_is_told() -> None:
    answer = call("contract", "chrun")
    assert answer.exit_code == 2
    assert "Did you mean 'churn'?" in answer.output


@pytest.mark.usefixtures("deployed")
def test_before_the_first_promotion_there_is_none() -> None:
    answer = call("holdout", "churn")
    assert answer.exit_code == 2
    assert "No contract belongs to 'churn'" in answer.output


@pytest.mark.usefixtures("known")
def test_a_holdout_is_renewed_on_purpose_and_the_old_one_kept(deployed: Desk) -> None:
    answer = call("holdout", "churn", "--renew", "--reason", "new markets")
    assert answer.exit_code == 0, answer.output
    assert not deployed.artifacts.exists("churn/holdout/holdout.csv")
    kept = [item.key for item in deployed.artifacts.list("churn/holdout/until-")]
    assert [key.rsplit(".", 1)[1] for key in kept] == ["csv", "json"]
    assert deployed.artifacts.read(kept[0]) == HOLDOUT
    assert json.loads(deployed.artifacts.read(kept[1]))["reason"] == "new markets"
    assert json.loads(call("contract", "churn", "--json").output) == CONTRACT.to_dict()


@pytest.mark.usefixtures("known")
def test_a_holdout_is_not_renewed_without_a_reason_nor_while_a_run_is_judged_on_it(deployed: Desk) -> None:
    assert "for a reason" in call("holdout", "churn", "--renew").output
    run = replace(RUN, model="churn", run_id="churn-abababababab")
    deployed.ledger.create_run(run, BEGAN)
    deployed.ledger.acquire("churn", run.run_id)
    answer = call("holdout", "churn", "--renew", "--reason", "why not")
    assert answer.exit_code == 2
    assert "is under way" in answer.output
    assert deployed.artifacts.exists("churn/holdout/holdout.csv")
