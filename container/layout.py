"""Where SageMaker puts a container's files, and where it looks for them afterwards.

`SAGEMAKER_BASE_DIR` moves the whole tree away from `/opt/ml`, as it does for SageMaker's own toolkits.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The folders of one container, all below `base`."""

    base: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Layout":
        return cls(Path(environment.get("SAGEMAKER_BASE_DIR", "/opt/ml")))

    @property
    def config(self) -> Path:
        return self.base / "input" / "config"

    @property
    def model(self) -> Path:
        return self.base / "model"

    @property
    def failure(self) -> Path:
        return self.base / "output" / "failure"

    @property
    def output_data(self) -> Path:
        """What a training job leaves beside its model, in output.tar.gz."""
        return self.base / "output" / "data"

    def channel(self, name: str) -> Path:
        return self.base / "input" / "data" / name
