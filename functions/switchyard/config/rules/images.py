"""Where AWS publishes the images of its algorithms and frameworks: one registry account a region, one tag a version.

Source: image_uri_config/{xgboost,sklearn,pytorch,spark}.json of the SageMaker Python SDK.
"""

import re
from collections.abc import Mapping

from switchyard.core.errors import InvalidPipelineError

ALGORITHMS: Mapping[str, str] = {  # XGBoost and scikit-learn
    "af-south-1": "510948584623",
    "ap-east-1": "651117190479",
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "720646828776",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "341280168497",
    "cn-north-1": "450853457545",
    "cn-northwest-1": "451049120500",
    "eu-central-1": "492215442770",
    "eu-central-2": "680994064768",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-south-2": "104374241257",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "me-central-1": "272398656194",
    "me-south-1": "801668240914",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "414596584902",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}
DEEP_LEARNING: Mapping[str, str] = {  # PyTorch
    "af-south-1": "626614931356",
    "ap-east-1": "871362719292",
    "ap-northeast-3": "364406365360",
    "cn-north-1": "727897471807",
    "cn-northwest-1": "727897471807",
    "eu-south-1": "692866216735",
    "me-south-1": "217643126080",
    "us-gov-west-1": "442386744353",
} | dict.fromkeys(
    (
        *(
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
        ),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    ),
    "763104351884",
)
SPARK: Mapping[str, str] = {
    "af-south-1": "309385258863",
    "ap-east-1": "732049463269",
    "ap-northeast-1": "411782140378",
    "ap-northeast-2": "860869212795",
    "ap-northeast-3": "364406365360",
    "ap-south-1": "105495057255",
    "ap-southeast-1": "759080221371",
    "ap-southeast-2": "440695851116",
    "ca-central-1": "446299261295",
    "cn-north-1": "671472414489",
    "cn-northwest-1": "844356804704",
    "eu-central-1": "906073651304",
    "eu-north-1": "330188676905",
    "eu-south-1": "753923664805",
    "eu-west-1": "571004829621",
    "eu-west-2": "836651553127",
    "eu-west-3": "136845547031",
    "me-south-1": "750251592176",
    "sa-east-1": "737130764395",
    "us-east-1": "173754725891",
    "us-east-2": "314815235551",
    "us-gov-west-1": "271483468897",
    "us-west-1": "667973535471",
    "us-west-2": "153931337802",
}
PYTHON_OF_PYTORCH = {
    "2.0": "py310",
    "2.1": "py310",
    "2.2": "py310",
    "2.3": "py311",
    "2.4": "py311",
    "2.5": "py311",
}
ACCELERATED = re.compile(r"ml\.[gp][0-9]")


def xgboost_image(version: str, region: str) -> str:
    """The algorithm's image; it trains and serves."""
    return _address(ALGORITHMS, region, f"sagemaker-xgboost:{version}")


def framework_image(framework: str, version: str, region: str, use: str, instance_type: str) -> str:
    """The script-mode image of `pytorch` or `sklearn` for `use` ("training", "inference")."""
    if framework == "sklearn":
        return _address(ALGORITHMS, region, f"sagemaker-scikit-learn:{version}-cpu-py3")
    processor = "gpu" if ACCELERATED.match(instance_type) else "cpu"
    tag = f"{version}-{processor}-{PYTHON_OF_PYTORCH[version]}"
    return _address(DEEP_LEARNING, region, f"pytorch-{use}:{tag}")


def spark_image(version: str, region: str) -> str:
    """The image of Spark for processing jobs."""
    return _address(SPARK, region, f"sagemaker-spark-processing:{version}-cpu")


def _address(accounts: Mapping[str, str], region: str, name: str) -> str:
    if region not in accounts:
        raise InvalidPipelineError(
            f"{name}: the account that publishes this image in region {region} is not listed in images.py; add it, "
            f"or name an image of your own with training.kind: container"
        )
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{accounts[region]}.dkr.ecr.{region}.{suffix}/{name}"
