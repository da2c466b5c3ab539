"""The report of a run: what each kind of end shows, that nothing from outside gets through, and the command."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

import cli.commands.report
from cli.executions import State
from cli.ledger import Line
from cli.main import app
from cli.report import words
from cli.report.facts import Facts, Sources, gate_of
from cli.report.looks import INTERVALS_SHOWN, LOOKS_SHOWN, look_back
from cli.report.page import render
from cli.report.rollout import rollout_view
from switchyard.adapters.items import DynamoItems
from switchyard.adapters.storage import S3Storage
from switchyard.domain.evidence import Evidence
from switchyard.domain.policy import MetricPolicy, RolloutPolicy
from switchyard.domain.run import RunState
from switchyard.domain.verdict import judge
from tests.cli.settled_runs import BEGAN, CHAMPION, RUN_ID, SOURCE, Desk, blocks, gate
from tests.contract.cloudformation import resources
from tests.fakes.store import MemoryItems, MemoryStorage

HOSTILE = '<script>alert("x")</script>'
LINE = Line("digits", SOURCE, "RUNNING", "", RUN_ID, "2027-01-15T08:00:00+00:00", "")
NEVER_STARTED = [RunState.SUPERSEDED, RunState.WAITING, RunState.ADMITTED]


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryItems(), MemoryStorage("artifacts"))


def facts_of(desk: Desk, state: RunState = RunState.RUNNING, visits: tuple[State, ...] = ()) -> Facts:
    sources = Sources(desk.artifacts, desk.ledger, lambda _: visits)
    return sources.facts(replace(LINE, state=state.value, reason="because"))


def titles(page: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page)


def pictures(page: str) -> int:
    return page.count("<svg")


class Elements(HTMLParser):
    """Names and attributes of all elements, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


# what each end shows


def test_a_promoted_run_shows_everything(desk: Desk) -> None:
    frozen = desk.snapshot(hyperparameters={"eta": 0.2}, rollout={"metrics": {"errors": {"margin": 0.02}}})
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    page = render(facts_of(desk))
    assert titles(page) == ["Champion", "Dataset", "Training", "Offline gate", "Live rollout", "Timeline"]
    assert pictures(page) == 8
    text = Elements(page).text
    for said in ("Promoted", f"took the place of {CHAMPION}", "1,234", "eta", "0 of 800", "72 of 7,200"):
        assert said in text


def test_a_rejected_run_ends_with_the_gate(desk: Desk) -> None:
    desk.snapshot()
    evaluation = {"champion": CHAMPION, "artifact_sha256": "12" * 32, "gate": gate("fail", harm=0.3)}
    desk.decide(RunState.REJECTED, "accuracy: worse by 0.3", evaluation=evaluation)
    page = render(facts_of(desk))
    assert "Live rollout" not in titles(page)
    assert pictures(page) == 2
    assert f"never saw a live request. Live stays {CHAMPION}" in page
    assert "accuracy: worse by 0.3" in page


def test_a_rolled_back_run_gives_the_traffic_back_at_the_end(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.ROLLED_BACK, blocks(4, errors=30), frozen)
    facts = facts_of(desk)
    page = render(facts)
    assert "Rolled back" in page
    assert f"All traffic went back to {CHAMPION}" in page
    assert "rollback" in facts.last_look["outcome"]


def test_an_inconclusive_gate_has_no_rollout(desk: Desk) -> None:
    desk.snapshot()
    few = {
        "outcome": "not_enough_data",
        "reason": "12 holdout rows, at least 200 are needed",
        "rows": 12,
        "figures": [],
    }
    desk.decide(RunState.INCONCLUSIVE, evaluation={"champion": CHAMPION, "gate": few})
    page = render(facts_of(desk))
    assert "12 holdout rows, at least 200 are needed" in page
    assert pictures(page) == 0


