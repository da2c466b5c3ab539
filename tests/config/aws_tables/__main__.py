"""Writes the tables of AWS's images and instance types that the door goes by.

    python -m tests.config.aws_tables FOLDER    # FOLDER: image_uri_config of the package sagemaker-core
    python -m tests.config.aws_tables           # from images.json, which the first form writes

Images come from the SageMaker Python SDK, instance types from botocore's service model.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.config.aws_tables.tables import IMAGES, RULES, facts_of, image_module, instance_module


def main(arguments: list[str]) -> None:
    if arguments:
        IMAGES.write_text(json.dumps(facts_of(Path(arguments[0])), indent=1, sort_keys=True) + "\n")
    facts: dict[str, Any] = json.loads(IMAGES.read_text())
    (RULES / "image_tables.py").write_text(image_module(facts))
    (RULES / "instance_tables.py").write_text(instance_module())


if __name__ == "__main__":
    main(sys.argv[1:])
