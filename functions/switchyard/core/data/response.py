"""Where a server's JSON answer has what the model says: `response` in pipeline.yaml, by JMESPath (jmespath.org)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

SCORES, CLASS, NUMBER = "scores", "class", "number"


@dataclass(frozen=True)
class Response:
    """what: SCORES (a probability a class, or of two classes that of the second), CLASS (its name) or NUMBER (of a
    regression); "" where servers answer in a form that is read without being told. path: where it is.
    """

    what: str = ""
    path: str = ""

    def to_dict(self) -> dict[str, str]:
        return asdict(self) if self.what else {}


AS_SERVERS_DO = Response()


def read_response(content: Mapping[str, Any]) -> Response:
    """The inverse of `to_dict`."""
    return Response(str(content.get("what", "")), str(content.get("path", "")))
