"""Numbers that pages state are those of the template and of the code."""

import re

import pytest
import yaml

from switchyard.aws.retries import DELAYS_SECONDS
from switchyard.batch.admit_batch import MAX_ATTEMPTS as BATCH_ATTEMPTS
from switchyard.closing.expire_logs import KEPT_DAYS
from switchyard.closing.settle_run import RESTORE_ATTEMPTS
from switchyard.core.data.target import MAX_CLASSES
from switchyard.core.waiting import MAX_LAPS
from switchyard.intake.admission import MAX_ATTEMPTS
from switchyard.intake.check_dataset import MAX_DATASET_BYTES
from switchyard.training.rules.holdout import MOST_ROWS as HOLDOUT_ROWS
from tests.contract.cloudformation import ROOT, functions, resources, template
from tests.contract.test_policies import every_statement
from tests.template.asynchronous import asynchronous, sources
from tests.template.permissions import PAGE, page

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
DEPLOY = (ROOT / "docs/deploy-to-aws.md").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()
ALARMS = resources("AWS::CloudWatch::Alarm")
QUEUES = resources("AWS::SQS::Queue")


def states(page: str, sentence: str) -> bool:
    """Whether a page says so, wherever its lines break."""
    return sentence in re.sub(r"\s+", " ", page)


def limit(what: str) -> str:
    """The second cell of a row of "Limits"."""
    [found] = re.findall(rf"^\| {re.escape(what)} \| ([^|]*) \|", OPERATIONS, re.MULTILINE)
    return str(found)


@pytest.mark.parametrize("name", sorted(template()["Parameters"]))
def test_the_default_of_a_parameter_is_the_template_s(name: str) -> None:
    [row] = [
        line for line in DEPLOY.splitlines() if line.startswith("| ") and f"`{name}`" in line.split("|")[1]
    ]
    said = row.split("|")[2].strip().strip("`")
    default = str(template()["Parameters"][name]["Default"])
    assert said == (default or "empty")


def test_the_permissions_that_are_put_into_words() -> None:
    passing = [name for name, statement in every_statement() if statement["Action"] == "iam:PassRole"]
    assert states(DEPLOY, f"`iam:PassRole` is given to {WORDS[len(passing)]} functions")
    roles = [
        role
        for role in resources("AWS::IAM::Role").values()
        if role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
        == "sagemaker.amazonaws.com"
    ]
    assert states(DEPLOY, f"**SageMaker** takes on {WORDS[len(roles)]} roles")


def test_what_costs_money_while_nothing_happens() -> None:
    polled = WORDS[len(list(sources("SQS")))]
    assert states(DEPLOY, f"{len(ALARMS)} alarms")
    assert states(DEPLOY, f"the polling of {polled} queues")
    assert states(DEPLOY, "Each of three queues of uploads takes up to `UploadConcurrency` of them")
    looks = functions()["JudgeWindowFunction"]["Events"]["Look"]["Properties"]["ScalingConfig"]
    assert states(DEPLOY, f"the looks at rollouts up to {looks['MaximumConcurrency']}.")


def test_alarms_and_whom_they_watch() -> None:
    assert states(OPERATIONS, f"the template's {len(ALARMS)} alarms")
    assert states(OPERATIONS, f"the {WORDS[len(asynchronous())]} functions that nobody waits for")
    hours = ALARMS["ArrivalQueueAgeAlarm"]["Threshold"] // 3600
    assert states(OPERATIONS, f"messages that have waited for {WORDS[hours]} hours")


def test_functions_that_may_have_concurrency_of_their_own() -> None:
    reserving = [name for name, body in functions().items() if "ReservedConcurrentExecutions" in body]
    named = [name.removesuffix("Function") for name in reserving]
    assert states(
        DEPLOY, f"each of the {WORDS[len(named)]} functions which end runs and bring champions back"
    )
    [row] = [line for line in DEPLOY.splitlines() if "`ReservedConcurrency` |" in line]
    assert [name for name in named if name not in row] == []
    assert f"a value of 5 needs a quota of {100 + 5 * len(named)}" in row