def test_a_first_deployment_says_that_there_was_nothing_to_compare_with(desk: Desk) -> None:
    desk.snapshot()
    alone: dict[str, Any] = {"champion": None, "harm": None, "harm_interval": None, "margin": None}
    desk.decide(
        RunState.PROMOTED,
        evaluation={"champion": "", "artifact_sha256": "12" * 32, "gate": gate(**alone)},
        weights=[{"at": BEGAN, "stage": 0, "weight": 100.0}],
        champion={"run_id": RUN_ID},
    )
    page = render(facts_of(desk))
    assert "no champion to compare with" in page
    assert "It is the first model of digits" in page
    assert pictures(page) == 1


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.ABORTED])
def test_a_run_that_broke_in_training_has_neither_gate_nor_rollout(desk: Desk, state: RunState) -> None:
    desk.snapshot()
    desk.decide(state, "AlgorithmError: no such column", evaluation={}, champion=None)
    facts = facts_of(desk)
    page = render(facts)
    assert titles(page) == ["Champion", "Dataset", "Training", "Timeline"]
    assert [(stop.name, stop.said) for stop in words.stops(facts)][1:] == [
        ("Training", "stopped before its end"),
        ("Offline gate", "not reached"),
        ("Live rollout", "not reached"),
    ]


@pytest.mark.parametrize("state", NEVER_STARTED)
def test_a_run_that_never_began_has_its_dataset(desk: Desk, state: RunState) -> None:
    desk.snapshot()
    desk.admit(state)
    page = render(facts_of(desk, state))
    assert "v2.csv" in page
    assert words.title(state)[1] in page


def test_an_upload_that_was_refused_has_only_its_reason(desk: Desk) -> None:
    refused = Line("digits", SOURCE, "INVALID", "row 3: 'x' is not a number", "", "", "")
    page = render(Sources(desk.artifacts, desk.ledger).facts(refused))
    assert titles(page) == ["Dataset"]
    assert "row 3: &#39;x&#39; is not a number" in page
    assert "Invalid dataset" in page


@pytest.mark.parametrize("state", RunState)
def test_every_state_has_a_page_that_says_it(state: RunState) -> None:
    page = render(Facts("digits", RUN_ID, SOURCE, state, "because"))
    mark, title = words.title(state)
    assert f'<span aria-hidden="true">{mark}</span> {title}' in page
    assert words.summary(Facts("digits", RUN_ID, SOURCE, state, "because")) in page


def test_a_rollout_under_way_is_shown_from_the_ledger_alone(desk: Desk) -> None:
    desk.snapshot()
    desk.admit(RunState.RUNNING, "")
    trail = json.dumps([{"at": BEGAN, "stage": 0, "weight": 10.0}])
    desk.ledger.save_rollout(RUN_ID, {"trail": trail, "champion": CHAMPION})
    desk.ledger.save_blocks(RUN_ID, blocks(3))
    facts = facts_of(desk)
    assert facts.was_live_beside
    assert "Under way (running)" in render(facts)
    assert pictures(render(facts)) == 6


