"""What a deployment is made of, and what the SAM CLI is given."""

import os
from pathlib import Path

import pytest

from cli.stack import deployment
from cli.stack.errors import RefusedError, StackError
from cli.stack.home import Home
from cli.stack.ministack.deployment import FOLDER

CONFIG = '[local.deploy.parameters]\nstack_name = "s"\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "functions" / "admit").mkdir(parents=True)
    (tmp_path / "functions" / "admit" / "handler.py").write_text("x = 1\n")
    (tmp_path / "statemachine").mkdir()
    (tmp_path / "template.yaml").write_text("Resources: {}\n")
    (tmp_path / "samconfig.toml").write_text(CONFIG)
    return tmp_path


def test_the_digest_sees_every_change(source: Path) -> None:
    seen = {deployment.digest(source)}
    for name in (
        "template.yaml",
        "samconfig.toml",
        "functions/admit/handler.py",
        "statemachine/new.asl.yaml",
    ):
        with (source / name).open("a") as file:
            file.write("# more\n")
        seen.add(deployment.digest(source))
    (source / "functions" / "admit" / "handler.py").rename(source / "functions" / "admit" / "main.py")
    seen.add(deployment.digest(source))
    assert len(seen) == 6


def test_the_digest_does_not_see_what_python_leaves_behind(source: Path) -> None:
    before = deployment.digest(source)
    (source / "functions" / "admit" / "__pycache__").mkdir()
    (source / "functions" / "admit" / "__pycache__" / "handler.pyc").write_bytes(b"x")
    (source / "README.md").write_text("x")
    assert deployment.digest(source) == before


@pytest.mark.parametrize("overrides", ['"A=1 B=2"', '["A=1", "B=2"]'])
def test_parameters_are_samconfigs_own_and_the_runtime(source: Path, overrides: str) -> None:
    (source / "samconfig.toml").write_text(f"{CONFIG}parameter_overrides = {overrides}\n")
    assert deployment.parameters(source) == ["A=1", "B=2", f"LambdaRuntime={deployment.lambda_runtime()}"]


def test_two_pythons_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "_python_minor", {"sam": "3.12", "ministack": "3.11"}.__getitem__)
    with pytest.raises(StackError, match=r"3\.12 and run on Python 3\.11") as raised:
        deployment.lambda_runtime()
    assert "make" in raised.value.next_step


def test_sam_sees_nothing_of_the_callers_aws(tmp_path: Path) -> None:
    caller = {
        "AWS_PROFILE": "work",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "PYTHONPATH": "/x",
        "PIP_INDEX_URL": "https://pip",
    }
    home = Home(tmp_path)
    home.make_keys()
    given = deployment._sam_environment(home, "http://127.0.0.1:1", caller)
    assert "AWS_PROFILE" not in given
    assert "PYTHONPATH" not in given
    assert given["AWS_ACCESS_KEY_ID"] == home.keys().access_key_id
    assert given["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert given["PIP_INDEX_URL"] == "https://pip"
    assert not Path(given["AWS_SHARED_CREDENTIALS_FILE"]).exists()


def test_sam_never_deploys_to_another_machine(tmp_path: Path, source: Path) -> None:
    with pytest.raises(RefusedError):
        deployment.deploy(Home(tmp_path / "home"), "https://cloudformation.us-east-1.amazonaws.com", source)


def test_a_failed_build_shows_the_end_of_its_log(tmp_path: Path, source: Path) -> None:
    (source / "template.yaml").write_text("Resources: [not, a, mapping]\n")
    home = Home(tmp_path / "home")
    home.make_keys()
    with pytest.raises(StackError, match="sam build") as raised:
        deployment.build(home, "http://127.0.0.1:1", source)
    assert str(home.log("sam")) in raised.value.next_step
    assert os.path.getsize(home.log("sam")) > 0  # noqa: PTH202


def test_a_deployment_that_did_not_end_leaves_nothing_to_begin_with(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_off(*_: object) -> None:
        raise StackError("sam ended with 1", "")

    kept = Home(tmp_path).ministack / "state" / FOLDER
    kept.mkdir(parents=True)
    monkeypatch.setattr(deployment, "_sam", breaks_off)
    with pytest.raises(StackError, match="sam ended"):
        deployment.deploy(Home(tmp_path), "http://127.0.0.1:1", source)
    assert not kept.exists()
