"""The pages as a browser gets them, from a ledger, recorded executions and a recorded endpoint."""

import asyncio
from dataclasses import replace
from urllib.parse import quote

import pytest
from jinja2 import Environment

from cli.console.models import ModelView, Wanted
from cli.console.reader import Reader
from cli.console.server import application
from cli.console.shared_reads import Board
from cli.console.words import code
from cli.records.ledger import Line
from cli.report.page import TEMPLATES as REPORT
from cli.report.page import WHOLE
from switchyard.core.run import Run, RunState
from tests.cli.judged_runs import judged_evaluation
from tests.cli.settled_runs import BEGAN, CHAMPION, RUN, RUN_ID
from tests.console.histories import MACHINE, TOKEN, History
from tests.console.site import PATIENT, Site
from tests.console.site_pages import ADDRESS, pages
from tests.fakes.store import Clock

HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>"
OTHER = Run(
    "digits", "digits-eeeeeeeeeeee", "ee" * 32, "s3://data/digits/train/v3.csv", "digits/snapshots/ee/"
)


def test_the_models_show_champion_traffic_what_runs_and_what_waits(stack: Site) -> None:
    stack.run_under_way(RUN)
    stack.desk.ledger.create_run(OTHER, BEGAN)
    stack.desk.ledger.replace_waiting(OTHER, BEGAN, None)
    stack.desk.upload(RunState.WAITING, "", OTHER.run_id, OTHER.source)
    answer = pages(stack).get("/")
    assert answer.status_code == 200
    for said in ("90 %", "10 %", "InService", "v3.csv", "waits", ADDRESS):
        assert said in answer.text
    model = pages(stack).get("/models/digits").text
    for said in (CHAMPION, "90 %", "10 %", "switchyard-digits", "InService", "v3.csv", "Waiting", ADDRESS):
        assert said in model


@pytest.mark.parametrize(
    ("query", "is_listed"),
    [
        ("q=DIG", True),
        ("q=no+such+model", False),
        ("show=under+way", True),
        ("show=in+trouble", False),
        ("show=of+a+stranger", True),
    ],
)
def test_models_are_searched_and_filtered(stack: Site, query: str, is_listed: bool) -> None:
    stack.run_under_way(RUN)
    assert ('href="/models/digits"' in pages(stack).get(f"/?{query}").text) is is_listed


def test_the_newest_trouble_comes_first() -> None:
    def view(name: str, state: str, at: str) -> ModelView:
        line = Line(name, "s", state, "", "", at, "")
        return ModelView(name, None, "", (), None, None, (line,))

    models = [
        view("fine", "PROMOTED", "2026-11-29 09:00:00"),
        view("old", "FAILED", "2026-11-27 09:00:00"),
        view("new", "ROLLED_BACK", "2026-11-28 09:00:00"),
    ]
    assert [model.name for model in Wanted().of(models)] == ["new", "old", "fine"]


def of_many(count: int) -> list[ModelView]:
    return [ModelView(f"model-{number:03d}", None, "", (), None, None, ()) for number in range(count)]


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (1000, 10)])
def test_pages_of_a_list_show_every_model_once(count: int, pages: int) -> None:
    models = of_many(count)
    assert Wanted().pages(models) == pages
    shown = [model for page in range(1, pages + 1) for model in Wanted(page=page).shown(models)]
    assert shown == models


def test_another_page_is_of_the_same_search() -> None:
    assert Wanted("a b&c", "in trouble").address(2) == "?q=a+b%26c&show=in+trouble&page=2"
    assert Wanted("x").address(1) == "?q=x"


@pytest.mark.parametrize("page", ["0", "-1", "9999999999", "x", "²", ""])
def test_a_page_that_is_none_is_the_first_or_empty(stack: Site, page: str) -> None:
    stack.run_under_way(RUN)
    assert pages(stack).get(f"/?page={quote(page)}").status_code == 200


# security


def test_commands_in_advice_are_code_and_the_rest_stays_text() -> None:
    assert code("Run `switchyard up`, <b>now</b>.") == (
        "Run <code>switchyard up</code>, &lt;b&gt;now&lt;/b&gt;."
    )


def test_hostile_names_reasons_and_payloads_stay_text(stack: Site) -> None:
    stack.run_under_way(replace(RUN, source=f"s3://data/digits/train/{HOSTILE}.csv"))
    stack.desk.upload(RunState.RUNNING, HOSTILE, RUN_ID, f"s3://data/digits/train/{HOSTILE}.csv")
    machine = MACHINE.replace("IsBetter", "<script>IsBetter").replace("a job", "<script>a job")
    history = History(chained=True).begin(HOSTILE)
    history.enter("Train", text=HOSTILE)
    history.schedule(TOKEN)
    history.ended("ExecutionFailed", HOSTILE, HOSTILE)
    stack.recorded.record("retrain", RUN_ID, history, machine, "FAILED", error=HOSTILE, cause=HOSTILE)
    client = pages(stack)
    for address in (f"/?q={quote(HOSTILE)}", "/models/digits", ADDRESS):
        text = client.get(address).text
        assert "&lt;script&gt;" in text
        assert text.count("<script") == text.count('<script src="/static/console.js" defer></script>') == 1
        assert "<img" not in text
    assert HOSTILE not in client.get(f"/models/{HOSTILE}").text


