"""A second validator, which others keep, reads every machine, and sees what a slip of the pen makes of it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import yaml

from tests.asl.cfn_lint import check_by_cfn_lint
from tests.asl.machine import Machine
from tests.asl.project import of
from tests.contract.cloudformation import machines

Document = dict[str, Any]


def first_task(document: Document) -> Document:
    found: Document = next(each for each in document["States"].values() if each["Type"] == "Task")
    return found


SLIPS: dict[str, Callable[[Document], object]] = {
    "StartAt leads nowhere": lambda document: document.update(StartAt="Nowhere"),
    "no state": lambda document: document.pop("States"),
    "an unknown type of state": lambda document: first_task(document).update(Type="Job"),
    "a Task without Resource": lambda document: first_task(document).pop("Resource"),
    "a member that no Task has": lambda document: first_task(document).update(Nxt="There"),
    "a text for a number": lambda document: document.update(TimeoutSeconds="soon"),
    "a Retry without ErrorEquals": lambda document: first_task(document)["Retry"][0].pop("ErrorEquals"),
}


@pytest.mark.parametrize("name", sorted(machines()))
def test_a_machine_is_valid(name: str) -> None:
    assert list(check_by_cfn_lint(of(machines()[name]))) == []


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("name", sorted(machines()))
def test_a_slip_is_found(name: str, slip: str) -> None:
    document = deepcopy(of(machines()[name]).document)
    SLIPS[slip](document)
    [*found] = check_by_cfn_lint(Machine(name, yaml.safe_dump(document)))
    assert found
