"""What the stack remembers, what it takes for lost, and what it refuses to talk to."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.stack.children import Child
from cli.stack.errors import RefusedError, StackError
from cli.stack.home import REPOSITORY, Home
from cli.stack.loopback import local_client, require_loopback
from cli.stack.outage import NOTHING_LOST, Loss, Outage
from cli.stack.state import State, read_state, write_state
from sagemaker_local.access.keys import Keys, new_pair

outages = st.builds(Outage, st.sampled_from(Loss), st.booleans())
texts = st.text(max_size=20)
states = st.builds(
    State,
    st.integers(1, 65535),
    st.integers(1, 65535),
    st.dictionaries(texts, st.builds(Child, st.integers(1, 2**22), st.floats(0, 2e9))),
    st.dictionaries(texts, texts),
    texts,
    outages,
)

PAIR = new_pair()


@given(states)
def test_state_survives_its_file(tmp_path_factory: pytest.TempPathFactory, state: State) -> None:
    file = tmp_path_factory.mktemp("state") / "state.json"
    write_state(file, state)
    assert read_state(file) == state


def test_state_is_its_owners_alone(tmp_path: Path) -> None:
    write_state(tmp_path / "state.json", State(1, 2))
    assert stat.S_IMODE((tmp_path / "state.json").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_no_file_is_no_state(tmp_path: Path) -> None:
    assert read_state(tmp_path / "state.json") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"ministack_port": "x"})])
def test_a_file_that_is_not_ours_says_how_to_go_on(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(StackError) as raised:
        read_state(tmp_path / "state.json")
    assert "purge" in raised.value.next_step


@given(outages, outages, outages)
def test_outages_add_up_to_the_heaviest_in_any_order(first: Outage, second: Outage, third: Outage) -> None:
    assert first.and_then(second) == second.and_then(first)
    assert first.and_then(second).and_then(third) == first.and_then(second.and_then(third))
    assert first.and_then(NOTHING_LOST) == first.and_then(first) == first


def test_a_kill_is_heavier_than_a_stop() -> None:
    assert Outage(Loss.STOPPED).and_then(Outage(Loss.KILLED)).ministack is Loss.KILLED


@given(outages)
def test_every_outage_is_told_and_nothing_is_not(outage: Outage) -> None:
    assert bool(outage.sentences()) == bool(outage)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4566", "http://localhost:1", "http://[::1]:80", "https://127.8.8.8"]
)
def test_this_machine_is_talked_to(url: str) -> None:
    assert require_loopback(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://sagemaker.us-east-1.amazonaws.com",
        "http://10.0.0.7:4566",
        "http://localhost.evil.example",
        "http://127.0.0.1@evil.example/",
        "http://0.0.0.0:4566",
        "file:///etc/passwd",
        "127.0.0.1:4566",
        "",
    ],
)
def test_nothing_else_is_talked_to(url: str) -> None:
    with pytest.raises(RefusedError):
        require_loopback(url)
    with pytest.raises(RefusedError):
        local_client("s3", url, PAIR)


def test_a_request_that_would_leave_the_machine_is_stopped() -> None:
    client = local_client("s3", "http://127.0.0.1:1", PAIR)
    client.meta.events.register(
        "before-sign", lambda request, **_: setattr(request, "url", "https://s3.amazonaws.com/")
    )
    with pytest.raises(RefusedError):
        client.list_buckets()


def test_real_keys_are_never_sent() -> None:
    with pytest.raises(RefusedError, match="AKIAREALREALREALREAL is none of a local stack"):
        local_client("s3", "http://127.0.0.1:1", Keys("AKIAREALREALREALREAL", "secret"))


def test_clients_have_the_stacks_keys_whatever_the_caller_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(
        "[profile work]\nendpoint_url = https://s3.amazonaws.com\nregion = eu-west-1\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
    for profile in ("work", "not-there"):
        monkeypatch.setenv("AWS_PROFILE", profile)
        pair = replace(PAIR, access_key_id=f"{PAIR.access_key_id}{profile}")  # no session of another test's
        client = local_client("s3", "http://127.0.0.1:1", pair)
        credentials = client._request_signer._credentials
        assert (credentials.access_key, credentials.secret_key) == (
            pair.access_key_id,
            pair.secret_access_key,
        )
        assert (client.meta.endpoint_url, client.meta.region_name) == ("http://127.0.0.1:1", "us-east-1")


def test_the_home_is_in_the_repository_or_where_one_says(tmp_path: Path) -> None:
    assert Home.locate({}).folder == REPOSITORY / ".switchyard"
    assert Home.locate({"SWITCHYARD_HOME": str(tmp_path)}).folder == tmp_path


def test_purging_removes_what_is_the_stacks_and_nothing_else(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for folder in (home.ministack, home.plane, home.sam):
        folder.mkdir(parents=True)
    home.log("plane").write_text("x")
    write_state(home.state_file, State(1, 2))
    (home.folder / "thesis.txt").write_text("mine")
    home.purge()
    assert [file.name for file in home.folder.iterdir()] == ["thesis.txt"]
    (home.folder / "thesis.txt").unlink()
    home.purge()
    assert not home.folder.exists()


def test_a_folder_of_strangers_things_is_left_open(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "holiday.jpg").touch()
    home = Home(tmp_path)
    home.make()
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert {each.stat().st_mode & 0o777 for each in home.folders} == {0o700}
    home.tidy()
    assert [each.name for each in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_folder_of_an_earlier_version_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "plane").mkdir(mode=0o755)
    Home(tmp_path).make()
    assert {each.stat().st_mode & 0o777 for each in (tmp_path, tmp_path / "plane")} == {0o700}


def test_another_users_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(StackError, match="belongs to user"):
        Home(tmp_path).make()


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/switchyard")):
        with pytest.raises(StackError, match="cannot keep its state in") as raised:
            Home(folder).make()
        assert "SWITCHYARD_HOME" in raised.value.next_step
