"""Real clients, unchanged, against the plane: each story of each client comes to its end."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future

import pytest

from tests.clients.stories import ENVIRONMENTS, Ending, Story, every_story


@pytest.mark.parametrize("story", every_story(), ids=lambda story: story.name)
def test_the_story_ends_well(story: Story, endings: Mapping[Story, Future[Ending]]) -> None:
    ending = endings[story].result()
    assert ending.code == 0, (
        f"{story.name} ended with {ending.code} after {ending.seconds:.0f} s:\n{ending.said}"
    )


def test_every_client_has_a_story() -> None:
    assert {story.client for story in every_story()} == set(ENVIRONMENTS)
