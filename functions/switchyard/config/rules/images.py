"""Where AWS publishes the images of its algorithms and frameworks: one registry account a region, one tag a version.

The tables are the SageMaker Python SDK's own (image_tables.py).
"""

import re
from collections.abc import Mapping

from switchyard.config.rules.image_tables import ACCOUNTS, IMAGES
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.pipeline import Pipeline

ACCELERATED = re.compile(r"ml\.[gp][0-9]")
_FIRST = {"xgboost": "1.7-1", "sklearn": "1.2-1", "pytorch": "2.3"}  # the default of each


def versions(framework: str) -> tuple[str, ...]:
    """The versions that train and serve, the default first."""
    trains, serves = (
        [version for name, use, version in IMAGES if (name, use) == (framework, wanted)]
        for wanted in ("training", "inference")
    )
    first = _FIRST[framework]
    return (first, *(each for each in trains if each in serves and each != first))


def xgboost_image(version: str, region: str) -> str:
    """The algorithm's image; it trains and serves."""
    return _address(("xgboost", "training", version), region, f"sagemaker-xgboost:{version}")


def is_accelerated(instance_type: str) -> bool:
    """PyTorch has an image of its own for GPUs."""
    return ACCELERATED.match(instance_type) is not None


def framework_image(framework: str, version: str, region: str, use: str, instance_type: str) -> str:
    """The script-mode image of `pytorch` or `sklearn` for `use` ("training", "inference")."""
    key = (framework, use, version)
    python, _ = _listed(key)
    if framework == "sklearn":
        return _address(key, region, f"sagemaker-scikit-learn:{version}-cpu-{python}")
    processor = "gpu" if is_accelerated(instance_type) else "cpu"
    return _address(key, region, f"pytorch-{use}:{version}-{processor}-{python}")


def spark_image(version: str, region: str) -> str:
    """The image of Spark for processing jobs."""
    return _address(("spark", "processing", version), region, f"sagemaker-spark-processing:{version}-cpu")


def program_image(version: str, region: str) -> str:
    """The scikit-learn image, which runs any script of Python's as a processing job (SKLearnProcessor)."""
    return framework_image("sklearn", version, region, "training", "")


def check_images(pipeline: Pipeline, region: str) -> None:
    """InvalidPipelineError unless AWS publishes every image that the pipeline asks for in `region`."""
    training = pipeline.training
    if training.kind == "builtin":
        xgboost_image(training.version, region)
    if training.kind == "script":
        for use in ("training", "inference"):
            framework_image(training.framework, training.version, region, use, training.instance_type)
    if pipeline.prepare is not None:
        spark_image(pipeline.prepare.version, region)
    if pipeline.program is not None:
        program_image(pipeline.program.version, region)


def _listed(key: tuple[str, str, str]) -> tuple[str, int]:
    framework, use, version = key
    if key not in IMAGES:
        known = ", ".join(each for name, of, each in IMAGES if (name, of) == (framework, use))
        raise InvalidPipelineError(f"{framework} {version} has no {use} image; there are {known}")
    return IMAGES[key]


def _address(key: tuple[str, str, str], region: str, name: str) -> str:
    accounts: Mapping[str, str] = ACCOUNTS[_listed(key)[1]]
    if region not in accounts:
        raise InvalidPipelineError(
            f"{name}: AWS does not publish this image in region {region}, but in {', '.join(accounts)}; choose another "
            f"region or version, or name an image of your own with training.kind: container"
        )
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{accounts[region]}.dkr.ecr.{region}.{suffix}/{name}"
