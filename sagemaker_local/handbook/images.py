"""The images of the built-in images.yaml: what stands for each, and how it differs.

The tests hold the names to the file.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageNote:
    """stands_in: what runs. differs: from AWS's image."""

    stands_in: str
    differs: str


IMAGE_NOTES = {
    "switchyard-xgboost:*": ImageNote("`container/`, this project's own image", "no"),
    "sagemaker-xgboost:*": ImageNote(
        "the XGBoost algorithm on XGBoost 3, whatever the tag",
        "reads text/csv (a header is refused) and text/libsvm, in File mode, on one instance; knows XGBoost's own "
        "metrics; no cross-validation, script mode or selectable inference; pickled models are not loaded",
    ),
}
