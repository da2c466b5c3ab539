"""replay, simulate and plan: what they print, and how they refuse."""

import json
import random

import pytest
import typer
from typer.testing import CliRunner

from cli.commands.decide.plan import plan
from cli.commands.decide.replay import replay
from cli.commands.decide.simulate import RULES, simulate
from cli.simulation.experiment import RULES as EVERY_RULE
from tests.rollout.rollouts import stream

app = typer.Typer()
for _command in (plan, replay, simulate):
    app.command()(_command)

POLICY = "alpha: 0.05\nmetrics: {errors: {margin: 0.005, baseline: 0.01}}\ndeadline_requests: 95000\n"


def invoke(*arguments, **kwargs):
    return CliRunner().invoke(app, [str(a) for a in arguments], **kwargs)


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def lines(rollout, blocks):
    return [
        json.dumps({"rollout": rollout, "metric": b.metric, "block": b.block, "stage": b.stage}
                   | {"n0": b.n0, "s0": b.s0, "n1": b.n1, "s1": b.s1})
        for b in blocks
    ]  # fmt: skip


GOOD, BAD, SHORT = stream(60, seed=2), stream(60, challenger=0.05), stream(2)


def replayed(text, policy):
    found = invoke("replay", "--evidence", "-", "--policy", policy, "--json", input="\n".join(text) + "\n")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)["rollouts"]


def test_replay_gives_a_verdict_of_each_rollout(policy):
    mixed = [line for trio in zip(lines("a", GOOD), lines("b", BAD), strict=True) for line in trio]
    found = replayed(mixed + lines("c", SHORT), policy)
    assert [(f["rollout"], f["verdict"]) for f in found] == [
        ("a", "promote"),
        ("b", "rollback"),
        ("c", "continue"),
    ]
    assert {"block", "requests", "challenger_requests", "e_values", "reason"} <= set(found[0])
    assert found[0]["e_values"]["errors"]["promote"] >= 20
    assert found[1]["e_values"]["errors"]["rollback"] >= 20


def test_replay_stops_at_the_look_that_decides(policy):
    found = replayed(lines("b", BAD), policy)[0]
    until = [int(b.block) for b in BAD].index(int(found["block"])) + 1
    assert found["requests"] == 1_000 * until == 1_000 * found["looks"]
    assert found["challenger_requests"] == sum(b.n1 for b in BAD[:until])
    before = replayed(lines("b", BAD[: until - 1]), policy)[0]
    assert before["verdict"] == "continue"


def test_replay_counts_redelivered_lines_once(policy):
    dice = random.Random(6)  # noqa: S311 - the same draws every time
    once = lines("a", GOOD)
    seen = []
    for at, line in enumerate(once):
        seen += [line] * dice.randint(1, 3)
        seen += dice.sample(once[: at + 1], k=min(at + 1, 2))
    assert replayed(seen, policy) == replayed(once, policy)


def test_replay_judges_the_metrics_of_a_block_together(tmp_path):
    policy = tmp_path / "two.yaml"
    policy.write_text("metrics: {errors: {margin: 0.005}, latency: {margin: 0.005}}\n")
    pairs = zip(lines("a", GOOD), lines("a", stream(60, seed=3, metric="latency")), strict=True)
    found = replayed([line for pair in pairs for line in pair], policy)[0]
    assert found["verdict"] == "promote"
    assert found["looks"] == found["requests"] / 1_000


def test_replay_keeps_the_champion_at_the_deadline(tmp_path):
    policy = tmp_path / "hasty.yaml"
    policy.write_text("deadline_requests: 2000\n")
    found = replayed(lines("c", GOOD), policy)[0]
    assert (found["verdict"], found["requests"]) == ("inconclusive", 2_000)


def test_replay_checks_the_split_only_when_the_steps_are_known(tmp_path, policy):
    even = lines("e", stream(60, seed=2, weight=0.5))
    declared = tmp_path / "steps.yaml"
    declared.write_text(POLICY + "steps: [10, 25, 50]\n")
    assert replayed(even, policy)[0]["verdict"] == "promote"
    assert replayed(even, declared)[0]["reason"].startswith("split: ")