def test_tries_and_delays_of_what_could_not_be_handled() -> None:
    assert states(OPERATIONS, f"could not be handled in {WORDS[len(DELAYS_SECONDS) + 1]} tries")
    seconds, *more = DELAYS_SECONDS
    minutes = [str(delay // 60) for delay in more]
    told = f"after {seconds} seconds, then after {', '.join(minutes[:-1])} and {minutes[-1]} minutes"
    assert states(OPERATIONS, told)
    visibility = {QUEUES[f"{name}Queue"]["VisibilityTimeout"] // 60 for name in ("Arrival", "Label", "Batch")}
    assert visibility == {90}
    assert states(OPERATIONS, "comes back after 90 minutes, the queue's visibility timeout")


def test_what_expires() -> None:
    rules = resources("AWS::S3::Bucket")["ArtifactBucket"]["LifecycleConfiguration"]["Rules"]
    [noncurrent] = [
        r["NoncurrentVersionExpiration"]["NoncurrentDays"] for r in rules if r["Id"] == "written-over"
    ]
    [maps] = [rule["ExpirationInDays"] for rule in rules if rule["Id"] == "map-runs"]
    [packed] = [rule["ExpirationInDays"] for rule in rules if rule["Id"] == "packed-rows"]
    assert states(DEPLOY, f"written over or deleted go after {noncurrent} days")
    assert states(DEPLOY, f"(`_map-runs/`) after {maps}")
    assert states(DEPLOY, f"(`_packed/`) after {packed}")
    assert states(DEPLOY, f"live endpoints are kept {KEPT_DAYS} days")
    assert states(OPERATIONS, f"the sweep sets it to {KEPT_DAYS} days")


def test_laps_of_a_run_that_is_stuck() -> None:
    default = {name: body["Default"] for name, body in template()["Parameters"].items()}
    assert (default["TrainingLapSeconds"], default["EndpointLapSeconds"]) == (25 * 3600, 3600)
    assert default["RolloutLapSeconds"] == 86400
    assert states(
        OPERATIONS, "25 hours for training, one hour for an endpoint, a day for a step of the rollout"
    )
    assert states(OPERATIONS, f"entered {MAX_LAPS} times without a result")


def test_the_table_of_limits() -> None:
    assert limit("a dataset").startswith(f"{MAX_DATASET_BYTES // 1024**3} GiB")
    disk = functions()["PrepareDatasetFunction"]["EphemeralStorage"]["Size"] // 1024
    assert (
        limit("PrepareDataset")
        == f"{disk} GiB of disk, {functions()['PrepareDatasetFunction']['Timeout'] // 60} minutes"
    )
    assert limit("classes of a multiclass target") == str(MAX_CLASSES)
    assert limit("holdout from the first dataset").startswith(f"{HOLDOUT_ROWS:,} rows")
    assert limit("attempts of a dataset") == str(MAX_ATTEMPTS) == str(BATCH_ATTEMPTS)
    assert limit("restores that settle starts for a run") == str(RESTORE_ATTEMPTS)
    assert limit("a window") == f"{template()['Parameters']['WindowSeconds']['MaxValue']} seconds"
    machine = yaml.safe_load((ROOT / "statemachine/retrain.asl.yaml").read_text())
    assert limit("a run").startswith(f"{machine['TimeoutSeconds'] // 86400} days")


def test_restores_are_told_alike_on_every_page() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    assert states(page, f"settle starts it again, {RESTORE_ATTEMPTS} times in all")


def test_the_table_of_permissions_is_the_template_s() -> None:
    assert PAGE.read_text() == page(), "next: python -m tests.template.permissions"


def test_the_line_of_each_scan_is_the_one_that_is_told() -> None:
    security = (ROOT / "docs/security.md").read_text()
    source = (ROOT / "tests/scan/template.py").read_text()
    [least] = re.findall(r"^LEAST = ([\d.]+)", source, re.MULTILINE)
    assert states(security, f"{float(least):g} % of its checks")
