"""`switchyard demo-all`: a row that did not end as it must looks like one while the others are played."""

from __future__ import annotations

from typing import Any, cast

import pytest

from cli.commands.local.demo_all import _play
from cli.rows.player import RUN_SECONDS, TRAFFIC_SECONDS, Player
from cli.rows.row import Ending, Row
from cli.stack.errors import StackError


def breaks(_: Player) -> Ending:
    raise StackError("second.csv has no verdict after 1800 s.", "Look at it.")


@pytest.mark.parametrize(
    ("play", "mark", "state"),
    [
        (lambda _: Ending("PROMOTED", ""), "✓", "PROMOTED"),
        (lambda _: Ending("INCONCLUSIVE", "silence"), "✗", "INCONCLUSIVE"),
        (breaks, "✗", "BROKEN"),
    ],
    ids=["as it must", "another end", "no end"],
)
def test_the_mark_of_a_row_says_whether_it_ended_as_it_must(
    play: Any, mark: str, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    played = _play(cast(Any, None), Row("images", "data", "pictures", play))
    printed = capsys.readouterr()
    assert f"{mark} images: pictures" in printed.out + printed.err
    assert (played.ending.state, played.is_expected) == (state, mark == "✓")


def test_live_clients_ask_for_longer_than_a_run_is_waited_for() -> None:
    assert TRAFFIC_SECONDS > RUN_SECONDS
