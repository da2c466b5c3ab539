"""The workflow and the pre-commit hook that people copy: what they name is there, and what they run works."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / "examples/github-actions/switchyard.yml").read_text())
JOBS: dict[str, Any] = WORKFLOW["jobs"]
STEPS: list[dict[str, Any]] = [step for job in JOBS.values() for step in job["steps"]]
CHECKS = [step for step in JOBS["check"]["steps"] if "switchyard " in step.get("run", "")]
[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


@pytest.mark.parametrize("action", sorted({step["uses"] for step in STEPS if "uses" in step}))
def test_an_action_is_one_release_of_its_owner(action: str) -> None:
    assert re.fullmatch(r"(actions|aws-actions)/[a-z-]+@v\d+", action)


def test_only_the_deploying_job_may_take_on_a_role() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [name for name, job in JOBS.items() if "id-token" in job.get("permissions", {})] == ["deploy"]
    assert JOBS["deploy"]["needs"] == "check"


def test_what_the_steps_take_from_the_repository_is_there() -> None:
    named = {name for step in STEPS for name in re.findall(r"switchyard/([\w/.-]+)", step.get("run", ""))}
    assert {"requirements/main.txt", "cli/bootstrap.py"} <= named
    assert [name for name in named if not (ROOT / name).exists()] == []


def check(step: dict[str, Any], folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Runs one step as a runner does, in a repository with one model."""
    file = folder / "models/churn/pipeline.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    path = f"{ROOT / '.venvs/dev/bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**os.environ, "PATH": path, "REQUESTS_PER_MINUTE": "3000", "SWITCHYARD_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("step", CHECKS, ids=lambda step: str(step["name"]))
def test_a_check_lets_a_good_file_pass_and_stops_a_bad_one(step: dict[str, Any], tmp_path: Path) -> None:
    good = check(step, tmp_path, "name: churn\ntarget: left\n")
    assert good.returncode == 0, good.stdout + good.stderr
    bad = check(step, tmp_path, "name: churn\ntarget: left\nrollout: {alpha: 2}\n")
    assert bad.returncode != 0
    assert "alpha" in bad.stdout + bad.stderr


def test_two_steps_check() -> None:
    assert [step["run"].split()[0] for step in CHECKS] == ["switchyard", "for"]


def test_the_hook_runs_a_command_of_this_project_on_every_pipeline_yaml() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert HOOK["entry"] in scripts
    assert re.search(HOOK["files"], "models/churn/pipeline.yaml")
    assert re.search(HOOK["files"], "pipeline.yml")
    assert not re.search(HOOK["files"], "docs/my-pipeline.yaml")


def test_the_hook_s_pins_are_those_of_the_command_line() -> None:
    pinned = re.findall(r"^[\w.-]+==[^ ]+", (ROOT / "requirements/main.txt").read_text(), re.MULTILINE)
    assert HOOK["additional_dependencies"]
    assert set(HOOK["additional_dependencies"]) <= set(pinned)


def test_the_readme_shows_the_hook_by_its_id() -> None:
    assert f"- id: {HOOK['id']}\n" in (ROOT / "examples/github-actions/README.md").read_text()