def test_lost_blocks_leave_the_recorded_figures(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    page = render(replace(facts_of(desk), blocks=()))
    assert "blocks of evidence of this run cannot be found" in page
    assert "0 of 800" in Elements(page).text


def test_a_lost_pipeline_leaves_traffic_and_the_recorded_figures(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    page = render(replace(facts_of(desk), pipeline=None))
    assert "The pipeline of this run cannot be found" in page
    assert "0 of 800" in Elements(page).text
    assert "Training" not in titles(page)


def test_blocks_that_differ_from_what_was_decided_on_are_pointed_out(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    facts = facts_of(desk)
    agreeing, fewer = rollout_view(facts), rollout_view(replace(facts, blocks=facts.blocks[:4]))
    assert agreeing is not None
    assert fewer is not None
    assert agreeing.note == ""
    assert "differ from what was decided on" in fewer.note
    assert fewer.metrics == agreeing.metrics


def test_slices_and_figures_without_a_number_are_shown(desk: Desk) -> None:
    desk.snapshot()
    whole = gate()
    sliced = gate("fail", slice="country=DE", champion=0.9)["figures"]
    unknown = gate("not_enough_data", metric="auc", challenger=math.nan, interval=[math.nan, math.nan])[
        "figures"
    ]
    unknown[0] |= {"champion": None, "floor": None, "harm": None, "harm_interval": None, "margin": None}
    whole["figures"] += sliced + unknown
    desk.decide(RunState.REJECTED, evaluation={"champion": CHAMPION, "gate": whole})
    page = render(facts_of(desk))
    assert "accuracy in country=DE" in page
    assert page.count("country=DE") == 2
    assert pictures(page) == 2
    assert ">nan<" not in page


# the evidence


def test_the_last_look_is_the_verdict_itself() -> None:
    policy = RolloutPolicy()
    found = blocks(300)
    looks = look_back(reversed(found), policy, BEGAN)
    assert looks[-1].verdict.metrics == judge(Evidence(tuple(found), 0, 0.0), policy).metrics
    assert len(looks) == LOOKS_SHOWN + 1
    assert sum(look.has_intervals for look in looks) == INTERVALS_SHOWN


def test_every_look_is_the_verdict_on_the_blocks_until_then() -> None:
    policy, found = RolloutPolicy(), blocks(6, errors=2)
    looks = look_back(found, policy, BEGAN)
    assert [look.at for look in looks] == [0, 10, 20, 30, 40, 50, 60]
    for count, look in enumerate(looks[1:], start=1):
        until_then = judge(Evidence(tuple(found[:count]), 0, 0.0), policy)
        assert look.metric("errors") == until_then.metrics[0]


def test_the_mean_of_all_metrics_is_what_rolls_back() -> None:
    policy = RolloutPolicy(metrics={"errors": MetricPolicy(0.01), "slow": MetricPolicy(0.01)})
    found = blocks(2, errors=30) + blocks(2, metric="slow")
    last = look_back(found, policy, BEGAN)[-1]
    worse, fine = (last.metric(name).log_e_rollback for name in ("errors", "slow"))
    assert last.mean_rollback == pytest.approx(math.log((math.exp(worse) + math.exp(fine)) / 2))
    assert last.verdict.outcome == "rollback"


def test_metrics_that_the_policy_does_not_have_are_left_out() -> None:
    assert look_back(blocks(2, metric="cpu"), RolloutPolicy(), BEGAN) == []


def test_blocks_without_a_time_are_counted() -> None:
    counted = [replace(block, block=f"batch-{k}") for k, block in enumerate(blocks(3))]
    assert [look.at for look in look_back(counted, RolloutPolicy(), BEGAN)] == [0, 1, 2, 3]


def test_blocks_without_a_time_are_drawn_on_an_axis_of_their_own(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(
        RunState.PROMOTED, [replace(b, block=f"batch-{k}") for k, b in enumerate(blocks(3))], frozen
    )
    page = render(facts_of(desk))
    assert "blocks of evidence" in page
    assert "seconds since the rollout began" not in page.partition("Requests.")[2]


@pytest.mark.parametrize(("seconds", "unit"), [(10, "seconds"), (100, "minutes"), (2000, "hours")])
def test_time_is_shown_in_a_unit_that_reads_well(desk: Desk, seconds: int, unit: str) -> None:
    frozen = desk.snapshot()
    begun = int(BEGAN)
    spread = [replace(b, block=str(begun + seconds * k)) for k, b in enumerate(blocks(8))]
    desk.roll_out(RunState.PROMOTED, spread, frozen)
    facts = replace(facts_of(desk), last_look={})
    assert f"{unit} since the rollout began" in render(facts)


# words


def test_the_timeline_is_in_order_and_leaves_branches_out(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    entered = datetime.fromtimestamp(BEGAN - 30, UTC)
    visits = (
        State("StartTraining", entered, 12.0),
        State("IsBetter", entered, 0.001),
        State("X", entered, 1, True),
    )
    events = words.timeline(facts_of(desk, visits=visits))
    assert [event.at for event in events] == sorted(event.at for event in events)
    said = [event.what for event in events]
    assert "StartTraining" in said
    assert "X (an error left it)" in said
    assert "IsBetter" not in said
    assert said[-1] == "Promoted: the record was closed"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(4.21, "4.2 s"), (185, "3 min 5 s"), (7_800, "2 h 10 min"), (3 * 86_400 + 7_300, "3 d 2 h")],
)
def test_durations_read_in_two_units(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_a_duration_is_only_told_when_it_is_one() -> None:
    made_anew = Facts("digits", RUN_ID, SOURCE, RunState.PROMOTED, "", started_at=20.0, settled_at=10.0)
    assert words.took(made_anew) == ""
    assert words.took(replace(made_anew, settled_at=25.0)) == "5.0 s"


# nothing from outside gets through, nothing is fetched


def hostile_page(desk: Desk) -> str:
    policy = RolloutPolicy(metrics={HOSTILE: MetricPolicy(0.02)})
    frozen = desk.snapshot(columns=("y", HOSTILE), hyperparameters={HOSTILE: HOSTILE})
    desk.roll_out(RunState.PROMOTED, blocks(4, metric=HOSTILE), replace(frozen, rollout=policy), HOSTILE)
    facts = facts_of(desk)
    assert facts.pipeline is not None
    hostile = gate(metric=HOSTILE, reason=HOSTILE, slice="")
    hostile["figures"] += gate(metric=HOSTILE, slice=HOSTILE)["figures"]
    named = {**facts.manifest, "files": [{"name": HOSTILE, "size": 1, "sha256": HOSTILE, "rows": 1}]}
    shown = replace(
        facts, source=f"s3://data/{HOSTILE}", manifest=named, pipeline=replace(facts.pipeline, rollout=policy),
        champion_before=HOSTILE, champion_after=HOSTILE, gate=gate_of(hostile),
        states=(State(HOSTILE, datetime.fromtimestamp(BEGAN, UTC), 1.0),),
    )  # fmt: skip
    return render(shown)


def test_no_text_from_outside_becomes_markup(desk: Desk) -> None:
    page = hostile_page(desk)
    found = Elements(page)
    assert "script" not in found.names
    assert page.count("&lt;script&gt;") > 15
    assert HOSTILE in found.text
    assert not any(name.startswith("on") for name, _ in found.attributes)


def test_the_page_fetches_nothing(desk: Desk) -> None:
    found = Elements(hostile_page(desk))
    assert not found.names & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "image",
        "use",
        "base",
        "form",
    }
    assert not {name for name, _ in found.attributes} & {"src", "href", "xlink:href", "action", "srcset"}
    urls = {value for _, value in found.attributes if value and "url(" in value}
    assert all(value.startswith("url(#") for value in urls)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in found.attributes


def test_no_two_plots_share_an_id(desk: Desk) -> None:
    page = hostile_page(desk)
    ids, used = re.findall(r' id="([^"]+)"', page), set(re.findall(r"url\(#([^)]+)\)", page))
    assert used
    assert used <= set(ids)
    assert len(ids) == len(set(ids))


def test_plots_follow_the_theme_of_the_page(desk: Desk) -> None:
    frozen = desk.snapshot()
    desk.roll_out(RunState.PROMOTED, blocks(8), frozen)
    page = render(facts_of(desk))
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]+|black|white)"', drawn)) == set()
    used = set(re.findall(r"var\((--[a-z]+)\)", drawn))
    declared = re.findall(r"(--[a-z]+): #", page)
    assert used
    assert all(declared.count(name) == 2 for name in used)  # light and dark


# the command


@dataclass
class Deployed:
    """A running stack, as the command sees it; its services are moto's."""

    clients: dict[str, Any]

    def client(self, service: str) -> Any:
        return self.clients[service]

    def output(self, name: str) -> str:
        machine = "arn:aws:states:us-east-1:000000000000:stateMachine:switchyard-retrain"
        return {"LedgerTableName": "ledger", "ArtifactBucketName": "artifacts", "RetrainMachineArn": machine}[
            name
        ]


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        clients = {name: boto3.client(name, "us-east-1") for name in ("s3", "dynamodb", "stepfunctions")}
        clients["s3"].create_bucket(Bucket="artifacts")
        table = resources("AWS::DynamoDB::Table")["LedgerTable"]
        keys = {key: table[key] for key in ("AttributeDefinitions", "KeySchema", "BillingMode")}
        clients["dynamodb"].create_table(TableName="ledger", **keys)
        monkeypatch.setattr(cli.commands.report.Stack, "load", lambda: Deployed(clients))
        yield Desk(DynamoItems(clients["dynamodb"], "ledger"), S3Storage(clients["s3"], "artifacts"))


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["report", *(str(argument) for argument in arguments)])


