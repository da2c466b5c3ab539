"""The `response` part: where an answer has what the model says, and what goes together with it."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from switchyard.config.parts.part import Spec
from switchyard.core.data.response import AS_SERVERS_DO, CLASS, NUMBER, SCORES, Response
from switchyard.core.policy import PolicyError, Problem
from switchyard.core.resources.answers import LONGEST, ExpressionError, check_expression

# Read off the class alone: no probability is known of it.
OF_THE_CLASS = ("accuracy", "balanced_accuracy", "f1", "precision", "recall", "cost", "program")


def _checked(path: str) -> str:
    try:
        check_expression(path)
    except ExpressionError as error:
        raise PydanticCustomError("jmespath", "{reason}", {"reason": str(error)}) from None
    return path


Path = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(_checked)]


class ResponseSpec(Spec):
    """`response`: one of three, a JMESPath each, by which the one answer for all rows of a request has one a row."""

    scores: Path | None = None
    of_class: Path | None = Field(default=None, alias="class")
    number: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self._stated) != 1:
            raise PydanticCustomError("one", "name one of scores, class and number: what the answer has")
        return self

    @property
    def _stated(self) -> dict[str, str]:
        each = {SCORES: self.scores, CLASS: self.of_class, NUMBER: self.number}
        return {what: path for what, path in each.items() if path}

    def to_domain(self) -> Response:
        [(what, path)] = self._stated.items()
        return Response(what, path)


def response_of(spec: ResponseSpec | None, problem: Problem, is_own: bool, metrics: list[str]) -> Response:
    """PolicyError for what cannot be read. is_own: the owner's code answers. metrics: those of the gate."""
    if spec is None:
        return AS_SERVERS_DO
    response = spec.to_domain()
    if not is_own:
        raise PolicyError(
            "response", "servers of AWS's images and of the default one are read without it; take it out"
        )
    if (response.what == NUMBER) != (problem is Problem.REGRESSION):
        wanted = NUMBER if problem is Problem.REGRESSION else f"{SCORES} or {CLASS}"
        raise PolicyError(
            "response", f"a {problem} model answers {wanted}, found {response.what}; write {wanted}"
        )
    others = [name for name in metrics if name not in OF_THE_CLASS] if response.what == CLASS else []
    if others:
        raise PolicyError(
            "response.class",
            f"the metric {others[0]} needs probabilities; write where they are as `scores`, or keep to metrics of "
            f"{', '.join(OF_THE_CLASS)} alone in evaluation.metrics",
        )
    return response
