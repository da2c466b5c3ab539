"""A stack in memory for the console."""

from collections.abc import Iterator
from typing import Any

import pytest
from jinja2 import Environment

from tests.console.site import Site, site


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Every console has templates of its own, all alike, and each would compile them."""
    made: dict[tuple[Any, ...], Any] = {}
    compiled = Environment.compile

    def kept(self: Environment, source: str, *about: Any) -> Any:
        if (source, *about) not in made:
            made[source, *about] = compiled(self, source, *about)
        return made[source, *about]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", kept)
        yield


@pytest.fixture
def stack() -> Iterator[Site]:
    with site() as found:
        yield found
