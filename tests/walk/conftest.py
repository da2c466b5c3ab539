"""A stack of its own for each part of the walk: the demo wants one that holds no other model."""

from collections.abc import Iterator

import pytest

from cli.stack.stack import Stack
from tests.e2e.support import stack_of_its_own


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack_of_its_own(tmp_path_factory.mktemp("switchyard")) as stack:
        yield stack
