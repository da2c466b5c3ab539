"""The pages of a run: its graph and states, evidence while it grows, and the parts of its report."""

import json
import re

import pytest

from cli.report.words import TITLES
from switchyard.core.batch_drop import Batch
from switchyard.core.run import RunState
from tests.cli.judged_runs import judged_evaluation
from tests.cli.settled_runs import BEGAN, CHAMPION, RUN, RUN_ID, blocks
from tests.console.histories import MACHINE, START, TOKEN, History
from tests.console.rollouts import rollout
from tests.console.site import Site
from tests.console.site_pages import ADDRESS, pages
from tests.fakes.store import Clock


def test_a_run_under_way_shows_graph_children_and_payloads(stack: Site) -> None:
    stack.run_under_way(RUN)
    text = pages(stack).get(ADDRESS).text
    for state in ("Train", "Score", "Chunk", "IsBetter", "Rollout", "Rejected", "JudgeWindow", "Promoted"):
        assert len(re.findall(rf'id="box-[^"]*-{state}"', text)) == 1, state
    assert 'class="box good"' in text
    assert re.search(r'class="box warn open"\s*>\s*<title>JudgeWindow \(Task\): waiting', text)
    assert 'id="execution-switchyard-rollout-' in text
    assert "&#34;run_id&#34;" in text
    assert "TOKEN-OF-A-TASK" not in text


TRAIN = f"{ADDRESS}/states/switchyard-retrain-{RUN_ID}/Train"
JUDGE = f"{ADDRESS}/states/switchyard-rollout-{RUN_ID}/JudgeWindow"
FUNCTIONS = "/switchyard/switchyard/functions"


def test_every_state_of_every_graph_has_a_page(stack: Site) -> None:
    stack.run_under_way(RUN)
    client = pages(stack)
    links = set(re.findall(rf'href="({ADDRESS}/states/[^"]+)"', client.get(ADDRESS).text))
    assert {TRAIN, JUDGE} < links
    assert len(links) == 8
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200
        assert answer.text.count("<h1>") == 1


def test_a_state_shows_input_output_and_what_was_printed_meanwhile(stack: Site) -> None:
    stack.run_under_way(RUN)
    history = History(chained=True).begin()
    history.enter("Train", text=json.dumps({"rows": 1234, "token": "TOKEN-OF-A-TASK"}))
    history.schedule(TOKEN)
    history.succeed()
    history.exit("Train", text='{"artifact": "model.tar.gz"}')
    stack.recorded.record("retrain", RUN_ID, history, MACHINE, "RUNNING")
    began = int(START.timestamp() * 1000)
    stack.recorded.logs = {
        FUNCTIONS: [("f", began - 60_000, "long before"), ("f", began + 2000, "asked for a training job")],
        "/aws/sagemaker/TrainingJobs": [(f"switchyard-{RUN_ID}/algo-1", began + 3000, "epoch 1: <loss> 0.4")],
    }
    text = pages(stack).get(TRAIN).text
    for said in (
        "&#34;rows&#34;: 1234",
        "model.tar.gz",
        "asked for a training job",
        "epoch 1: &lt;loss&gt; 0.4",
    ):
        assert said in text
    for hidden in ("TOKEN-OF-A-TASK", "long before"):
        assert hidden not in text


def test_a_state_without_a_log_or_whose_log_cannot_be_read_says_so(stack: Site) -> None:
    stack.run_under_way(RUN)
    client, clock = pages(stack, clock := Clock()), clock
    assert "Nothing of the run was printed while it was there" in client.get(TRAIN).text
    stack.recorded.is_down = True
    clock.pass_(1.0)
    assert "Could not connect" in client.get(TRAIN).text


def test_a_state_that_was_not_reached_says_so(stack: Site) -> None:
    stack.run_under_way(RUN)
    assert "It was not reached." in pages(stack).get(TRAIN.replace("Train", "Rejected")).text


@pytest.mark.parametrize(
    "address", [f"{TRAIN}x", TRAIN.replace("retrain", "other"), TRAIN.replace(RUN_ID, "x")]
)
def test_there_is_no_other_state(stack: Site, address: str) -> None:
    stack.run_under_way(RUN)
    assert pages(stack).get(address).status_code == 404


def test_plots_grow_with_the_evidence(stack: Site) -> None:
    rollout(stack)
    client, clock = pages(stack, clock := Clock()), clock
    first = client.get(ADDRESS).text
    for title in ("Traffic", "Requests", "Evidence that it does no harm", "Evidence that it is worse"):
        assert f'role="img" aria-label="{title}"' in first
    stack.desk.ledger.save_blocks(RUN_ID, blocks(30))
    stack.desk.ledger.save_rollout(RUN_ID, {"window": 30})
    clock.pass_(1.0)
    assert picture(client.get(ADDRESS).text) != picture(first)


