"""The model that is live, and what it takes to bring it back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from switchyard.core.pipeline import BATCH, REALTIME


@dataclass(frozen=True)
class Champion:
    """The last promoted run of a model. `config` serves it alone; `schema` is the key of its column order.

    mode: its deployment's; a batch champion has no endpoint. variant: its variant's name, by default the run's.
    """

    run_id: str
    config: str
    sagemaker_model: str
    schema: str
    artifact_sha256: str
    mode: str = REALTIME
    variant: str = ""

    def __post_init__(self) -> None:
        if not self.variant:
            object.__setattr__(self, "variant", self.run_id)

    @property
    def has_endpoint(self) -> bool:
        return self.mode != BATCH

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Champion":
        return cls(**{name: str(data[name]) for name in cls.__dataclass_fields__ if name in data})

    def to_dict(self) -> dict[str, str]:
        return asdict(self)
