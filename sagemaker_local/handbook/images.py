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
    "switchyard-dataset:*": ImageNote(
        "`functions/`, which [large tables](data.md#how-large) are checked and prepared by", "no"
    ),
    "sagemaker-xgboost:*": ImageNote(
        "the XGBoost algorithm on XGBoost 3, whatever the tag",
        "reads text/csv (a header is refused) and text/libsvm, in File mode; knows XGBoost's own "
        "metrics; no cross-validation, script mode or selectable inference; pickled models are not loaded",
    ),
    "xgboost:*": ImageNote("the same, by the name that it had until version 0.90", "as above"),
    "sagemaker-scikit-learn:*": ImageNote(
        "script mode: trains by SageMaker's own training toolkit (`sagemaker-training`); serves by a small server that "
        "calls the same handlers (`model_fn`, `input_fn`, `predict_fn`, `output_fn`, `transform_fn`), because the "
        "serving toolkits need Java's multi-model-server or nginx",
        "scikit-learn and Python of the local environment, whatever the tag; one request at a time",
    ),
    "pytorch-training:*": ImageNote(
        "script mode by SageMaker's own training toolkit, on PyTorch for the CPU",
        "PyTorch and Python of the local environment, whatever the tag; no distributed launchers",
    ),
    "pytorch-inference:*": ImageNote(
        "the same server as for scikit-learn; `inference.py` beside the model when SAGEMAKER_PROGRAM names none",
        "no default `model_fn`; handlers get None for TorchServe's context; one request at a time",
    ),
    "sagemaker-spark-processing:*": ImageNote(
        "`smspark-submit` of our own on PySpark 4, `local[*]`; --py-files, --jars, --files, --class, "
        "--local-spark-event-logs-dir and `configuration.json` as on AWS",
        "needs Java 17; one instance; no HDFS: a path without a scheme is refused with a sentence, write file://; no "
        "s3:// and s3a:// paths: use ProcessingInput and ProcessingOutput; "
        "configuration of YARN has no effect",
    ),
}
