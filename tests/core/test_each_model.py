"""A look at every model: none waits for what is wrong with another, and several are looked at side by side."""

from collections.abc import Iterator
from threading import Barrier

import pytest

from switchyard.core.ledger.each_model import go_round
from tests import patience

MODELS = ["ant", "bee", "cow"]


def look(model: str) -> Iterator[str]:
    yield f"{model} was found"
    if model == "bee":
        raise RuntimeError("it stings")
    yield ""


@pytest.mark.parametrize("at_once", [1, 2, 8])
def test_what_is_said_comes_in_the_order_of_the_models_with_what_was_wrong(at_once: int) -> None:
    said, failed = go_round(MODELS, look, "left alone, {error}", at_once)
    assert said == [
        "ant was found",
        "bee was found",
        "bee: left alone, RuntimeError: it stings",
        "cow was found",
    ]
    assert failed == ["bee"]


def test_models_are_looked_at_side_by_side() -> None:
    together = Barrier(len(MODELS))

    def meet(model: str) -> list[str]:
        together.wait(patience.SECONDS)
        return [model]

    assert go_round(MODELS, meet, "{error}", len(MODELS)) == (MODELS, [])
