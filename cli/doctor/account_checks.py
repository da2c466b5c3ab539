"""Before a first deployment: may this person deploy here, and are there quotas for what will run?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3

from cli.doctor.check import Check, broken, ok
from cli.stack.access import reading_client

CONCURRENCY = 100  # the template has some 30 functions, and queues call several at once
RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")  # those of LambdaRuntime
QUOTA_PAGE = "Ask for more: Service Quotas in the AWS console, service"


@dataclass(frozen=True)
class Account:
    """instance_type: what models will train and serve on. instances: of one model's endpoint during a rollout."""

    session: boto3.session.Session
    instance_type: str
    instances: int = 3

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = reading_client(self.session, service)
        return self._clients[service]


def credentials(account: Account) -> Iterator[Check]:
    if account.session.get_credentials() is None:
        yield broken("credentials", "none were found", "`aws configure`, or name a profile with --profile.")
        return
    found = account.client("sts").get_caller_identity()
    yield ok("credentials", f"{found['Arn']} of account {found['Account']}")


def region(account: Account) -> Iterator[Check]:
    name = account.session.region_name or ""
    known = account.session.get_available_regions("sagemaker")
    good = name in known
    what = f"SageMaker is not known in region {name or '(none)'}"
    yield (
        ok("region", name)
        if good
        else broken("region", what, "Name another with --region, or in AWS_REGION.")
    )


def concurrency(account: Account) -> Iterator[Check]:
    limit = account.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    what = f"{limit} Lambda executions at once"
    short = f"{what}; at least {CONCURRENCY} are needed, or a burst of uploads holds up a rollback"
    good = limit >= CONCURRENCY
    yield (
        ok("Lambda", what)
        if good
        else broken("Lambda", short, f"{QUOTA_PAGE} Lambda, Concurrent executions.")
    )


def instances(account: Account) -> Iterator[Check]:
    """SageMaker counts by type and by what the instances are used for; new accounts have 0 of many."""
    quotas = _quotas(account, "sagemaker")
    wanted = {"endpoint usage": account.instances, "training job usage": 1}
    for usage, count in wanted.items():
        name = f"{account.instance_type} for {usage}"
        have = quotas.get(name, 0.0)
        what = f"{have:.0f} instances, {count} are needed"
        good = have >= count
        yield ok(name, what) if good else broken(name, what, f"{QUOTA_PAGE} SageMaker, {name}.")


def _quotas(account: Account, service: str) -> dict[str, float]:
    """By name."""
    pages = (
        account.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode=service)
    )
    return {each["QuotaName"]: float(each["Value"]) for page in pages for each in page["Quotas"]}


def builds(account: Account) -> Iterator[Check]:
    """Of the image, where there is no Docker."""
    name = "Concurrently running builds for Linux/Small environment"
    have = _quotas(account, "codebuild").get(name, 0.0)
    what = f"{have:.0f} builds at once"
    step = f"{QUOTA_PAGE} CodeBuild, {name}; or build the image with Docker: `switchyard image push`."
    yield ok("CodeBuild", what) if have >= 1 else broken("CodeBuild", what, step)


def python(_account: Account) -> Iterator[Check]:
    """The one that `sam build` looks for: bytecode and compiled libraries are of one version."""
    found = [version for version in RUNTIMES if shutil.which(version)]
    step = f"Install one of {', '.join(RUNTIMES)}; its name is the parameter LambdaRuntime."
    yield (
        ok("Python", ", ".join(found))
        if found
        else broken("Python", "none that Lambda runs is on the PATH", step)
    )


CHECKS: tuple[tuple[str, Callable[[Account], Iterable[Check]]], ...] = (
    ("credentials", credentials),
    ("region", region),
    ("Lambda", concurrency),
    ("instances", instances),
    ("CodeBuild", builds),
    ("Python", python),
)