def picture(page: str) -> str:
    """The plot of the evidence for promotion."""
    return page.split('aria-label="Evidence that it does no harm">')[1].split("</svg>")[0]


def test_evidence_is_shown_against_its_thresholds_while_the_rollout_runs(stack: Site) -> None:
    stack.run_under_way(RUN)
    snapshots = stack.desk.snapshot(rollout={"metrics": {"errors": {"margin": 0.02}}})
    stack.desk.ledger.save_rollout(
        RUN_ID, {"champion": CHAMPION, "trail": f'[{{"at": {BEGAN}, "stage": 0, "weight": 10.0}}]'}
    )
    client, clock = pages(stack, clock := Clock()), clock
    assert "No evidence was collected" in client.get(ADDRESS).text
    stack.desk.ledger.save_blocks(RUN_ID, blocks(8))
    stack.desk.ledger.save_rollout(RUN_ID, {"window": 8})
    clock.pass_(1.0)
    text = client.get(ADDRESS).text
    assert "0 of 800" in text
    assert "72 of 7,200" in text
    assert "Evidence that it does no harm" in text
    assert snapshots.rollout.metrics["errors"].margin == 0.02


def test_every_state_a_run_can_be_in_has_its_page(stack: Site) -> None:
    for state in TITLES:
        stack.desk.decide(state, f"because {state}")
        assert f"because {state}" in pages(stack).get(ADDRESS).text, state
        stack.desk.items.delete("MODEL#digits", f"RUN#{RUN_ID}")


def test_a_batch_drop_shows_its_transform(stack: Site) -> None:
    batch = Batch(
        "digits", "digits-batch-1", "ab" * 32, "s3://data/digits/batch/a.csv", CHAMPION, "model", "0" * 64
    )
    stack.desk.ledger.create_batch(batch, BEGAN)
    stack.desk.upload(RunState.RUNNING, "", batch.batch_id, batch.source)
    history = History(chained=False).begin()
    history.enter("Train")
    stack.recorded.record("transform", batch.batch_id, history, MACHINE, "RUNNING")
    text = pages(stack).get(f"/models/digits/runs/{batch.batch_id}").text
    assert "batch/a.csv" in text
    assert "switchyard-transform" in text


def test_report_and_record_of_a_settled_run_are_linked_and_there(stack: Site) -> None:
    stack.desk.decide(RunState.REJECTED, "it is worse")
    stack.recorded.record(
        "retrain", RUN_ID, History(chained=True).begin().task("Train").ended(), MACHINE, "SUCCEEDED"
    )
    client = pages(stack)
    text = client.get(ADDRESS).text
    for name in ("report", "record"):
        assert f'href="{ADDRESS}/{name}"' in text
    report, record = client.get(f"{ADDRESS}/report"), client.get(f"{ADDRESS}/record")
    assert "it is worse" in report.text
    assert report.headers["content-security-policy"].startswith("default-src 'none'")
    assert record.json()["state"] == "REJECTED"


def test_a_run_shows_the_parts_of_its_report(stack: Site) -> None:
    evaluation = judged_evaluation("binary")
    frozen = stack.desk.snapshot()
    stack.desk.roll_out(RunState.ROLLED_BACK, blocks(8, 30), frozen, evaluation=evaluation)
    stack.desk.differ()
    client = pages(stack)
    text, report = (sections(client.get(address).text) for address in (ADDRESS, f"{ADDRESS}/report"))
    parts = ("rollout", "gate", "holdout", "importance", "data-diff")
    assert {part: text[part] for part in parts} == {part: report[part] for part in parts}
    for part, said in {
        "rollout": "Evidencethatitisworse",
        "gate": "accuracy:difference",
        "holdout": "ROCofbothmodels",
        "importance": "Importanceofcolumns",
        "data-diff": "&#39;job&#39;ismissingin31.0%oftherows",
    }.items():
        assert said in text[part]
    for part in parts[1:]:
        assert f'href="#{part}"' in client.get(ADDRESS).text


def sections(page: str) -> dict[str, str]:
    """The parts of a page by their id, without white space."""
    return dict(re.findall(r'<sectionid="([^"]+)">(.*?)</section>', re.sub(r"\s+", "", page)))


def test_gate_and_data_are_there_as_soon_as_they_are_known(stack: Site) -> None:
    stack.run_under_way(RUN)
    client = pages(stack, clock := Clock())
    assert "Offline gate" not in client.get(ADDRESS).text
    stack.desk.write(f"digits/evaluations/{RUN_ID}/evaluation.json", judged_evaluation("binary"))
    clock.pass_(60)
    text = client.get(ADDRESS).text
    for said in ("Offline gate", "ROC of both models"):
        assert said in text
