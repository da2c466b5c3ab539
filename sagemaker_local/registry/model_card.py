"""The model card of a model package: its content "must follow the schema described in Model Package Model Card Schema"
(ModelPackageModelCard), https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html#model-card-schema.

Each check takes a value and where it is, and answers what is wrong with it, or None. The schema is followed to the
letter: its patterns are not anchored, so `.{1,63}` asks for one character, and `maxContains` without `contains` bounds
nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sagemaker_local.wire.errors import validation

Check = Callable[[Any, str], str | None]
ARCHIVED = "Model Card is in Archived state."


def check_card(card: Mapping[str, Any] | None) -> None:
    """Refuses a card whose content AWS would refuse; a card without content is none to be checked."""
    content = (card or {}).get("ModelCardContent")
    if content is None:
        return
    try:
        document = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise validation("ModelCardContent is not valid JSON.") from None
    found = CARD(document, "#")
    if found:
        raise validation(f"ModelCardContent does not follow the model package model card schema: {found}")


def check_update(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    """ "No more updates can be made to the model card content": ModelPackageModelCard, of a card in state Archived."""
    is_archived = (before or {}).get("ModelCardStatus") == "Archived"
    if is_archived and after and "ModelCardContent" in after:
        raise validation(ARCHIVED)
    check_card(after)


def _no_number(word: str) -> float:
    raise ValueError(word)


def _text(most: int = 0, *, least: int = 0) -> Check:
    """most: characters, 0 for no bound. least: of one line, as an unanchored pattern of dots asks for."""

    def check(value: Any, where: str) -> str | None:
        if not isinstance(value, str):
            return f"{where}: a string is expected"
        if most and len(value) > most:
            return f"{where}: {len(value)} characters, at most {most} are allowed"
        return None if not least or re.search(r".", value) else f"{where}: it must not be empty"

    return check


def _one_of(*words: str) -> Check:
    def check(value: Any, where: str) -> str | None:
        return None if value in words else f"{where}: one of {', '.join(words)} is expected"

    return check


def _number(value: Any, where: str) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return None if is_number else f"{where}: a number is expected"


def _anything(_value: Any, _where: str) -> None:
    return None


def _list_of(item: Check, least: int = 0, most: int = 0) -> Check:
    def check(value: Any, where: str) -> str | None:
        if not isinstance(value, list):
            return f"{where}: a list is expected"
        if len(value) < least or (most and len(value) > most):
            return f"{where}: {len(value)} items, {least} to {most or 'any number'} are allowed"
        return next((said for at, each in enumerate(value) if (said := item(each, f"{where}/{at}"))), None)

    return check


def _object(
    members: Mapping[str, Check], required: Collection[str] = (), *, others: Check | None = None
) -> Check:
    """others: what further members have to be; without it there must be none."""

    def check(value: Any, where: str) -> str | None:
        if not isinstance(value, dict):
            return f"{where}: an object is expected"
        missing = [name for name in required if name not in value]
        if missing:
            return f"{where}: required key [{missing[0]}] not found"
        for name, each in value.items():
            own = members.get(name, others)
            said = (
                own(each, f"{where}/{name}") if own else f"{where}: extraneous key [{name}] is not permitted"
            )
            if said:
                return said
        return None

    return check


def _any_of(*checks: Check) -> Check:
    def check(value: Any, where: str) -> str | None:
        said = [each(value, where) for each in checks]
        return None if None in said else f"{where}: none of the forms that are allowed fits ({said[0]})"

    return check


def _metric(kinds: tuple[str, ...], value: Check, x_axis: Check, y_axis: Check) -> Check:
    members = {"name": _text(least=1), "notes": _text(1024), "type": _one_of(*kinds), "value": value}
    return _object(members | {"x_axis_name": x_axis, "y_axis_name": y_axis}, ("name", "type", "value"))


def _truth(value: Any, where: str) -> str | None:
    return None if isinstance(value, bool) else f"{where}: a boolean is expected"


_AXIS = _text(63)
_AXES = _list_of(_text(63))
_METRICS = _any_of(
    _metric(("number", "string", "boolean"), _any_of(_number, _text(63), _truth), _AXIS, _AXIS),
    _metric(("linear_graph",), _list_of(_list_of(_number, 2, 2), 1), _AXIS, _AXIS),
    _metric(("bar_chart",), _list_of(_number, 1), _AXES, _AXIS),
    _metric(("matrix",), _list_of(_list_of(_number, 1, 20), 1, 20), _AXES, _AXES),
)
_LONG, _PLACES = _text(2048), _list_of(_text(1024))
_TRAINING_METRIC = _object(
    {"name": _text(least=1), "notes": _text(1024), "value": _number}, ("name", "value")
)
_HYPERPARAMETER = _object({"name": _text(least=1), "value": _text(least=1)}, ("name", "value"))
_TRAINING_JOB = _object(
    {
        "training_arn": _text(1024),
        "training_datasets": _PLACES,
        "training_environment": _object({"container_image": _PLACES}),
        "training_metrics": _list_of(_TRAINING_METRIC),
        "user_provided_training_metrics": _list_of(_TRAINING_METRIC),
        "hyper_parameters": _list_of(_HYPERPARAMETER),
        "user_provided_hyper_parameters": _list_of(_HYPERPARAMETER),
    }
)
_METRIC_GROUP = _object(
    {"name": _text(least=1), "metric_data": _list_of(_METRICS)}, ("name", "metric_data"), others=_anything
)
_EVALUATION = _object(
    {
        "name": _text(least=1),
        "evaluation_observation": _text(2096),
        "evaluation_job_arn": _text(256),
        "datasets": _list_of(_text(1024), most=10),
        "metadata": _object({}, others=_text(1024)),
        "metric_groups": _list_of(_METRIC_GROUP),
    },
    ("name",),
)
CARD = _object(
    {
        "model_overview": _object({"model_creator": _text(1024), "model_artifact": _PLACES}),
        "intended_uses": _object(
            {
                "purpose_of_model": _LONG,
                "intended_uses": _LONG,
                "factors_affecting_model_efficiency": _LONG,
                "risk_rating": _one_of("High", "Medium", "Low", "Unknown"),
                "explanations_for_risk_rating": _LONG,
            }
        ),
        "business_details": _object(
            {"business_problem": _LONG, "business_stakeholders": _LONG, "line_of_business": _LONG}
        ),
        "training_details": _object(
            {
                "objective_function": _anything,
                "training_observations": _text(1024),
                "training_job_details": _TRAINING_JOB,
            }
        ),
        "evaluation_details": _list_of(_EVALUATION),
        "additional_information": _object(
            {
                "ethical_considerations": _LONG,
                "caveats_and_recommendations": _LONG,
                "custom_details": _object({}, others=_text(1024)),
            }
        ),
    }
)
