"""The protocol keeps its promises in every state that three runs and three faults can reach, and none of its rules is
there for nothing: without any one of them a promise breaks.
"""

import pytest

from tests.protocol.model import WEAK, Explored, Protocol, explore

FAULTS = 3
ENOUGH_STATES = 80_000


def story(found: Explored) -> str:
    return "\n".join([found.wrong, *map(str, found.trace)])


def test_no_state_breaks_a_promise_and_every_end_is_whole() -> None:
    found = explore(Protocol(), FAULTS)
    assert found.wrong == "", story(found)
    assert found.states >= ENOUGH_STATES
    assert found.ends > 1_000


@pytest.mark.parametrize("weak", sorted(WEAK))
def test_a_protocol_without_one_of_its_rules_breaks_a_promise(weak: str) -> None:
    found = explore(Protocol(weak), FAULTS)
    assert found.wrong, f"without the rule nothing breaks: {weak}"
