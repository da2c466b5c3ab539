"""An interpreter of the state machines for the session."""

from collections.abc import Iterator

import pytest

from tests.statemachine.interpreter import Interpreter, interpreter


@pytest.fixture(scope="module")
def machines() -> Iterator[Interpreter]:
    with interpreter() as made:
        yield made


@pytest.fixture
def engine(machines: Interpreter) -> Interpreter:
    machines.reset()
    return machines
