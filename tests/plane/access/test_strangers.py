"""The plane: no page of a browser gets in, and with keys nobody without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sagemaker_local.access.keys import Keys, new_pair, read_or_make_keys, session_of
from sagemaker_local.access.signing import signed_headers
from tests.intruders import Request, pages, send
from tests.plane.support.fakes import FakeBackend, FakeTraffic, succeed
from tests.plane.support.harness import IMAGE, ROLE, Harness, eventually, serve, settings_in, variant

PAGES = tuple(pages(0))
PATHS = ("/", "/_local/health", "/_local/history", "/_local/faults", "/endpoints/live/invocations")
PAIR = new_pair()


@pytest.fixture(scope="module", params=[None, PAIR], ids=["without keys", "with keys"])
def any_plane(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    folder, backend = tmp_path_factory.mktemp("plane"), FakeBackend()
    with serve(
        settings_in(folder, "http://127.0.0.1:1", keys=request.param), backend, FakeTraffic()
    ) as plane:
        yield plane


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    folder, backend = tmp_path_factory.mktemp("locked"), FakeBackend()
    with serve(settings_in(folder, "http://127.0.0.1:1", keys=PAIR), backend, FakeTraffic()) as plane:
        yield plane


def port(plane: Harness) -> int:
    return urlsplit(plane.url).port or 0


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", PAGES)
def test_pages_of_other_sites_are_refused(any_plane: Harness, name: str, path: str) -> None:
    answer = send(port(any_plane), path, pages(port(any_plane))[name])
    assert answer.is_refusal, answer


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machines_own_names_are_served(any_plane: Harness, host: str) -> None:
    asked = Request("GET", {"Host": f"{host}:{port(any_plane)}", "Sec-Fetch-Site": "none"})
    assert send(port(any_plane), "/_local/health", asked).status == 200


def client(plane: Harness, service: str, keys: Keys) -> Any:
    session = boto3.Session(keys.access_key_id, keys.secret_access_key, keys.token or None, "us-east-1")
    config = Config(retries={"total_max_attempts": 1})
    return session.client(service, endpoint_url=plane.url, config=config)  # type: ignore[call-overload]


def test_the_keys_and_their_sessions_are_taken(locked: Harness) -> None:
    for keys in (PAIR, session_of(PAIR, ROLE, "StartTraining").keys):
        assert client(locked, "sagemaker", keys).list_models()["Models"] == []


@pytest.mark.parametrize(
    "keys",
    [
        Keys("test", "test"),
        new_pair(),
        Keys(PAIR.access_key_id, "another"),
        session_of(new_pair(), ROLE, "x").keys,
        Keys(PAIR.access_key_id, PAIR.secret_access_key, session_of(PAIR, ROLE, "x").keys.token),
    ],
)
@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("sagemaker", lambda c: c.list_models()),
        ("sagemaker-runtime", lambda c: c.invoke_endpoint(EndpointName="live", Body=b"1")),
    ],
)
def test_other_keys_are_refused(
    locked: Harness, keys: Keys, service: str, call: Callable[[Any], Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        call(client(locked, service, keys))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("path", ["/_local/history", "/_local/faults"])
def test_the_planes_own_pages_are_for_the_pair_alone(locked: Harness, path: str) -> None:
    def status(keys: Keys) -> int:
        headers = signed_headers(keys, "GET", locked.url + path, "sagemaker", "us-east-1", b"", {})
        return httpx.get(locked.url + path, headers=headers, trust_env=False).status_code

    assert status(PAIR) == 200
    assert status(session_of(PAIR, ROLE, "x").keys) == 403
    assert send(port(locked), path, Request("GET")).status == 403


def test_a_keys_file_is_made_private_and_taken_again(tmp_path: Path) -> None:
    file = tmp_path / "new" / "keys.json"
    made = read_or_make_keys(file)
    assert (file.stat().st_mode & 0o777, read_or_make_keys(file)) == (0o600, made)
    assert made.secret_access_key not in repr(made)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    ("content", "mode", "complaint"),
    [
        (
            '{"AccessKeyId": "AKIAREALREALREALREAL", "SecretAccessKey": "x"}',
            0o600,
            "Real keys are never taken",
        ),
        ('{"AccessKeyId": "LOCALKEYAAAAAAAAAAAA", "SecretAccessKey": "x"}', 0o644, "chmod 600"),
        ("{}", 0o600, "No keys can be read"),
        ("[", 0o600, "No keys can be read"),
    ],
)
def test_a_keys_file_that_is_not_ours_is_refused(
    tmp_path: Path, content: str, mode: int, complaint: str
) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)
    file.chmod(mode)
    with pytest.raises(ValueError, match=complaint):
        read_or_make_keys(file)


def test_containers_have_the_keys_of_their_role_and_never_the_pair(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "http://127.0.0.1:1", keys=PAIR)
    environment = settings.container_environment(ROLE)
    assert environment.items() >= session_of(PAIR, ROLE, "SageMaker").keys.environment().items()
    assert not {PAIR.access_key_id, PAIR.secret_access_key} & set(environment.values())
    assert not [name for name in settings.container_environment(None) if "KEY" in name]


def test_a_models_containers_have_the_keys_of_its_role(locked: Harness) -> None:
    sm, role = client(locked, "sagemaker", PAIR), f"{ROLE}-of-the-model"
    locked.backend.images[IMAGE] = succeed
    sm.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": IMAGE})
    sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant("m")])
    sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
    eventually(lambda: sm.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService")
    environment = locked.traffic.serving["e"].variants[0][0].spec.environment
    assert environment.items() >= session_of(PAIR, role, "SageMaker").keys.environment().items()
