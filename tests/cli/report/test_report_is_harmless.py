"""Nothing from outside gets through to the report, nothing is fetched, and no plot disturbs another."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from cli.records.executions import State
from cli.report.facts import gate_of
from cli.report.page import render
from switchyard.core.policy import MetricPolicy, RolloutPolicy
from switchyard.core.run import RunState
from switchyard.evaluation.rules.performance import performance_of
from switchyard.stats.paired import PairedSums
from switchyard.training.rules.dataset_diff import ColumnChange, DatasetDiff
from tests.cli.pages import Elements, facts_of
from tests.cli.settled_runs import BEGAN, Desk, blocks, gate
from tests.evaluation.test_gate import rows as binary_rows

HOSTILE = '<script>alert("x")</script>'


def hostile_page(desk: Desk) -> str:
    policy = RolloutPolicy(metrics={HOSTILE: MetricPolicy(0.02)})
    frozen = desk.snapshot(
        columns=("y", HOSTILE), training={"image": "own:1", "hyperparameters": {HOSTILE: HOSTILE}}
    )
    desk.roll_out(RunState.PROMOTED, blocks(4, metric=HOSTILE), replace(frozen, rollout=policy), HOSTILE)
    facts = facts_of(desk)
    assert facts.pipeline is not None
    named_so = {"metric": HOSTILE, "kind": "accuracy", "title": HOSTILE}
    hostile = gate(**named_so, reason=HOSTILE, slice="")
    hostile["figures"] += gate(**named_so, slice=HOSTILE)["figures"]
    change = ColumnChange(
        HOSTILE, (HOSTILE, HOSTILE), gained=(HOSTILE,), lost=(HOSTILE,), notable=("gained",), size=2
    )
    sums = PairedSums.from_rows("binary", binary_rows(300))
    named = {**facts.manifest, "files": [{"name": HOSTILE, "size": 1, "sha256": HOSTILE, "rows": 1}]}
    shown = replace(
        facts, source=f"s3://data/{HOSTILE}", manifest=named, pipeline=replace(facts.pipeline, rollout=policy),
        champion_before=HOSTILE, champion_after=HOSTILE, gate=gate_of(hostile),
        diff=DatasetDiff(HOSTILE, HOSTILE, (1, 1), (change,), 0, HOSTILE),
        performance=performance_of(sums, (HOSTILE, f"{HOSTILE} 2")),
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
