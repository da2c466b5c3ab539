"""What is measured: each scene gives rows for the reader, and checks of what was promised."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.checks import Check
from benchmarks.plane_load import load
from benchmarks.plane_stage import (
    BUCKET,
    IMAGE,
    ROLE,
    TRAINING_JOBS_AT_ONCE,
    Stage,
    stage,
    until,
    variant,
)

Row = dict[str, Any]
Found = tuple[list[Row], list[Check]]
CONNECTIONS = 32
ROUNDS = 3
ROUND_SECONDS = 4.0
CHANGING_REQUESTS = 100_000
CHANGES, MOST_LOADS = 10, 20
SPLIT_REQUESTS = 20_000
SPLIT_WEIGHTS = {"champion": 9.0, "challenger": 1.0}
JOBS = 50
ROLLING = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
        "WaitIntervalInSeconds": 0,
    }
}
MODELS, AT_ONCE = 200, 10


def router(there: Stage) -> Found:
    """The same load on the container itself and through the router, in turns.

    CPU is the median of the rounds; the rate is the best round's, because other work on the machine only takes away.
    """
    there.create_model("echo")
    there.create_config("echo", variant("all", "echo"))
    there.create_endpoint("echo", "echo")
    direct_url = f"http://127.0.0.1:{_port(there)}/invocations"
    rows, costs = [], []
    for number in range(ROUNDS):
        direct = load(direct_url, CONNECTIONS, 10**9, ROUND_SECONDS)
        before = there.cpu_seconds()
        routed = load(there.invocations("echo"), CONNECTIONS, 10**9, ROUND_SECONDS)
        costs.append(1000 * (there.cpu_seconds() - before) / routed["requests"])
        for way, seen in (("direct", direct), ("router", routed)):
            rate = seen["requests"] / seen["seconds"]
            rows.append({"scene": "router", "round": number, "way": way, "requests_per_s": rate, **seen})
    rate = max(row["requests_per_s"] for row in rows if row["way"] == "router")
    return rows, [
        Check("router: CPU a request, ms", statistics.median(costs), at_most=1.0),
        Check("router: requests/s from 32 connections", rate, at_least=2000),
        Check("router: lost requests", sum(row["lost"] for row in rows), at_most=0),
    ]


def _port(there: Stage) -> int:
    """Where the only container of the plane listens."""
    children = there.process.children(recursive=True)
    ports = {
        each.laddr.port for child in children for each in child.net_connections() if each.status == "LISTEN"
    }
    (port,) = ports
    return int(port)


def split(there: Stage) -> Found:
    """The share of the challenger against its weight, in standard errors."""
    there.create_model("split")
    there.create_config("split", *(variant(name, "split", w) for name, w in SPLIT_WEIGHTS.items()))
    there.create_endpoint("split", "split")
    seen = load(there.invocations("split"), CONNECTIONS, SPLIT_REQUESTS, 60)
    expected = SPLIT_WEIGHTS["challenger"] / sum(SPLIT_WEIGHTS.values())
    share = seen["variants"].get("challenger", 0) / seen["requests"]
    error = (expected * (1 - expected) / seen["requests"]) ** 0.5
    row = {"scene": "split", "expected": expected, "share": share, **seen}
    return [row], [
        Check("split: distance from the weights, standard errors", abs(share - expected) / error, at_most=3),
        Check("split: requests", seen["requests"], at_least=SPLIT_REQUESTS),
    ]


def changes(there: Stage, requests: int = CHANGING_REQUESTS) -> Found:
    """So many requests, and more until ten changes were made of variants, weights, instance counts and configs."""
    there.create_model("red")
    there.create_model("blue")
    there.create_config("one", variant("red", "red"))
    there.create_config("two", variant("red", "red"), variant("blue", "blue"))
    there.create_config("other", variant("blue", "blue"))
    there.create_config("pair", variant("red", "red", instances=2))
    there.create_config("next-pair", variant("red", "blue", instances=2))
    there.create_endpoint("changing", "one")
    with ThreadPoolExecutor(1) as pool:
        url = there.invocations("changing")
        made: list[str] = []
        running = pool.submit(_loads, url, requests, made)
        _change_until(there, running, made)
        loads = running.result()
    seen = {**loads[0], **{name: sum(each[name] for each in loads) for name in ("requests", "lost")}}
    row = {"scene": "changes", "changes": len(made), **seen}
    return [row], [
        Check("changes: requests", seen["requests"], at_least=requests),
        Check("changes: made meanwhile", len(made), at_least=CHANGES),
        Check("changes: lost requests", seen["lost"], at_most=0),
    ]


def _loads(url: str, requests: int, made: list[str]) -> list[dict[str, Any]]:
    """One load after another until enough was changed: a slow machine changes little while it answers much."""
    loads = [load(url, CONNECTIONS, requests, 300)]
    while len(made) < CHANGES and len(loads) < MOST_LOADS:
        loads.append(load(url, CONNECTIONS, requests, 300))
    return loads


def _change_until(there: Stage, running: Future[Any], made: list[str]) -> None:
    """Go round and round; `made` grows by one text with each."""
    for change in cycle(_round_of_changes(there.sm)):
        if running.done():
            break
        change(EndpointName="changing")
        there.settle("changing")
        made.append("InService")


def _round_of_changes(sm: Any) -> list[Callable[..., Any]]:
    """A second variant, other weights, more instances, fewer, the other variant alone, a rolling update, and back."""
    weights = [{"VariantName": "red", "DesiredWeight": 3.0}, {"VariantName": "blue", "DesiredWeight": 0.5}]
    more, fewer = ([{"VariantName": "blue", "DesiredInstanceCount": count}] for count in (2, 1))
    shift = partial(partial, sm.update_endpoint_weights_and_capacities)
    update = partial(partial, sm.update_endpoint)
    return [
        update(EndpointConfigName="two"),
        shift(DesiredWeightsAndCapacities=weights),
        shift(DesiredWeightsAndCapacities=more),
        shift(DesiredWeightsAndCapacities=fewer),
        update(EndpointConfigName="other"),
        update(EndpointConfigName="pair"),
        update(EndpointConfigName="next-pair", DeploymentConfig=ROLLING),
        update(EndpointConfigName="one"),
    ]


def queue(there: Stage) -> Found:
    """50 training jobs at once behind the limit: how many ran together, and whether all ended well."""
    began = time.monotonic()
    for number in range(JOBS):
        there.sm.create_training_job(
            TrainingJobName=f"job-{number}",
            RoleArn=ROLE,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/models"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 300},
        )
    created = time.monotonic() - began
    names = [f"job-{number}" for number in range(JOBS)]
    jobs = [until(lambda name=name: _ended(there, name), 240) for name in names]
    seconds = time.monotonic() - began
    completed = sum(job["TrainingJobStatus"] == "Completed" for job in jobs)
    spans = [(job["TrainingStartTime"], job["TrainingEndTime"]) for job in jobs]
    together = max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)
    row = {"scene": "queue", "create_seconds": created, "seconds": seconds, "at_once": together}
    return [row], [
        Check("queue: jobs that completed", completed, at_least=JOBS),
        Check("queue: jobs at once", together, at_most=TRAINING_JOBS_AT_ONCE),
    ]


def _ended(there: Stage, name: str) -> dict[str, Any] | None:
    job: dict[str, Any] = there.sm.describe_training_job(TrainingJobName=name)
    return job if job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped") else None


def idle(folder: Path, store_url: str) -> Found:
    """200 models behind serverless endpoints that nobody asks: the memory, and what kill -9 leaves of them."""
    with stage(folder, store_url) as there:
        for first in range(0, MODELS, AT_ONCE):
            names = [f"idle-{number}" for number in range(first, first + AT_ONCE)]
            for name in names:
                _begin_idle(there, name)
            for name in names:
                there.settle(name)
        until(lambda: not there.process.children(recursive=True))
        memory = there.memory_mb()
        there.process.kill()
    began = time.monotonic()
    with stage(folder, store_url) as there:
        started = time.monotonic() - began
        until(lambda: len(_in_service(there)) == MODELS)
        serving = time.monotonic() - began
        there.runtime.invoke_endpoint(EndpointName="idle-7", Body=b"1")
        left = len(_in_service(there))
    row = {
        "scene": "idle",
        "memory_mb": memory,
        "restart_seconds": started,
        "all_in_service_seconds": serving,
    }
    return [row], [
        Check("idle: memory of the plane with 200 models, MB", memory, at_most=300),
        Check("idle: models in service after kill -9", left, at_least=MODELS),
    ]


def _begin_idle(there: Stage, name: str) -> None:
    there.create_model(name)
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    there.create_config(name, {"VariantName": "all", "ModelName": name, "ServerlessConfig": serverless})
    there.sm.create_endpoint(EndpointName=name, EndpointConfigName=name)


def _in_service(there: Stage) -> list[str]:
    pages = there.sm.get_paginator("list_endpoints").paginate(StatusEquals="InService")
    return [each["EndpointName"] for page in pages for each in page["Endpoints"]]
