"""The model that is live, and what it takes to bring it back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Champion:
    """The last promoted run of a model. `config` serves it alone; `schema` is the key of its column order."""

    run_id: str
    config: str
    sagemaker_model: str
    schema: str
    artifact_sha256: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Champion":
        return cls(**{name: str(data[name]) for name in cls.__dataclass_fields__})

    def to_dict(self) -> dict[str, str]:
        return asdict(self)
