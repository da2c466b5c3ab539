"""docs/weather.md: every test that it names as the answer to a behaviour of AWS is there, and each row has its page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/weather.md").read_text()
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if "::test_" in line]


def named() -> Iterator[tuple[str, str]]:
    for row in ROWS:
        yield from re.findall(r"`([\w/]+\.py)::(test_\w+)`", row[-1])


def test_each_row_says_what_aws_does_where_it_is_documented_and_what_is_tested() -> None:
    assert len(ROWS) >= 64
    assert [row[0] for row in ROWS if len(row) != 3 or not all(row)] == []


@pytest.mark.parametrize("file", sorted({file for file, _ in named()}))
def test_every_test_that_is_named_is_there(file: str) -> None:
    tree = ast.walk(ast.parse((ROOT / "tests" / file).read_text()))
    there = {node.name for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert {name for each, name in named() if each == file} - there == set()
