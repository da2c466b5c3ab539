"""The local AWS belongs to one user: no page of a browser and nobody without the stack's keys gets in."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.stack.ministack.own_paths import DEPLOYMENT_PATH, EVENTS_PATH
from sagemaker_local.access.keys import Keys, new_pair, session_of
from sagemaker_local.access.signing import signed_headers
from tests.intruders import EVIL, Request, pages, send

from .conftest import ROLE, MiniStack, policy

PAGES = tuple(pages(0))
PATHS = ("/", "/some-bucket/key", "/_ministack/reset", "/_ministack/ready", EVENTS_PATH, DEPLOYMENT_PATH)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", PAGES)
def test_pages_of_other_sites_are_refused(ministack: MiniStack, name: str, path: str) -> None:
    port = ministack.ports.ministack
    answer = send(port, path, pages(port)[name])
    assert answer.is_refusal, answer


@pytest.mark.parametrize(
    "path",
    [
        "reset",
        "config",
        "health",
        "lambda-code/f",
        "sqs/messages",
        "ses/messages",
        "cfn-response/x",
        "rds/iam-auth",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_the_admin_paths_are_closed_to_the_keys_too(ministack: MiniStack, method: str, path: str) -> None:
    answer = send(ministack.ports.ministack, f"/_ministack/{path}", Request(method))
    assert answer.is_refusal
    assert "closed" in answer.body


def test_readiness_alone_needs_no_key(ministack: MiniStack) -> None:
    port = ministack.ports.ministack
    assert send(port, "/_ministack/ready", Request("GET")).status == 200
    assert send(port, "/_ministack/ready", Request("POST")).is_refusal
    assert send(port, "/", Request("GET")).is_refusal


def client(ministack: MiniStack, service: str, keys: Keys, **config: Any) -> Any:
    session = boto3.Session(keys.access_key_id, keys.secret_access_key, keys.token or None, "us-east-1")
    chosen = Config(
        retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, inject_host_prefix=False, **config
    )
    return session.client(service, endpoint_url=ministack.ports.ministack_url, config=chosen)  # type: ignore[call-overload]


CALLS = {
    "s3": lambda c: c.list_buckets(),
    "lambda": lambda c: c.list_functions(),
    "dynamodb": lambda c: c.list_tables(),
    "cloudformation": lambda c: c.describe_stacks(),
    "sqs": lambda c: c.list_queues(),
    "sts": lambda c: c.get_caller_identity(),
    "stepfunctions": lambda c: c.list_state_machines(),
}


@pytest.mark.parametrize("service", CALLS)
def test_every_service_takes_the_stacks_keys_and_no_others(ministack: MiniStack, service: str) -> None:
    call, keys = CALLS[service], ministack.home.keys()
    call(client(ministack, service, keys))
    for other in (
        Keys("test", "test"),
        Keys("000000000000", "test"),
        Keys(keys.access_key_id, "test"),
        Keys(keys.access_key_id, keys.secret_access_key, "a token"),
        new_pair(),
        Keys("AKIAREALREALREALREAL", "x"),
    ):
        with pytest.raises(ClientError) as refused:
            call(client(ministack, service, other))
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        assert "switchyard env" in refused.value.response["Error"]["Message"]


def test_a_presigned_url_opens_its_object_as_long_as_it_says(ministack: MiniStack) -> None:
    s3 = client(ministack, "s3", ministack.home.keys(), signature_version="s3v4")
    port = ministack.ports.ministack
    s3.create_bucket(Bucket="presigned")
    s3.put_object(Bucket="presigned", Key="a b", Body=b"rows")
    url = s3.generate_presigned_url("get_object", {"Bucket": "presigned", "Key": "a b"}, ExpiresIn=60)
    path = url.removeprefix(ministack.ports.ministack_url)
    assert send(port, path, Request("GET")).body == "rows"
    assert send(port, path, Request("GET", {"Origin": EVIL})).is_refusal
    assert send(port, path.replace("a%20b", "c"), Request("GET")).is_refusal
    assert send(port, path.replace("Expires=60", "Expires=600"), Request("GET")).is_refusal
    assert send(port, "/presigned/a%20b", Request("GET")).is_refusal


def test_no_answer_lets_a_page_read_it(ministack: MiniStack) -> None:
    s3 = ministack.client("s3")
    s3.create_bucket(Bucket="shared")
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    s3.put_bucket_cors(Bucket="shared", CORSConfiguration={"CORSRules": [rule]})
    for service, call in CALLS.items():
        headers = call(ministack.client(service))["ResponseMetadata"]["HTTPHeaders"]
        assert not [name for name in headers if name.startswith("access-control-")]


WHO = """
import boto3, os
def handler(event, context):
    who = boto3.client("sts").get_caller_identity()["Arn"]
    boto3.client("s3").list_buckets()
    return {"who": who, "key": os.environ["AWS_ACCESS_KEY_ID"], "token": os.environ["AWS_SESSION_TOKEN"],
            "secret": os.environ["AWS_SECRET_ACCESS_KEY"], "all": list(os.environ.values())}
