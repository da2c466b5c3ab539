"""Several hosts train one model: each on its part of the rows, in step through XGBoost's own communicator.

"XGBoost ... supports distributed training" by InstanceCount; files are dealt out by S3DataDistributionType.
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import xgboost
from xgboost.tracker import RabitTracker

from sagemaker_local.images.xgboost_algorithm.errors import UserError

_PORT = 9099  # of the first host's own address, so that jobs beside each other do not meet
_SECONDS = 300  # for all hosts to come
_RETRIES = 60  # the others may be up before the first host listens


@contextmanager
def cluster(resources: Mapping[str, Any]) -> Iterator[bool]:
    """Joins the hosts of resourceconfig.json while the block runs; says whether this one saves the model."""
    hosts = resources.get("hosts", [])
    if len(hosts) < 2:
        yield True
        return
    address, is_first = _address(hosts[0]), resources["current_host"] == hosts[0]
    tracker = RabitTracker(len(hosts), address, _PORT, sortby="task", timeout=_SECONDS) if is_first else None
    if tracker:
        tracker.start()
    # Ranks follow the order of the hosts: names alone would put algo-10 before algo-2.
    task = f"{hosts.index(resources['current_host']):04}"
    with xgboost.collective.CommunicatorContext(
        dmlc_communicator="rabit",
        dmlc_tracker_uri=address,
        dmlc_tracker_port=_PORT,
        dmlc_task_id=task,
        dmlc_retry=_RETRIES,
        dmlc_timeout=_SECONDS,
    ):
        yield is_first
    if tracker:
        tracker.wait_for(_SECONDS)


def any_host(flag: bool) -> bool:
    """Whether the flag is set on any host; all of them must ask in the same round."""
    if not xgboost.collective.is_distributed():
        return flag
    flags = np.array([int(flag)], dtype=np.int32)
    return bool(xgboost.collective.allreduce(flags, xgboost.collective.Op.MAX)[0])


def _address(host: str) -> str:
    """By name, or as it was told: where a program cannot have an /etc/hosts of its own, names do not resolve."""
    told: dict[str, str] = json.loads(os.environ.get("SAGEMAKER_LOCAL_HOSTS", "{}"))
    if host in told:
        return told[host]
    try:
        return socket.gethostbyname(host)
    except OSError as error:
        raise UserError(f"host {host} has no address: {error}; set InstanceCount to 1") from None
