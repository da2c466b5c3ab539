"""What the buckets keep, for how long, and by which doors."""

from typing import Any

import pytest

from tests.contract.cloudformation import resources, template
from tests.contract.iam import arn_of, resolve

BUCKETS = sorted(resources("AWS::S3::Bucket"))


def rules(bucket: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = resources("AWS::S3::Bucket")[bucket]["LifecycleConfiguration"]["Rules"]
    assert all(rule["Status"] == "Enabled" for rule in found)
    return found


@pytest.mark.parametrize("bucket", BUCKETS)
def test_versions_that_were_written_over_do_not_stay_for_ever(bucket: str) -> None:
    expiring = [r["NoncurrentVersionExpiration"] for r in rules(bucket) if "NoncurrentVersionExpiration" in r]
    assert [rule["NoncurrentDays"] for rule in expiring] == [30]


@pytest.mark.parametrize("bucket", BUCKETS)
def test_uploads_that_were_not_finished_are_given_up(bucket: str) -> None:
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules(bucket))


@pytest.mark.parametrize(("prefix", "days"), [("_capture/", "90"), ("_map-runs/", 7), ("_packed/", 7)])
def test_what_is_only_read_while_it_is_new_expires(prefix: str, days: object) -> None:
    """S3 expires by the beginning of a key, so what expires does not lie in the folders of models."""
    [rule] = [rule for rule in rules("ArtifactBucket") if rule.get("Prefix") == prefix]
    assert resolve(rule["ExpirationInDays"]) == days


def test_nothing_else_of_the_artifacts_expires() -> None:
    """Holdouts, models, snapshots and decisions are the way back and the proof."""
    expiring = {rule.get("Prefix") for rule in rules("ArtifactBucket") if "ExpirationInDays" in rule}
    assert expiring == {"_capture/", "_map-runs/", "_packed/"}
    assert [rule for rule in rules("DataBucket") if "ExpirationInDays" in rule] == []


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_spoken_to_over_tls_alone(bucket: str) -> None:
    policies = [
        (name, body)
        for name, body in template()["Resources"].items()
        if body["Type"] == "AWS::S3::BucketPolicy" and body["Properties"]["Bucket"] == {"Ref": bucket}
    ]
    [(_, policy)] = policies
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    arn = arn_of(bucket)
    assert resolve(statement["Resource"]) == [arn, f"{arn}/*"]
    assert policy["Condition"] == "IsTlsOnly"
    assert template()["Parameters"]["TlsOnly"]["Default"] == "true"


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_takes_a_key_of_the_account_s_own(bucket: str) -> None:
    [rule] = resources("AWS::S3::Bucket")[bucket]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    own = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "KmsKeyArn"}}
    assert rule["ServerSideEncryptionByDefault"] == {"Fn::If": ["HasKmsKey", own, {"SSEAlgorithm": "AES256"}]}
    assert rule["BucketKeyEnabled"] == {"Fn::If": ["HasKmsKey", True, False]}
