"""What every part of pipeline.yaml is made of."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from switchyard.core.data.normalized_text import column_name

Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Column = Annotated[Name, AfterValidator(column_name)]  # as headers are read
InstanceType = Annotated[str, StringConstraints(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]
# A file within <model>/code/: no way out of that folder, and nothing that a shell would read.
EntryPoint = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*(/[A-Za-z0-9_-]+)*\.py$", max_length=128)
]
BOOLEAN = (
    "a boolean stands there, as YAML reads on, off, yes, no, true and false; "
    "put it in quotes if a text is meant, or write a number"
)
Scalar = str | int | float | bool


class Spec(BaseModel):
    """Only what is known is accepted, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_booleans(cls, value: Any, info: ValidationInfo) -> Any:
        """`on` is a boolean in YAML, and would count as 1 where a number is meant."""
        expected = str(cls.model_fields[info.field_name or ""].annotation)
        each = value if isinstance(value, list | tuple) else [value]
        if "bool" not in expected and any(isinstance(item, bool) for item in each):
            raise PydanticCustomError("boolean", BOOLEAN)
        return value
