"""configuration.json: `[{"Classification": "spark-defaults", "Properties": {...}}]`, as on EMR.

"PySparkProcessor.run(configuration=...)" puts it into /opt/ml/processing/input/conf.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagemaker_local.images.spark.errors import SubmitError

_HADOOP = ("core-site", "hdfs-site", "hive-site", "spark-hive-site")
_CLUSTER = (
    "yarn-env",
    "yarn-site",
    "hadoop-env",
    "spark-log4j",
    "spark-metrics",
    "mapred-site",
    "emrfs-site",
)


@dataclass(frozen=True)
class Configuration:
    """conf: Spark properties. environment: of spark-env. ignored: classifications of a cluster, which is not here."""

    conf: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def read_configuration(file: Path) -> Configuration:
    """What the file says; empty where there is none. Raises SubmitError."""
    if not file.is_file():
        return Configuration()
    try:
        document = json.loads(file.read_bytes())
    except ValueError as error:
        raise SubmitError(f"{file.name} is not JSON: {error}") from None
    conf: dict[str, str] = {}
    environment: dict[str, str] = {}
    ignored: list[str] = []
    for name, properties in _classifications(document, file.name):
        if name == "spark-defaults":
            conf |= properties
        elif name in _HADOOP:
            conf |= {f"spark.hadoop.{key}": value for key, value in properties.items()}
        elif name in ("spark-env", "export"):
            environment |= properties
        elif name in _CLUSTER:
            ignored.append(name)
        else:
            raise SubmitError(f"{file.name}: unknown Classification {name!r}")
    return Configuration(conf, environment, tuple(ignored))


def _classifications(document: Any, file: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every classification with its properties, nested ones too."""
    entries: Sequence[Any] = document if isinstance(document, list) else [document]
    for entry in entries:
        if not isinstance(entry, dict) or "Classification" not in entry:
            raise SubmitError(f'{file}: every entry needs a "Classification"')
        properties = entry.get("Properties") or {}
        yield entry["Classification"], {str(key): str(value) for key, value in properties.items()}
        if entry.get("Configurations") and entry["Classification"] not in _CLUSTER:
            yield from _classifications(entry["Configurations"], file)
