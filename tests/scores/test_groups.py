"""Sums of many groups at once are those of stats.comoments of each."""

import numpy as np
import pytest

from cli.scores.columns import Grouped, comoments
from switchyard.stats.comoments import CoMoments


@pytest.mark.parametrize("groups", [3, 1024, 70_000], ids=["a byte", "two bytes", "more"])
def test_each_group_has_the_moments_of_its_rows(groups):
    chance = np.random.default_rng(groups)
    places = chance.choice([0, 1, groups - 1], 500)
    columns = [chance.normal(1e3, 1, 500), chance.normal(0, 1e-3, 500)]
    found = Grouped.of(places, groups, columns).groups()
    assert sorted(found) == [0, 1, groups - 1]
    for at, group in found.items():
        rows = list(zip(*(column[places == at].tolist() for column in columns), strict=True))
        expected = CoMoments.of(rows)
        assert group.n == expected.n
        assert group.means == pytest.approx(expected.means)
        assert np.array(group.products) == pytest.approx(np.array(expected.products))


def test_products_of_columns_are_those_of_their_rows():
    columns = list(np.random.default_rng(5).normal(3, 1, (3, 40)))
    found, expected = comoments(columns), CoMoments.of(list(zip(*map(list, columns), strict=True)))
    assert (found.n, found.means) == (expected.n, pytest.approx(expected.means))
    assert np.array(found.products) == pytest.approx(np.array(expected.products))
