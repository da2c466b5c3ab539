"""Where images lie: in ECR, or in a private Docker registry that the caller's VPC reaches.

A name without a host (`xgb:1`) is one of the images that this machine has, and is asked of no registry.
"""

from __future__ import annotations

import re

from sagemaker_local.wire.errors import validation

_ECR = re.compile(r"[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.")


def is_private(image: str) -> bool:
    """Whether the name has a host, and that is not ECR's.

    >>> is_private("registry.example.com/xgb:1"), is_private("localhost:5000/xgb")
    (True, True)
    >>> is_private("000000000000.dkr.ecr.us-east-1.amazonaws.com/xgb:1"), is_private("xgb:1"), is_private("team/xgb:1")
    (False, False, False)
    """
    host, slash, _ = image.partition("/")
    is_host = bool(slash) and ("." in host or ":" in host or host == "localhost")
    return is_host and _ECR.match(host) is None


def check_region(image: str, region: str) -> None:
    """Raises ServiceError, in AWS's words (amazon-sagemaker-examples#2422), for ECR of another region."""
    found = _ECR.match(image)
    if found and found[1] != region:
        raise validation(
            f"Invalid region {found[1]} in image URI {image}. Please provide an image URI in region {region}."
        )