"""


def test_a_function_has_the_keys_of_its_role_which_nobody_can_compute(ministack: MiniStack) -> None:
    ministack.function("who", WHO)
    payload = ministack.client("lambda").invoke(FunctionName="who")["Payload"].read()
    found = json.loads(payload)
    assert found["who"] == "arn:aws:sts::000000000000:assumed-role/everything/who"
    stack = ministack.home.keys()
    assert stack.access_key_id != found["key"]
    assert stack.secret_access_key not in found["all"]
    keys = Keys(found["key"], found["secret"], found["token"])
    client(ministack, "s3", keys).list_buckets()
    with pytest.raises(ClientError):
        client(ministack, "s3", Keys(found["key"], "x", found["token"])).list_buckets()


@pytest.mark.parametrize("path", [EVENTS_PATH, DEPLOYMENT_PATH])
def test_the_paths_of_the_stack_s_own_are_for_the_stack_itself(ministack: MiniStack, path: str) -> None:
    role = session_of(ministack.home.keys(), "arn:aws:iam::000000000000:role/everything", "who").keys
    url, body = f"{ministack.ports.ministack_url}{path}", b'{"Entries": []}'
    signed = signed_headers(role, "POST", url, "own", "us-east-1", body, {})
    for headers in ({}, signed):
        asked = Request("POST", headers, body.decode())
        assert send(ministack.ports.ministack, path, asked).is_refusal


def test_keys_that_were_made_by_sts_or_iam_work(ministack: MiniStack) -> None:
    iam = ministack.client("iam")
    iam.create_user(UserName="visitor")
    made = iam.create_access_key(UserName="visitor")["AccessKey"]
    keys = Keys(made["AccessKeyId"], made["SecretAccessKey"])
    assert client(ministack, "sts", keys).get_caller_identity()["Arn"].endswith("user/visitor")
    with pytest.raises(ClientError, match="AccessDenied"):
        client(ministack, "s3", keys).list_buckets()
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client(ministack, "sts", Keys(made["AccessKeyId"], "x")).get_caller_identity()


def test_a_session_may_do_what_the_policies_of_its_role_say(ministack: MiniStack) -> None:
    def session(role: str) -> Any:
        return client(ministack, "s3", session_of(ministack.home.keys(), role, "SageMaker").keys)

    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    ministack.client("iam").create_role(RoleName="nothing", AssumeRolePolicyDocument=policy(trust))
    session(ROLE).list_buckets()
    for role in ("nothing", "not-there"):
        with pytest.raises(ClientError, match="AccessDenied"):
            session(f"arn:aws:iam::000000000000:role/{role}").list_buckets()


def test_a_model_s_own_role_reaches_its_model_s_keys_alone(ministack: MiniStack) -> None:
    """As model-roles.yaml says; the role itself is made when it is first taken on."""
    bucket = "switchyard-artifacts-000000000000-us-east-1"
    ministack.client("s3").create_bucket(Bucket=bucket)
    for model in ("digits", "fraud"):
        ministack.client("s3").put_object(Bucket=bucket, Key=f"{model}/prepared/r/train/a.csv", Body=b"1")
    role = "arn:aws:iam::000000000000:role/switchyard/switchyard-digits-training"
    s3 = client(ministack, "s3", session_of(ministack.home.keys(), role, "SageMaker").keys)
    assert s3.get_object(Bucket=bucket, Key="digits/prepared/r/train/a.csv")["Body"].read() == b"1"
    s3.put_object(Bucket=bucket, Key="digits/models/r/model.tar.gz", Body=b"1")
    assert s3.list_objects_v2(Bucket=bucket, Prefix="digits/prepared/")["KeyCount"] == 1
    for refused in (
        lambda: s3.get_object(Bucket=bucket, Key="fraud/prepared/r/train/a.csv"),
        lambda: s3.put_object(Bucket=bucket, Key="fraud/models/r/model.tar.gz", Body=b"1"),
        lambda: s3.list_objects_v2(Bucket=bucket, Prefix="fraud/"),
        lambda: s3.put_object(Bucket=bucket, Key="digits/decisions/r.json", Body=b"1"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()
    found = ministack.client("iam").get_role(RoleName="switchyard-digits-training")["Role"]
    assert found["Arn"] == role
