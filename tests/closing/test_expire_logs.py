"""Logs of endpoints expire, whoever's else do not."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from switchyard.aws.log_groups import CloudWatchLogGroups
from switchyard.closing.expire_logs import FOLDER, KEPT_DAYS, ExpireLogs
from tests.contract.cloudformation import resources
from tests.quick_moto import mock_aws


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield boto3.client("logs", "us-east-1")


def retention(logs: Any) -> dict[str, int | None]:
    groups = logs.describe_log_groups()["logGroups"]
    return {group["logGroupName"]: group.get("retentionInDays") for group in groups}


def test_logs_of_this_stack_s_endpoints_get_an_end_once(logs: Any) -> None:
    names = ("switchyard-digits", "switchyard-other-run-alpha", "switchyardless-digits", "colleague")
    for name in names:
        logs.create_log_group(logGroupName=f"{FOLDER}{name}")
    logs.create_log_group(logGroupName="/aws/sagemaker/TrainingJobs")
    expire = ExpireLogs("switchyard", CloudWatchLogGroups(logs))
    assert len([finding.mend() for finding in expire.findings()]) == 2
    ours = {f"{FOLDER}{name}": KEPT_DAYS for name in names[:2]}
    others = {f"{FOLDER}{name}": None for name in names[2:]} | {"/aws/sagemaker/TrainingJobs": None}
    assert retention(logs) == ours | others
    assert list(expire.findings()) == []


def test_an_end_that_somebody_has_set_stays(logs: Any) -> None:
    name = f"{FOLDER}switchyard-digits"
    logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName=name, retentionInDays=7)
    assert list(ExpireLogs("switchyard", CloudWatchLogGroups(logs)).findings()) == []


def test_finding_out_changes_nothing(logs: Any) -> None:
    logs.create_log_group(logGroupName=f"{FOLDER}switchyard-digits")
    [finding] = ExpireLogs("switchyard", CloudWatchLogGroups(logs)).findings()
    assert finding.what == f"{FOLDER}switchyard-digits: its logs never expire"
    assert retention(logs) == {f"{FOLDER}switchyard-digits": None}


def test_they_are_kept_as_long_as_the_stack_s_own() -> None:
    kept = {group["RetentionInDays"] for group in resources("AWS::Logs::LogGroup").values()}
    assert kept == {KEPT_DAYS}
