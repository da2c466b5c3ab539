"""What the template tells a function, read once; a missing variable names itself."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """A view on the environment; names are the template's."""

    environment: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        try:
            return self.environment[name]
        except KeyError:
            raise RuntimeError(
                f"{name} is not set; add it to the function's Environment in template.yaml"
            ) from None

    def number(self, name: str) -> int:
        return int(self[name])


def from_environment() -> Settings:
    return Settings(os.environ)