def test_replay_reads_a_file_and_prints_a_table(tmp_path, policy):
    evidence = tmp_path / "evidence.jsonl"
    evidence.write_text("\n".join(lines("a", GOOD)))
    found = invoke("replay", "--evidence", evidence, "--policy", policy)
    assert found.exit_code == 0
    assert "promote" in found.stdout


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n0": -1}, "line 2: n0: must be finite and not negative"),
        ({"s1": float("nan")}, "line 2: s1: must be finite"),
        ({"s1": 1_001}, "line 2: s1: sum of losses 1001 exceeds"),
        ({"n1": 1.5}, "line 2: n1: must be a whole number"),
        ({"n1": "ten"}, "line 2: n1: must be a number"),
        ({"n1": True}, "line 2: n1: must be a number"),
        ({"stage": -1}, "line 2: stage: must be 0 or more"),
        ({"metric": "cpu"}, "line 2: metric: 'cpu' is not in the policy, which declares: errors"),
    ],
)
def test_replay_refuses_bad_evidence_by_line_and_field(policy, change, message):
    text = lines("a", GOOD[:2])
    text[1] = json.dumps(json.loads(text[1]) | change)
    found = invoke("replay", "--policy", policy, "--json", input="\n".join(text))
    assert found.exit_code == 2
    assert message in found.stderr
    assert "Next:" in found.stderr
    assert found.stdout == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "line 1: is not JSON"), ("[]", "line 1: must be"), ("{}", "line 1: rollout: is missing")],
)
def test_replay_refuses_lines_that_are_no_blocks(policy, text, message):
    found = invoke("replay", "--policy", policy, input=text)
    assert found.exit_code == 2
    assert message in found.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("alpha: 0.6", "policy: alpha: must lie"),
        ("metrics: {errors: {margin: 0}}", "policy: metrics.errors.margin: must lie"),
        ("- 1", "must be a mapping"),
        ("a: [", "is not YAML"),
    ],
)
def test_replay_refuses_policies_by_field(tmp_path, text, message):
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    found = invoke("replay", "--policy", path, input="")
    assert found.exit_code == 2
    assert message in found.stderr


def test_a_pipeline_without_a_rollout_part_has_the_default_one(tmp_path):
    path = tmp_path / "pipeline.yaml"
    path.write_text("name: digits\ntarget: label\n")
    assert replayed(lines("a", GOOD), path)[0]["verdict"] == "promote"


def test_missing_files_are_named():
    for arguments in (("--policy", "nowhere.yaml"), ("--evidence", "nowhere.jsonl")):
        found = invoke("replay", *arguments, input="")
        assert found.exit_code == 2
        assert "nowhere" in found.stderr


def test_simulate_gives_figures_of_each_rule():
    found = invoke("simulate", "--challenger", 0.05, "--runs", 20, "--ramp", "fixed",
                   "--rule", "switchyard", "--rule", "flagger", "--json")  # fmt: skip
    assert found.exit_code == 0, found.output
    ours, flagger = json.loads(found.stdout)["rules"]
    assert ours["rolled_back"] == flagger["rolled_back"] == 1.0
    assert ours["mean_challenger"] < flagger["mean_challenger"] / 3


def test_simulate_prints_a_table(policy):
    found = invoke("simulate", "--policy", policy, "--runs", 5, "--challenger", 0.1)
    assert found.exit_code == 0, found.output
    assert "switchyard" in found.stdout


def test_simulate_lists_every_rule_there_is():
    assert ", ".join(EVERY_RULE) == RULES


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rule", "dice"), "rule: 'dice' is unknown"),
        (("--challenger", "1.5"), "a loss rate leaves"),
        (("--rule", "flagger"), "cannot drive a ramp by evidence"),
    ],
)
def test_simulate_refuses_by_option(arguments, message):
    found = invoke("simulate", "--runs", 1, *arguments)
    assert found.exit_code == 2
    assert message in found.stderr


