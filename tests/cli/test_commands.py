"""The command line itself: help, refusals, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import GROUPS, app
from cli.stack.children import Child
from cli.stack.home import Home
from cli.stack.state import State, write_state

ROOT = Path(__file__).resolve().parents[2]
ALL = tuple(each.name for every in GROUPS.values() for each in every)
NEED_THE_STACK = ("status", "runs", "watch", "env")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SWITCHYARD_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("command", ALL)
def test_every_command_has_help(command: str) -> None:
    answer = call(command, "--help")
    assert answer.exit_code == 0
    assert "Usage" in answer.output


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("command", NEED_THE_STACK)
def test_without_a_stack_one_learns_how_to_start_it(command: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "cli.main", command],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 3
    assert "Next: Start it with `switchyard up`." in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_service_that_is_gone_is_named(home: Path) -> None:
    gone = Child(2**22 - 1, 0.0)
    write_state(home / "state.json", State(1, 2, {"ministack": gone, "plane": gone}, {"A": "b"}))
    answer = subprocess.run(
        [sys.executable, "-m", "cli.main", "env"],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 3
    assert "MiniStack does not run any more" in answer.stderr
    assert answer.stdout == ""


@pytest.fixture
def running(home: Path) -> Path:
    """A state in which this very process stands for both services."""
    import psutil

    Home(home).make_keys()
    own = Child(os.getpid(), psutil.Process().create_time())
    write_state(home / "state.json", State(20001, 20002, {"ministack": own, "plane": own}, {"A": "b"}))
    return home


@pytest.mark.usefixtures("running")
def test_env_can_be_evaluated_by_a_shell(home: Path) -> None:
    answer = call("env")
    script = f"{answer.stdout}\necho $AWS_ENDPOINT_URL $AWS_ENDPOINT_URL_SAGEMAKER $AWS_ACCESS_KEY_ID"
    said = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True).stdout
    assert said == f"http://127.0.0.1:20001 http://127.0.0.1:20002 {Home(home).keys().access_key_id}\n"


@pytest.mark.usefixtures("running")
def test_env_speaks_json_too() -> None:
    variables = json.loads(call("env", "--json").stdout)
    assert variables["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] == "http://127.0.0.1:20002"


@pytest.mark.usefixtures("home")
def test_down_without_a_stack_is_fine(home: Path) -> None:
    assert call("down").exit_code == 0
    assert call("down", "--purge").exit_code == 0
    assert not home.exists()


def test_a_file_that_is_not_there_is_named() -> None:
    answer = call("plan", "no-such.yaml")
    assert answer.exit_code == 2
    assert "no-such.yaml cannot be read: No such file or directory." in answer.output
    assert "Next: Name a pipeline.yaml" in answer.output
    assert "no-such.yaml: cannot be read: No such file" in call("validate", "no-such.yaml").output


def test_whoever_names_a_stack_is_not_sent_to_the_local_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    answer = call("why", "--stack", "afar", "--region", "us-east-1")
    assert answer.exit_code == 1
    assert "Unable to locate credentials" in answer.output
    assert "whether a stack afar is deployed there" in answer.output


def test_an_unknown_option_is_a_usage_error() -> None:
    assert call("runs", "--no-such-thing").exit_code == 2
