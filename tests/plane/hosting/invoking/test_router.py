"""The split between variants."""

from __future__ import annotations

import math
from collections import Counter
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.hosting.invoking.router import Router, UnknownVariantError, shares
from tests.plane.support.variants import route

WEIGHTS = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=10)


def variant(name: str) -> Any:
    return SimpleNamespace(spec=SimpleNamespace(variant=name))


def router(weights: dict[str, float], random: Any = None) -> Router:
    made = route(*((variant(name), weight) for name, weight in weights.items()))
    return Router(made, random) if random else Router(made)


@pytest.mark.parametrize("weights", [(90, 10), (0.5, 0.25), (1, 1, 1), (99, 1), (3, 0, 1)])
def test_requests_are_split_in_proportion_to_the_weights(weights: tuple[float, ...]) -> None:
    names = {f"v{number}": weight for number, weight in enumerate(weights)}
    split = router(names, Random(20261122).random)  # noqa: S311 - the same draws every time
    requests = 40_000

    counts = Counter(split.choose().spec.variant for _ in range(requests))

    for name, weight in names.items():
        share = weight / sum(weights)
        # five standard deviations: one wrong alarm in two million seeds
        assert abs(counts[name] - requests * share) <= 5 * math.sqrt(requests * share * (1 - share))


@given(WEIGHTS)
def test_shares_add_up_to_one(weights: list[float]) -> None:
    found = shares(weights)

    assert math.isclose(sum(found), 1)
    assert all(share >= 0 for share in found)


@given(WEIGHTS, st.floats(0, 1, exclude_max=True))
def test_a_variant_without_weight_is_never_chosen_beside_one_with_weight(
    weights: list[float], drawn: float
) -> None:
    names = {f"v{number}": weight for number, weight in enumerate(weights)}

    chosen = router(names, lambda: drawn).choose().spec.variant

    assert names[chosen] > 0 or sum(weights) == 0


@given(st.integers(2, 10))
def test_when_all_weights_are_zero_every_variant_gets_an_equal_share(count: int) -> None:
    assert shares([0.0] * count) == [1 / count] * count


def test_a_target_variant_overrides_the_weights_even_a_weight_of_zero() -> None:
    split = router({"blue": 1, "green": 0})

    assert split.choose("green").spec.variant == "green"
    with pytest.raises(UnknownVariantError):
        split.choose("red")


def test_an_endpoint_without_variants_cannot_be_routed() -> None:
    with pytest.raises(ValueError, match="no variants"):
        router({})
