"""AWS's addresses, as the SageMaker Python SDK resolves them."""

import pytest

from switchyard.config.rules.images import framework_image, spark_image, xgboost_image
from switchyard.core.errors import InvalidPipelineError

CPU = "ml.m5.large"


def test_addresses_of_us_east_1() -> None:
    host = "dkr.ecr.us-east-1.amazonaws.com"
    assert xgboost_image("1.7-1", "us-east-1") == f"683313688378.{host}/sagemaker-xgboost:1.7-1"
    assert spark_image("3.3", "us-east-1") == f"173754725891.{host}/sagemaker-spark-processing:3.3-cpu"
    sklearn = framework_image("sklearn", "1.2-1", "us-east-1", "inference", CPU)
    assert sklearn == f"683313688378.{host}/sagemaker-scikit-learn:1.2-1-cpu-py3"
    pytorch = framework_image("pytorch", "2.3", "us-east-1", "training", CPU)
    assert pytorch == f"763104351884.{host}/pytorch-training:2.3-cpu-py311"


def test_an_accelerated_instance_takes_the_gpu_image() -> None:
    assert framework_image("pytorch", "2.1", "eu-west-1", "inference", "ml.g5.xlarge").endswith(
        "pytorch-inference:2.1-gpu-py310"
    )


def test_china_has_its_own_suffix() -> None:
    assert xgboost_image("1.7-1", "cn-north-1").startswith(
        "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn/"
    )


def test_a_region_without_an_image_is_refused_with_what_works() -> None:
    with pytest.raises(InvalidPipelineError, match=r"region mars-1, .* training\.kind: container"):
        xgboost_image("1.7-1", "mars-1")
