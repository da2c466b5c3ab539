"""contract.json: written and read back; what was kept of older models is read, too."""

import json

import pytest

from switchyard.core.data.contract import Contract, ContractError, Feature, Kind, read_contract
from switchyard.core.policy import Problem

BANK = Contract(
    "y",
    (
        Feature("age"),
        Feature("job", Kind.CATEGORY),
        Feature("note", Kind.TEXT),
        Feature("since", Kind.DATE),
        Feature("member", Kind.BOOLEAN),
    ),
    Problem.BINARY,
    ("no", "yes"),
    ("id",),
)


def test_a_contract_is_written_as_both_sides_agreed() -> None:
    content = json.loads(BANK.to_json())
    assert content["version"] == 1
    assert content["target"] == {"name": "y", "classes": ["no", "yes"]}
    assert content["features"][1] == {"name": "job", "kind": "category"}
    assert content["ignored"] == ["id"]


@pytest.mark.parametrize(
    "contract", [BANK, Contract("price", (Feature("a"),), Problem.REGRESSION), Contract("y", ())]
)
def test_it_is_read_back_as_it_was(contract: Contract) -> None:
    assert read_contract(contract.to_json()) == contract


def test_what_was_kept_before_there_were_kinds_is_numbers_alone() -> None:
    older = {"features": ["a", "b"], "target": "y", "problem": "multiclass", "classes": [0.0, 2.0]}
    found = read_contract(json.dumps(older))
    assert found.kinds == (Kind.NUMBER, Kind.NUMBER)
    assert found.classes == ("0", "1", "2")  # each label was its own index
    assert found.problem is Problem.MULTICLASS


def test_the_oldest_know_columns_alone() -> None:
    assert read_contract('{"features": ["a"], "target": "y"}') == Contract("y", (Feature("a"),))


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"version": 2, "target": {}}', b"\xff", BANK.to_json().replace(b"category", b"colour")],
)
def test_what_is_no_contract_is_refused(body: str | bytes) -> None:
    with pytest.raises(ContractError, match="not in the form of version 1"):
        read_contract(body)