def test_the_newest_run_that_is_over_is_written_under_its_own_name(deployed: Desk, tmp_path: Path) -> None:
    frozen = deployed.snapshot()
    deployed.roll_out(RunState.PROMOTED, blocks(4), frozen)
    deployed.upload(RunState.WAITING, run_id="digits-eeeeeeeeeeee", source="s3://data/digits/train/v3.csv")
    answer = call()
    assert answer.exit_code == 0, answer.output
    assert "PROMOTED" in answer.output
    page = (tmp_path / f"{RUN_ID}.html").read_text()
    assert "Live rollout" in titles(page)


@pytest.mark.parametrize("wanted", [RUN_ID, SOURCE, "train/v2.csv"])
def test_a_run_is_found_by_its_id_and_by_its_dataset(deployed: Desk, tmp_path: Path, wanted: str) -> None:
    deployed.decide(RunState.REJECTED)
    answer = call(wanted, "--output", tmp_path / "why.html")
    assert answer.exit_code == 0, answer.output
    assert "Rejected" in (tmp_path / "why.html").read_text()


def test_a_run_that_the_ledger_lost_is_found_in_the_bucket(deployed: Desk, tmp_path: Path) -> None:
    deployed.decide(RunState.REJECTED)
    for item in deployed.items.query("MODEL#digits"):
        deployed.items.delete("MODEL#digits", str(item["sk"]))
    assert call(RUN_ID).exit_code == 0
    assert "Rejected" in (tmp_path / f"{RUN_ID}.html").read_text()


