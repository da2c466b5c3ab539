"""The columns of a model's first dataset, which every later dataset must have."""

from collections.abc import Collection
from dataclasses import dataclass

from switchyard.core.errors import InvalidDatasetError


@dataclass(frozen=True)
class Baseline:
    """The features of the model's first dataset, in order; `key` is where they lie."""

    key: str
    features: tuple[str, ...]

    def check(self, name: str, columns: Collection[str], target: str) -> None:
        """InvalidDatasetError when a file has other features: endpoints are asked by position, not by name."""
        wanted, found = set(self.features), set(columns) - {target}
        if wanted == found:
            return
        differs = [f"'{c}' is missing" for c in self.features if c not in found]
        differs += [f"'{c}' is not in the baseline" for c in columns if c in found - wanted]
        raise InvalidDatasetError(
            f"{name}: row 1: column {differs[0]} ({len(differs)} differ from the model's first dataset); "
            f"drop a dataset with its {len(self.features)} features, or, "
            f"to change them, delete {self.key} and the holdout beside it"
        )
