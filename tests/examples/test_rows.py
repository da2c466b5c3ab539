"""Every row of the table ends as it must, on the real local stack."""

import pytest

from cli.rows.player import Player
from cli.rows.row import Row
from cli.rows.table import ROWS
from cli.stack.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_row_ends_as_it_must(stack: Stack, row: Row) -> None:
    ending = row.play(Player(stack, row.name))
    assert ending.state == row.expected, ending.reason