# looking again


def test_what_has_not_changed_is_not_sent_again(stack: Site) -> None:
    stack.run_under_way(RUN)
    client, clock = pages(stack, clock := Clock()), clock
    first = client.get(ADDRESS)
    clock.pass_(1.0)
    again = client.get(ADDRESS, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    _, history, _ = stack.recorded.executions[next(iter(stack.recorded.executions))]
    history.succeed()
    clock.pass_(1.0)
    assert client.get(ADDRESS, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_many_viewers_are_one_look(stack: Site) -> None:
    stack.run_under_way(RUN)
    client, clock = pages(stack, clock := Clock()), clock
    client.get(ADDRESS)
    asked = len(stack.recorded.calls)
    for _ in range(20):
        client.get(ADDRESS)
    assert len(stack.recorded.calls) == asked
    clock.pass_(1.0)
    client.get(ADDRESS)
    assert len(stack.recorded.calls) > asked


def test_a_run_that_is_over_is_read_once(stack: Site) -> None:
    stack.desk.decide(RunState.REJECTED)
    stack.recorded.record(
        "retrain", RUN_ID, History(chained=True).begin().task("Train").ended(), MACHINE, "SUCCEEDED"
    )
    client, clock = pages(stack, clock := Clock()), clock
    client.get(ADDRESS)
    asked = len(stack.recorded.calls)
    clock.pass_(60.0)
    assert client.get(ADDRESS).status_code == 200
    assert len(stack.recorded.calls) == asked


def test_a_stack_that_goes_down_is_told_of_and_what_was_seen_stays(stack: Site) -> None:
    stack.run_under_way(RUN)
    client, clock = pages(stack, clock := Clock()), clock
    client.get(ADDRESS)
    stack.recorded.is_down = True
    clock.pass_(1.0)
    text = client.get(ADDRESS).text
    for said in (
        f"Reading run {RUN_ID} failed",
        "Could not connect",
        "switchyard status",
        "JudgeWindow",
    ):
        assert said in text
    stack.recorded.is_down = False
    clock.pass_(1.0)
    assert "failed.</b>" not in client.get(ADDRESS).text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/models/nothing", "There is no model"),
        (f"/models/digits/runs/{RUN_ID}x", "There is no run"),
        (f"{ADDRESS}/record", "There is no s3://artifacts/digits/decisions/"),
        ("/elsewhere", "Not Found"),
    ],
)
def test_what_is_not_there_is_told_with_the_next_step(stack: Site, address: str, said: str) -> None:
    stack.run_under_way(RUN)
    answer = pages(stack).get(address)
    assert answer.status_code == 404
    assert said in answer.text
    assert "Next: " in answer.text


def test_a_run_whose_history_is_gone_still_has_its_page(stack: Site) -> None:
    stack.desk.decide(RunState.PROMOTED, "better")
    assert "its history is gone" in pages(stack).get(ADDRESS).text


def test_the_list_is_read_before_anybody_looks(stack: Site) -> None:
    """From the server's start on: who opens a console of many models finds them there."""
    board = Board(lambda: stack, 60.0, "advice", Clock(), PATIENT)
    read: list[object] = []

    async def see(key: object, *_: object) -> None:
        read.append(key)

    board.see = see  # type: ignore[assignment,method-assign]
    app = application(board, "local stack", 60.0)

    async def start() -> None:
        async with app.router.lifespan_context(app):
            assert read == ["models"]

    asyncio.run(start())


def test_what_draws_plots_has_started_before_anybody_looks(
    stack: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks first would wait for it, whatever page it is: nothing else runs meanwhile."""
    drawn: list[object] = []
    monkeypatch.setattr("vl_convert.vegalite_to_svg", lambda chart: drawn.append(chart) or "<svg></svg>")
    app = application(Board(lambda: stack, 60.0, "advice", Clock(), PATIENT), "local stack", 60.0)

    async def start() -> None:
        async with app.router.lifespan_context(app):
            assert drawn

    asyncio.run(start())


def test_templates_are_compiled_before_anybody_looks(stack: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the report too, which are parts of a run's page."""
    app = application(Board(lambda: stack, 60.0, "advice", Clock(), PATIENT), "local stack", 60.0)
    compiled: set[str | None] = set()
    compile_, parts = Environment.compile, {path.name for path in REPORT.glob("*.jinja")} - {WHOLE}

    def counted(self: Environment, source: str, name: str | None = None, *more: object) -> object:
        compiled.add(name)
        return compile_(self, source, name, *more)

    monkeypatch.setattr(Environment, "compile", counted)

    async def start() -> None:
        async with app.router.lifespan_context(app):
            assert {"models.html.jinja", "run.html.jinja", *parts} <= compiled

    asyncio.run(start())


@pytest.mark.parametrize("has_evidence", [True, False])
def test_plots_are_to_be_drawn_once_where_there_are_any(stack: Site, has_evidence: bool) -> None:
    stack.run_under_way(RUN)
    if has_evidence:
        stack.desk.write(f"digits/evaluations/{RUN_ID}/evaluation.json", judged_evaluation("binary"))
    known = Reader(stack).run("digits", RUN_ID).known
    assert known is not None
    assert known.is_drawn is not has_evidence
    assert known.plots
    assert known.is_drawn
