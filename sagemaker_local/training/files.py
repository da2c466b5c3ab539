"""The files SageMaker puts into /opt/ml before a training container starts."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagemaker_local.store import Document
from sagemaker_local.training.instances import choices

_GROUP = "homogeneousCluster"


@dataclass(frozen=True)
class Group:
    """The hosts of one kind; a job without InstanceGroups has one group."""

    name: str
    instance_type: str
    hosts: tuple[str, ...]


def groups(job: Document) -> list[Group]:
    """The groups of a job; their hosts are `algo-1` ... `algo-N`, counted through."""
    resources, found, number = job["ResourceConfig"], [], 0
    for each in resources.get("InstanceGroups") or [_one(resources)]:
        count = each["InstanceCount"]
        hosts = tuple(f"algo-{number + place}" for place in range(1, count + 1))
        found.append(Group(each["InstanceGroupName"], each["InstanceType"], hosts))
        number += count
    return found


def _one(resources: Document) -> Document:
    """Of InstancePreferences: the type that was taken, or, before that, would be."""
    kind, count = choices(resources)[0]
    kind, count = resources.get("SelectedInstanceType", kind), resources.get("SelectedInstanceCount", count)
    return {"InstanceGroupName": _GROUP, "InstanceType": kind, "InstanceCount": count}


def host_names(job: Document) -> list[str]:
    """`algo-1` ... `algo-N`, one for each instance."""
    return [host for group in groups(job) for host in group.hosts]


def receivers(job: Document, channel: Document) -> list[str]:
    """The hosts that get a channel: those of its InstanceGroupNames, or all."""
    wanted = channel["DataSource"]["S3DataSource"].get("InstanceGroupNames")
    return [host for group in groups(job) if not wanted or group.name in wanted for host in group.hosts]


def lay_out(opt_ml: Path, job: Document, host: str) -> None:
    """Make the folders and the configuration files of one host."""
    for folder in ("input/config", "input/data", "model", "output/data", "code", "checkpoints"):
        (opt_ml / folder).mkdir(parents=True, exist_ok=True)
    for name, content in _configuration(job, host).items():
        (opt_ml / "input" / "config" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _configuration(job: Document, host: str) -> dict[str, Any]:
    files: dict[str, Any] = {
        "hyperparameters": job.get("HyperParameters", {}),
        "inputdataconfig": input_data_config(job, host),
        "resourceconfig": resource_config(job, host),
    }
    if "CheckpointConfig" in job:
        files["checkpointconfig"] = {"LocalPath": "/opt/ml/checkpoints"} | job["CheckpointConfig"]
    return files


def input_data_config(job: Document, host: str) -> Document:
    """`{"train": {"TrainingInputMode": "File", ...}}` of the channels that the host gets.

    ContentType is there only where the request gave one.
    """
    mode = job["AlgorithmSpecification"]["TrainingInputMode"]
    channels = {}
    for channel in job.get("InputDataConfig", []):
        if host not in receivers(job, channel):
            continue
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
    every = groups(job)
    own = next(group for group in every if host in group.hosts)
    return {
        "current_host": host,
        "current_instance_type": own.instance_type,
        "current_group_name": own.name,
        "hosts": host_names(job),
        "instance_groups": [
            {
                "instance_group_name": group.name,
                "instance_type": group.instance_type,
                "hosts": list(group.hosts),
            }
            for group in every
        ],
        "network_interface_name": _network_interface(),
        "topology": None,
    }


def _network_interface() -> str:
    """`eth0`, as on AWS, where this machine has one: libraries bind to what they read here."""
    return "eth0" if "eth0" in (name for _, name in socket.if_nameindex()) else "lo"
