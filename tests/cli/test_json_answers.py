"""With --json every command leaves one JSON object on standard output, and tells the rest on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import click
import pytest
import typer
from typer.testing import CliRunner, Result

from cli.commands.options import connect
from cli.demo.story import ACTS, Scene
from cli.demo.tally import ClientReport, VariantReport
from cli.display import json_safe
from cli.doctor.check import Check, Health
from cli.local.bring_up import Arrival
from cli.main import app
from cli.requests.rollback import Champions
from cli.requests.verbs import VERBS, Verb
from cli.rows.row import Ending, Row
from cli.stack.access import DeployedStack
from cli.stack.errors import StackError
from cli.stack.outage import NOTHING_LOST
from cli.stack.stack import Stack
from switchyard.core.run import RunState
from switchyard.triggers.rules.request import Answer
from tests.cli.deployed import Deployed
from tests.cli.settled_runs import CHAMPION, RUN_ID, Desk, blocks
from tests.cli.start.test_init import churn
from tests.cli.test_contract_command import CONTRACT, HOLDOUT
from tests.cli.test_watch import LINE, sight
from tests.drill.test_drill import ENDING

ROOT: Any = typer.main.get_command(app)
REASON = ("--reason", "figures checked")


def leaves(command: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words that call it."""
    if isinstance(command, click.Group) or hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from leaves(each, *path, name)
    else:
        yield " ".join(path), command


COMMANDS = dict(leaves(ROOT))
ANSWERS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "demo": ((), "datasets"),
    "demo-all": ((), "rows"),
    "init": (("churn.csv", "--target", "left", "--force"), "model"),
    "try": (("churn.csv", "--target", "left"), "runs"),
    "send": (("churn.csv",), "variants"),
    "up": ((), "outputs"),
    "status": ((), "endpoints"),
    "run": (("churn",), "run"),
    "runs": ((), "runs"),
    "show": ((RUN_ID,), "state"),
    "why": ((RUN_ID,), "ways"),
    "contract": (("churn",), "features"),
    "holdout": (("churn",), "rows"),
    "report": ((RUN_ID,), "summary"),
    "logs": ((RUN_ID,), "lines"),
    "watch": ((RUN_ID,), "state"),
    "console": ((), "url"),
    "rollback": (("digits",), "said"),
    "sweep": ((), "done"),
    "check": ((), "broken"),
    "drill": (("broken", "digits"), "as_expected"),
    "doctor": ((), "checks"),
    "env": ((), "AWS_ENDPOINT_URL"),
    "down": ((), "stopped"),
    "validate": (("pipeline.yaml",), "files"),
    "evaluate": (("scores.csv",), "outcome"),
    "plan": (("pipeline.yaml",), "rollout"),
    "simulate": (("--runs", "1"), "rules"),
    "replay": (("--evidence", "blocks.jsonl"), "rollouts"),
    "image push": (("--account", "111122223333", "--region", "eu-central-1"), "address"),
    **{verb.name: ((RUN_ID, *REASON), "said") for verb in VERBS},
}
"""What each is called with here, and a name that its answer has."""

SEEN = sight("SUCCEEDED", "+Train", "-Train", line=LINE)
SCENE = Scene(ACTS[1], RUN_ID, "PROMOTED", "better", (10.0, 100.0), 3, 40, 0, 0, 31, 9.5)
REPORT = ClientReport(1.0, {"first": VariantReport(40, {}, 1.0, 2.0, 3.0)})
CLIENTS = SimpleNamespace(snapshot=lambda: REPORT)
REQUESTS = SimpleNamespace(requests=lambda *_: ["41,nurse"])


def checked(*where: Any) -> list[Check]:
    connect(*where[:3])
    return [Check("queue", Health.OK, "empty")]


STAND_INS: Mapping[str, Any] = {
    "local.demo.fresh_stack": lambda _: None,
    "local.demo._scenes": lambda _: [SCENE],
    "local.demo_all.fresh_stack": lambda _: None,
    "local.demo_all.ROWS": (Row("digits", "train", "own container", lambda _: Ending("PROMOTED", "better")),),
    "local.up.bring_up": lambda *_, **__: Arrival(Stack.load(), NOTHING_LOST, [], ["plane"], True),
    "local.status.parts": lambda _: [],
    "local.status.endpoints": lambda _: [],
    "local.drill.Play": lambda *_: SimpleNamespace(play=lambda: ENDING),
    "look.check.not_so": lambda _: [],
    "look.doctor._after": checked,
    "look.watch._execution_arn": lambda *_: "arn",
    "look.watch._sights": lambda *_: iter([SEEN]),
    "start.send.FileLook": lambda _: SimpleNamespace(as_guessed=lambda: REQUESTS),
    "start.send.in_background": lambda _: nullcontext(CLIENTS),
    "start.send._until_stopped": lambda *_: None,
    "start.trial.bring_up": lambda *_: Arrival(Stack.load(), NOTHING_LOST, [], [], False),
    "start.trial.upload_pipeline": lambda *_: "s3://artifacts/churn/pipeline.yaml",
    "start.trial._play": lambda *_: [{"state": "PROMOTED"}],
    "steer.image.by_docker.is_here": lambda: True,
    "steer.image.by_docker.push": lambda *_: "registry/switchyard-xgboost:1",
    "steer.rollback.champions": lambda *_: Champions(RUN_ID, (CHAMPION,)),
    "steer.rollback.go_back": lambda *_: Champions(CHAMPION, ()),
    "steer.run.retrain": lambda *_: Answer(RUN_ID, "began"),
    "steer.sweep.run_sweep": lambda *_, **__: [],
}
"""What would take a whole stack."""


