"""Does the live input still look like what the champion was trained on? Feature by feature, against its own bins."""

from collections.abc import Sequence

from switchyard.stats.population_stability import psi
from switchyard.training.rules.distribution import InputDistribution


def drift_of(baseline: InputDistribution, rows: Sequence[Sequence[str]]) -> list[tuple[str, float]]:
    """PSI of every feature, the largest first. Rows of another width are left out: this model cannot take them."""
    width = len(baseline.features)
    columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
    if not columns:
        return []
    found = [
        (feature.name, psi(feature.shares, feature.shares_in(column)))
        for feature, column in zip(baseline.features, columns, strict=True)
        if feature.shares
    ]
    return sorted(found, key=lambda each: (-each[1], each[0]))