def test_a_refused_upload_is_written_under_the_name_of_its_dataset(deployed: Desk, tmp_path: Path) -> None:
    deployed.upload(RunState.INVALID, "row 3", run_id="", source="s3://data/digits/train/../v 2;.csv")
    answer = call()
    assert answer.exit_code == 0, answer.output
    assert [path.name for path in tmp_path.glob("*.html")] == ["data-digits-train-..-v-2-.csv.html"]


def test_what_is_not_there_is_said(deployed: Desk) -> None:
    nothing = call()
    assert nothing.exit_code == 1
    assert "Nothing was uploaded yet." in nothing.stderr
    unknown = call("digits-000000000000")
    assert unknown.exit_code == 2
    assert "`switchyard runs` lists what there is." in unknown.stderr


def test_a_place_that_cannot_be_written_to_is_said(deployed: Desk, tmp_path: Path) -> None:
    deployed.decide(RunState.REJECTED)
    answer = call(RUN_ID, "--output", tmp_path / "nowhere" / "why.html")
    assert answer.exit_code == 1
    assert "Name another place with --output." in answer.stderr


def test_the_report_is_opened_when_asked(
    deployed: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(cli.commands.report.webbrowser, "open", opened.append)
    deployed.decide(RunState.REJECTED)
    assert call(RUN_ID, "--output", tmp_path, "--open").exit_code == 0
    assert opened == [(tmp_path / f"{RUN_ID}.html").as_uri()]