def test_plan_tells_time_exposure_and_money(policy):
    found = invoke("plan", policy, "--requests-per-minute", 600, "--json")
    assert found.exit_code == 0, found.output
    cases = json.loads(found.stdout)["rollout"]
    assert [case["title"] for case in cases] == ["no difference", "at the margin", "twice the margin"]
    assert all(case["expected_minutes"] * 600 == pytest.approx(case["expected_requests"]) for case in cases)


def test_plan_refuses_what_cannot_end_in_time(policy):
    found = invoke("plan", policy, "--requests-per-minute", 2)
    assert found.exit_code == 1
    assert "2,880 will have come by the deadline at 2 a minute" in found.stderr
    assert "no difference" in found.stdout
    assert "Deadline: 24.0 h, 2,880 requests" in found.stdout


def test_plan_of_a_batch_model_tells_its_money_and_no_requests():
    found = invoke("plan", "examples/batch-paired/pipeline.yaml", "--requests-per-minute", 600, "--json")
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert told["rollout"] == []
    assert "training" in [part["what"] for part in told["cost"]["expected"]["parts"]]


PIPELINE = "name: m\ntarget: y\ntraining: {max_runtime_seconds: 3600}\n"


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """No stack runs."""
    monkeypatch.setenv("SWITCHYARD_HOME", str(tmp_path / "home"))
    return tmp_path


def planned(folder, text, *more):
    (folder / "pipeline.yaml").write_text(text)
    return invoke("plan", folder / "pipeline.yaml", *more)


def test_plan_tells_what_a_run_costs_part_by_part(alone):
    found = json.loads(planned(alone, PIPELINE, "--json").stdout)["cost"]
    assert {part["what"] for part in found["expected"]["parts"]} == {"training", "alpha endpoint", "rollout"}
    assert found["expected"]["usd"] == pytest.approx(0.115 * (1 + 0.5 + 24), abs=1e-6)
    assert found["spent_usd"] is None


def test_plan_refuses_what_the_budget_would(alone):
    found = planned(alone, PIPELINE + "budget: {monthly_usd: 1}\n")
    assert found.exit_code == 1
    assert "$2.93 expected" in found.stderr
    assert "What is spent this month is not known" in found.stdout


def test_plan_shortens_the_rollout_by_the_traffic_that_is_given(alone):
    found = planned(alone, PIPELINE, "--requests-per-minute", "3000", "--json")
    parts = {p["what"]: p["seconds"] for p in json.loads(found.stdout)["cost"]["expected"]["parts"]}
    assert parts["rollout"] < 3600


def test_plan_takes_the_owner_s_prices_for_the_rollout_and_the_run(alone):
    own = {
        "region": "us-east-1",
        "date": "2026-11",
        "source": "ours",
        "hourly": {"hosting": {"ml.m5.large": 1.15}},
    }
    (alone / "prices.json").write_text(json.dumps(own))
    more = ("--requests-per-minute", "3000", "--json")
    dear = json.loads(planned(alone, PIPELINE, *more, "--prices", alone / "prices.json").stdout)
    usual = json.loads(planned(alone, PIPELINE, *more).stdout)
    assert dear["rollout"][0]["expected_dollars"] == pytest.approx(
        10 * usual["rollout"][0]["expected_dollars"]
    )
    assert dear["cost"]["expected"]["usd"] > usual["cost"]["expected"]["usd"]


def test_plan_says_which_type_has_no_price(alone):
    text = PIPELINE + "deployment: {instance_type: ml.m4.xlarge}\n"
    found = planned(alone, text, "--requests-per-minute", "3000")
    assert "no price of ml.m4.xlarge for hosting" in found.stdout
    assert found.stdout.count("no price") > 3


def test_plan_wants_the_traffic_of_a_policy_file(policy):
    found = invoke("plan", policy)
    assert (found.exit_code, "--requests-per-minute" in found.stderr) == (2, True)
