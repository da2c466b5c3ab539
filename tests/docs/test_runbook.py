"""The runbook of docs/operations.md: whoever is woken by an alarm finds it there, with what to type."""

import re

import pytest

from tests.contract.cloudformation import ROOT, resources

SECTION = (ROOT / "docs/operations.md").read_text(encoding="utf-8").split("## When an alarm goes off\n")[1]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SECTION.split("\n## ")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| alarm |")
]
ALARMS = [name.removesuffix("Alarm") for name in resources("AWS::CloudWatch::Alarm")]


def test_every_alarm_stands_in_the_runbook_once_and_nothing_else_does() -> None:
    told = [name for row in ROWS for name in row[0].split(", ")]
    assert sorted(told) == sorted(ALARMS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]).split(",")[0])
def test_each_says_what_to_type_or_where_that_stands(row: list[str]) -> None:
    assert len(row) == 3
    assert re.search(r"`\w|\]\(#|same log|deploy with", row[2]), row[2]
