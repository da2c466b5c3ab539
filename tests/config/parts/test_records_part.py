"""`data: {kind: records}`: what goes together with it, and what is refused with what works instead."""

from typing import Any

import pytest

from switchyard.config import door
from switchyard.core.errors import InvalidPipelineError
from tests.fakes.pipelines import BINARY, pipeline, text

SCRIPT = {"kind": "script", "framework": "sklearn", "entry_point": "train.py"}


def of_records(**parts: Any) -> dict[str, Any]:
    return {"data": {"kind": "records"}, "training": SCRIPT} | parts


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"training": {"image": "mine:1"}},
        {"deployment": {"mode": "serverless"}},
        {"deployment": {"mode": "async"}},
        {"schedule": "rate(7 days)"},
    ],
)
def test_scripts_and_images_of_ones_own_take_records(parts: dict[str, Any]) -> None:
    made = pipeline(**of_records(**parts))
    assert made.is_records
    assert made.evaluation.cross_validation is None
    assert not pipeline().is_records


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"data": {"kind": "records", "decimal": ","}}, "data.decimal: data.kind: records works with no key beside"),
        ({"columns": {"a": "text"}}, "columns: data.kind: records works with no `columns`.*, found a"),
        ({"may_copy_target": ["a"]}, "may_copy_target: data.kind: records works with"),
        ({"target": "image"}, "target: data.kind: records works with a target .*, found image"),
        ({"problem": "binary", "prepare": {"kind": "spark", "entry_point": "p.py"}}, "prepare: .*, found spark"),
        ({"training": {"kind": "builtin"}}, "training.kind: .* works with kind: script, or .*, found builtin"),
        ({"training": {}}, "training.image: .* works with an image of yours, .*, found the default image"),
        ({"training": SCRIPT | {"input_mode": "FastFile"}}, "training.input_mode: .* File: .*, found FastFile"),
        ({"training": SCRIPT | {"data_distribution": "ShardedByS3Key"}}, "training.data_distribution: "),
        ({"evaluation": {"via": "transform"}}, "evaluation.via: .* works with alpha: .*, found transform"),
        ({"evaluation": {"slices": ["a"]}}, "evaluation.slices: "),
        ({"evaluation": {"small_data": "cross_validation"}}, "evaluation.small_data: .* data.kind is records"),
        ({"deployment": {"mode": "batch"}}, "deployment.mode: .* realtime, serverless and async: .*, found batch"),
        ({"drift": {"threshold": 0.2}}, "drift: data.kind: records works with no `drift`"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_what_works_and_what_was_found(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidPipelineError, match=said):
        door.parse("digits", text(**of_records(**parts)), BINARY)
