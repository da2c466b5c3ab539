"""What every story finds: a bucket with rows and a trained model in it, a role, an image.

A story is a script as a user writes it, run by the python of its client's own environment; it fails by an exception.
All a story is given is environment variables.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

BUCKET = os.environ["STORY_BUCKET"]
ROLE = "arn:aws:iam::000000000000:role/stories"
IMAGE = "switchyard-xgboost:1"
INSTANCE = "ml.m5.large"

TRAIN = f"s3://{BUCKET}/data/train/"  # label first, then two features: label = x + 2 y
VALIDATION = f"s3://{BUCKET}/data/validation/"
BATCH = f"s3://{BUCKET}/data/batch/"  # the features alone, 50 rows
MODEL_DATA = f"s3://{BUCKET}/data/model/model.tar.gz"

HYPERPARAMETERS = {"objective": "reg:squarederror", "num_round": "30", "eval_metric": "rmse"}
ROW = "3.0,2.0"


def unique(name: str) -> str:
    """A name that no other story has."""
    return f"{os.environ['STORY_NAME']}-{name}"


def is_near(answer: Any) -> bool:
    """The answer for ROW, whatever the client made of the container's CSV."""
    while isinstance(answer, (list, tuple)):
        (answer,) = answer
    text = answer.decode() if isinstance(answer, bytes) else str(answer)
    return abs(float(text) - 7.0) < 1.5


def until(look: Callable[[], Any], seconds: float = 120) -> Any:
    """What `look` finally sees that is not empty; a story does not wait without an end."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {seconds} s"
        time.sleep(0.5)
    return seen
