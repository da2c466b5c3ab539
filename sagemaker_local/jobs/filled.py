"""Members that AWS fills in although the caller left them out: Describe answers of real accounts have them.

The SageMaker SDK reads some without looking (`OutputDataConfig["KmsKeyId"]`). Seen in recorded answers; a caller's own
value always stays.
"""

from __future__ import annotations

from sagemaker_local.store import Document

_VOLUME_GB = 30  # the SDK's default; AWS's own is not published
_RANGES = ("IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges")
_MODEL_CONTAINER: Document = {"Mode": "SingleModel", "Environment": {}}
_CHANNEL = {"CompressionType": "None", "RecordWrapperType": "None"}


def training(request: Document) -> Document:
    """A training job's request, or the definition of a tuning job's."""
    filled = request | {
        "OutputDataConfig": {"KmsKeyId": "", "CompressionType": "GZIP"} | request["OutputDataConfig"],
    }
    for flag in (
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
    ):
        filled.setdefault(flag, False)
    if "ResourceConfig" in request:
        filled["ResourceConfig"] = {"VolumeSizeInGB": _VOLUME_GB} | request["ResourceConfig"]
    if "InputDataConfig" in request:
        filled["InputDataConfig"] = [_channel(each) for each in request["InputDataConfig"]]
    return filled


def _channel(channel: Document) -> Document:
    source = channel["DataSource"]
    if "S3DataSource" in source:
        replicated = {"S3DataDistributionType": "FullyReplicated"} | source["S3DataSource"]
        source = source | {"S3DataSource": replicated}
    return _CHANNEL | channel | {"DataSource": source}


def transform(request: Document) -> Document:
    return request | {
        "TransformInput": {"CompressionType": "None", "SplitType": "None"} | request["TransformInput"],
        "TransformOutput": {"KmsKeyId": "", "AssembleWith": "None"} | request["TransformOutput"],
        "DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
        | request.get("DataProcessing", {}),
    }


def processing(request: Document) -> Document:
    inputs = [_input(each) for each in request.get("ProcessingInputs", [])]
    outputs = request.get("ProcessingOutputConfig", {"Outputs": []})
    return request | {
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": outputs
        | {"Outputs": [{"AppManaged": False} | each for each in outputs["Outputs"]]},
    }


def tuning_config(config: Document) -> Document:
    """HyperParameterTuningJobConfig: early stopping is "Off", and ranges of each kind are listed."""
    filled: Document = {"TrainingJobEarlyStoppingType": "Off"} | config
    if "ParameterRanges" in config:
        filled["ParameterRanges"] = parameter_ranges(config["ParameterRanges"])
    return filled


def parameter_ranges(ranges: Document) -> Document:
    return {kind: [] for kind in _RANGES} | ranges


def model(document: Document) -> Document:
    """Every container has a Mode and an Environment."""
    filled = dict(document)
    if "PrimaryContainer" in document:
        filled["PrimaryContainer"] = _MODEL_CONTAINER | document["PrimaryContainer"]
    if "Containers" in document:
        filled["Containers"] = [_MODEL_CONTAINER | each for each in document["Containers"]]
    return filled


def _input(each: Document) -> Document:
    filled = {"AppManaged": False} | each
    if "S3Input" in each:
        defaults = {"S3DataDistributionType": "FullyReplicated", "S3CompressionType": "None"}
        filled["S3Input"] = defaults | each["S3Input"]
    return filled