def has_stack(command: str) -> bool:
    """Whether it knows deployed stacks by --stack; `image push` names one for CloudFormation alone."""
    return command != "image push" and "stack" in {each.name for each in COMMANDS[command].params}


def absent(*_: object) -> NoReturn:
    raise StackError("Stack prod is not there.", "Name another.")


@pytest.fixture(autouse=True)
def folder(stack: Deployed, deployed: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where each command finds what it needs: a settled run, a model, files; nothing is started."""
    deployed.roll_out(RunState.PROMOTED, blocks(8), deployed.snapshot(), "harm is ruled out")
    deployed.write("churn/contract.json", CONTRACT.to_dict())
    deployed.artifacts.write("churn/holdout/holdout.csv", HOLDOUT)
    churn(tmp_path, 1_500)
    (tmp_path / "pipeline.yaml").write_text(
        "name: churn\ntarget: left\nrollout: {requests_per_minute: 3000}\n"
    )
    (tmp_path / "scores.csv").write_text("label,champion,challenger\n" + "1,0.6,0.7\n0,0.4,0.3\n" * 200)
    (tmp_path / "blocks.jsonl").write_text(
        '{"rollout": "r", "metric": "errors", "block": "1", "stage": 0, "n0": 900, "s0": 9, "n1": 100, "s1": 0}\n'
    )
    monkeypatch.setenv("SWITCHYARD_HOME", str(tmp_path / "home"))
    for name in ("plane_url", "ministack_url"):
        monkeypatch.setattr(stack, name, "http://127.0.0.1:1", raising=False)
    monkeypatch.setattr(stack, "keys", None, raising=False)
    monkeypatch.setattr(
        stack, "environment", lambda: {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, raising=False
    )
    for place, value in STAND_INS.items():
        monkeypatch.setattr(f"cli.commands.{place}", value)
    monkeypatch.setattr(Verb, "do", lambda *_: "done")
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
    monkeypatch.setattr("cli.image.target.Target.check", lambda _: None)
    return tmp_path


def called(command: str) -> Result:
    arguments, _ = ANSWERS[command]
    return CliRunner().invoke(app, [*command.split(), *arguments, "--json"], catch_exceptions=False)


def test_every_command_is_called_here() -> None:
    assert set(ANSWERS) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_json(command: str) -> None:
    assert "--json" in {each for parameter in COMMANDS[command].params for each in parameter.opts}


@pytest.mark.parametrize("command", ANSWERS)
def test_standard_output_is_one_json_object(command: str) -> None:
    answer = called(command)
    assert answer.stdout.count("\n") == 1, answer.output
    found = json.loads(answer.stdout, parse_constant=pytest.fail)
    assert ANSWERS[command][1] in found


def test_only_what_is_of_this_machine_knows_no_deployed_stack() -> None:
    here = {"demo", "demo-all", "try", "send", "up", "status", "drill", "env", "down"}
    without_a_stack = {"validate", "evaluate", "plan", "simulate", "replay", "image push"}
    assert {name for name in COMMANDS if not has_stack(name)} == here | without_a_stack


def test_what_is_told_meanwhile_goes_to_standard_error() -> None:
    assert "Next: `switchyard demo`" in called("up").stderr


def test_without_json_people_are_spoken_to_on_standard_output() -> None:
    called("up")
    assert "Next: `switchyard demo`" in CliRunner().invoke(app, ["up"]).stdout


def test_what_is_no_json_is_null() -> None:
    assert json_safe({"a": (float("inf"), float("nan"), 1.5)}) == {"a": [None, None, 1.5]}


@pytest.mark.parametrize("command", sorted(name for name in COMMANDS if has_stack(name)))
def test_a_stack_that_is_not_there_is_refused_alike(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By all commands that know deployed stacks: two lines, exit code 1, nothing on standard output."""
    monkeypatch.setattr(DeployedStack, "load", absent)
    arguments, _ = ANSWERS[command]
    more = ["--upload"] if command == "init" else []
    answer = CliRunner().invoke(app, [*command.split(), *arguments, *more, "--stack", "prod", "--json"])
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "Error: Stack prod is not there." in answer.stderr
    assert "Next: Name another." in answer.stderr
