"""The files SageMaker puts into /opt/ml before a training container starts."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from sagemaker_local.store import Document

_GROUP = "homogeneousCluster"


def host_names(job: Document) -> list[str]:
    """`algo-1` ... `algo-N`, one for each instance."""
    return [f"algo-{number}" for number in range(1, job["ResourceConfig"]["InstanceCount"] + 1)]


def lay_out(opt_ml: Path, job: Document, host: str) -> None:
    """Make the folders and the configuration files of one host."""
    for folder in ("input/config", "input/data", "model", "output/data", "code", "checkpoints"):
        (opt_ml / folder).mkdir(parents=True, exist_ok=True)
    for name, content in _configuration(job, host).items():
        (opt_ml / "input" / "config" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _configuration(job: Document, host: str) -> dict[str, Any]:
    files: dict[str, Any] = {
        "hyperparameters": job.get("HyperParameters", {}),
        "inputdataconfig": input_data_config(job),
        "resourceconfig": resource_config(job, host),
    }
    if "CheckpointConfig" in job:
        files["checkpointconfig"] = {"LocalPath": "/opt/ml/checkpoints"} | job["CheckpointConfig"]
    return files


def input_data_config(job: Document) -> Document:
    """`{"train": {"TrainingInputMode": "File", ...}}`; ContentType only where the request gave one."""
    mode = job["AlgorithmSpecification"]["TrainingInputMode"]
    channels = {}
    for channel in job.get("InputDataConfig", []):
        source = channel["DataSource"]["S3DataSource"]
        entry = {"ContentType": channel["ContentType"]} if "ContentType" in channel else {}
        channels[channel["ChannelName"]] = entry | {
            "TrainingInputMode": channel.get("InputMode", mode),
            "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
    return channels


def resource_config(job: Document, host: str) -> Document:
    """Who the hosts are, as real jobs see it (the three keys of the developer guide are outdated)."""
    hosts, kind = host_names(job), job["ResourceConfig"]["InstanceType"]
    return {
        "current_host": host,
        "current_instance_type": kind,
        "current_group_name": _GROUP,
        "hosts": hosts,
        "instance_groups": [{"instance_group_name": _GROUP, "instance_type": kind, "hosts": hosts}],
        "network_interface_name": _network_interface(),
        "topology": None,
    }


def _network_interface() -> str:
    """`eth0`, as on AWS, where this machine has one: libraries bind to what they read here."""
    return "eth0" if "eth0" in (name for _, name in socket.if_nameindex()) else "lo"
