"""The console's verbs: offered where the run's state allows them, asked twice, done by the commands' own code."""

import json
import re

import pytest

from cli.console.address import base_of, new_token
from cli.console.server import application
from cli.console.shared_reads import Board
from cli.requests.verbs import VERBS
from switchyard.core.champion import Champion
from switchyard.core.ledger.waits import Wait
from switchyard.core.run import RunState
from tests.cli.settled_runs import BEGAN, CHAMPION, RUN, RUN_ID
from tests.console.browser import BASE, Browser
from tests.console.histories import CHILD, History
from tests.console.rollouts import rollout
from tests.console.site import PATIENT, Site
from tests.console.site_pages import ADDRESS
from tests.fakes.store import Clock

TOKEN = new_token()
MAY = base_of(TOKEN)
PACKAGE = "arn:aws:sagemaker:us-east-1:000000000000:model-package/switchyard-digits/1"
NAMES = [verb.name for verb in VERBS]


def console(stack: Site, *, read_only: bool = False, clock: Clock | None = None) -> Browser:
    board = Board(lambda: stack, 1.0, "Look at `switchyard status`.", clock or Clock(), PATIENT)
    acts = () if read_only else (TOKEN, stack.to_change)
    return Browser(application(board, "local stack", 1.0, *acts))


@pytest.fixture(name="rollout")
def _rollout(stack: Site) -> Site:
    return rollout(stack)


def offered(client: Browser, address: str = MAY + ADDRESS) -> set[str]:
    """The verbs that have a button there."""
    return set(re.findall(rf'class="button" href="{MAY}{ADDRESS}/([a-z]+)"', client.get(address).text))


# which buttons


def test_a_rollout_is_held_stepped_promoted_or_aborted(rollout: Site) -> None:
    assert offered(console(rollout)) == {"hold", "step", "promote", "abort"}


def test_the_models_page_offers_the_same_for_the_run_under_way(rollout: Site) -> None:
    assert offered(console(rollout), f"{MAY}/models/digits") == {"hold", "step", "promote", "abort"}


def test_a_run_before_its_rollout_can_only_be_aborted(stack: Site) -> None:
    stack.run_under_way(RUN)
    assert offered(console(stack)) == {"abort"}


@pytest.mark.parametrize(
    "state", [state for state in RunState if state.is_terminal and "SCORED" not in state]
)
def test_a_run_that_has_ended_can_only_be_retried(stack: Site, state: RunState) -> None:
    stack.desk.decide(state)
    assert offered(console(stack)) == {"retry"}


def waits_for_a_person(stack: Site) -> None:
    stack.run_under_way(RUN)
    stack.desk.ledger.note_package(RUN, PACKAGE)
    stack.desk.ledger.save_wait(Wait(f"model-package/{PACKAGE}", f"{RUN_ID}#AwaitApproval", "token", {}, {}))
    stack.recorded.packages[PACKAGE] = "PendingManualApproval"


def test_a_run_that_waits_for_a_person_is_approved_rejected_or_aborted(stack: Site) -> None:
    waits_for_a_person(stack)
    assert offered(console(stack)) == {"approve", "reject", "abort"}


def test_the_last_step_has_no_step_above_it(rollout: Site) -> None:
    trail = json.dumps([{"at": BEGAN, "stage": stage, "weight": 10.0} for stage in range(2)])
    rollout.desk.ledger.save_rollout(RUN_ID, {"trail": trail})
    assert "step" not in offered(console(rollout))


def test_whoever_only_looks_has_no_button(rollout: Site) -> None:
    for client, base in ((console(rollout), ""), (console(rollout, read_only=True), "")):
        for address in (ADDRESS, "/models/digits"):
            text = client.get(base + address).text
            assert 'class="button"' not in text
            assert "read-only" in text


def test_every_link_of_whoever_may_act_stays_with_the_token(rollout: Site) -> None:
    client = console(rollout)
    for address in ("/", "/models/digits", ADDRESS, f"{ADDRESS}/hold", "/nothing"):
        links = re.findall(r'(?:href|action)="(/[^"]*)"', client.get(MAY + address).text)
        assert links
        assert [each for each in links if not each.startswith((f"{MAY}/", "/static/"))] == []


# asked twice, done once


def test_an_act_is_asked_for_with_its_effect_and_a_reason(rollout: Site) -> None:
    text = console(rollout).get(f"{MAY}{ADDRESS}/hold").text
    for said in ("Hold digits-", "no step up and no promotion", 'name="reason"', "required", "Yes, hold"):
        assert said in text
    assert rollout.desk.ledger.orders(RUN_ID) == []


def test_what_was_done_is_said_on_the_page_that_shows_the_new_state(rollout: Site) -> None:
    client = console(rollout)
    assert "hold" in offered(client)
    answer = client.send(f"{MAY}{ADDRESS}/hold", "change freeze\n until Monday")
    assert answer.status_code == 303
    page = client.get(answer.headers["location"])
    for said in (
        f"{RUN_ID}, step 1: stays at this step",
        "<b>By hand:</b> hold since",
        "change freeze until Monday",
    ):
        assert said in page.text
    assert offered(client) == {"resume", "step", "promote", "abort"}
    [order] = rollout.desk.ledger.orders(RUN_ID)
    assert (order["order"], order["reason"], order["stage"]) == ("hold", "change freeze until Monday", 0)


@pytest.mark.parametrize("verb", ["hold", "resume", "step", "promote"])
def test_an_order_is_recorded_as_the_command_records_it(rollout: Site, verb: str) -> None:
    assert console(rollout).send(f"{MAY}{ADDRESS}/{verb}").status_code == 303
    assert [each["order"] for each in rollout.desk.ledger.orders(RUN_ID)] == [verb]


@pytest.mark.parametrize(("verb", "status"), [("approve", "Approved"), ("reject", "Rejected")])
def test_an_answer_stands_in_the_registry_with_its_reason(stack: Site, verb: str, status: str) -> None:
    waits_for_a_person(stack)
    assert console(stack).send(f"{MAY}{ADDRESS}/{verb}", "seen").status_code == 303
    assert stack.recorded.packages[PACKAGE] == status
    assert stack.recorded.reasons == ["seen"]


def test_an_aborted_run_is_shown_as_it_is_then(stack: Site) -> None:
    stack.run_under_way(RUN)
    client = console(stack)
    answer = client.send(f"{MAY}{ADDRESS}/abort", "wrong file")
    text = client.get(answer.headers["location"]).text
    assert "ABORTED" in text
    assert stack.recorded.reasons == ["wrong file"]


def test_a_retry_leads_to_the_model_where_the_new_run_is(stack: Site) -> None:
    stack.desk.decide(RunState.FAILED, "a disk was full")
    answer = console(stack).send(f"{MAY}{ADDRESS}/retry", "the disk is larger")
    assert answer.headers["location"].startswith(f"{MAY}/models/digits?done=")
    [request] = stack.recorded.invoked
    assert request["retrain"]["key"] == "digits/train/v2.csv"
    assert request["retrain"]["why"] == f"retry of {RUN_ID}: the disk is larger"


@pytest.fixture
def former(stack: Site) -> Site:
    """RUN_ID serves; CHAMPION was champion before."""
    stack.desk.decide(RunState.PROMOTED)
    for run_id in (CHAMPION, RUN_ID):
        stack.desk.ledger.set_champion("digits", Champion(run_id, "config", "model", "schema", "0" * 64))
    return stack


def test_a_model_goes_back_and_shows_that_it_does(former: Site) -> None:
    client = console(former)
    button = f'href="{MAY}/models/digits/rollback?to={CHAMPION}"'
    assert button in client.get(f"{MAY}/models/digits").text
    answer = client.send(f"{MAY}/models/digits/rollback?to={CHAMPION}", "complaints from Lyon")
    assert answer.status_code == 303
    text = client.get(answer.headers["location"]).text
    assert "Going back to a former champion" in text
    assert button not in text
    [(described, _, _)] = former.recorded.executions.values()
    assert json.loads(described["input"])["back"] == {"to": CHAMPION, "reason": "complaints from Lyon"}


def test_a_way_back_that_failed_is_told_with_its_reason(former: Site) -> None:
    history = History(chained=True).begin()
    failed = {"error": "MissingError", "cause": json.dumps({"errorMessage": "it is not kept any more"})}
    former.recorded.record("restore", f"{RUN_ID}-back-1800000000", history, CHILD, "FAILED", **failed)
    former.recorded.record("restore", f"{RUN_ID}-restore-1", history, CHILD, "RUNNING")
    text = console(former).get(f"{MAY}/models/digits").text
    assert "ended FAILED" in text
    assert "it is not kept any more" in text


# refused


@pytest.mark.parametrize("verb", ["hold", "approve", "retry"])
def test_what_the_commands_refuse_is_refused_in_their_words(stack: Site, verb: str) -> None:
    stack.run_under_way(RUN)
    words = {
        "hold": "has no rollout that waits",
        "approve": "has registered no model yet",
        "retry": "is still RUNNING",
    }
    answer = console(stack).send(f"{MAY}{ADDRESS}/{verb}", "my own words")
    assert answer.status_code == 409
    assert words[verb] in answer.text
    assert "Next: " in answer.text
    assert 'value="my own words"' in answer.text


@pytest.mark.parametrize("verb", NAMES)
def test_without_a_reason_nothing_is_done(rollout: Site, verb: str) -> None:
    answer = console(rollout).send(f"{MAY}{ADDRESS}/{verb}", " ")
    assert answer.status_code == 409
    assert f"Without a reason {verb} is not done" in answer.text
    assert rollout.recorded.changed == []


def test_a_stack_that_does_not_answer_is_told_of(rollout: Site) -> None:
    client = console(rollout)
    rollout.recorded.is_down = True
    answer = client.send(f"{MAY}{ADDRESS}/abort")
    assert answer.status_code == 502
    assert "Could not connect" in answer.text


STRANGERS: dict[str, dict[str, str]] = {
    "no origin": {"Origin": ""},
    "another site": {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"},
    "an opaque origin": {"Origin": "null"},
    "another port": {"Origin": "http://127.0.0.1:9999", "Sec_Fetch_Site": "same-site"},
    "another scheme": {"Origin": "https://127.0.0.1:8750"},
    "a name of ours beside theirs": {"Origin": "http://127.0.0.1:8750.evil.example"},
    "no origin, from elsewhere": {"Origin": "", "Sec_Fetch_Site": "cross-site"},
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS)
def test_a_form_of_another_page_is_refused_though_it_had_the_token(
    rollout: Site, headers: dict[str, str]
) -> None:
    assert console(rollout).send(f"{MAY}{ADDRESS}/promote", **headers).status_code == 403
    assert rollout.desk.ledger.orders(RUN_ID) == []


def test_another_name_of_this_machine_is_refused(rollout: Site) -> None:
    turned = {"Host": "evil.example:8750", "Origin": "http://evil.example:8750"}
    assert console(rollout).send(f"{MAY}{ADDRESS}/promote", **turned).status_code == 400
    assert rollout.desk.ledger.orders(RUN_ID) == []


@pytest.mark.parametrize(
    "base",
    ["", "/t", "/t/", f"/t/{TOKEN[:-1]}", f"/t/{TOKEN}x", f"/t/{new_token()}", f"/T/{TOKEN}"],
    ids=["none", "no part", "an empty part", "short", "long", "another", "another case"],
)
def test_without_the_token_nothing_is_done(rollout: Site, base: str) -> None:
    client = console(rollout)
    assert client.send(f"{base}{ADDRESS}/promote").status_code in (403, 404)
    assert client.send(f"{base}/models/digits/rollback").status_code in (403, 404)
    assert rollout.recorded.changed == []
    assert rollout.desk.ledger.orders(RUN_ID) == []


def test_a_console_that_only_looks_has_no_token_that_would_do(rollout: Site) -> None:
    client = console(rollout, read_only=True)
    for verb in NAMES:
        answer = client.send(f"{ADDRESS}/{verb}")
        assert answer.status_code == 405
        assert "--read-only" in answer.text
    for base in (MAY, "/t/", "/t//"):
        assert client.send(f"{base}{ADDRESS}/promote").status_code == 403
    assert rollout.desk.ledger.orders(RUN_ID) == []


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", '{"reason": "x"}', 415),
        ("text/plain", "reason=x", 415),
        ("application/x-www-form-urlencoded", "reason=" + 20_000 * "x", 413),
    ],
)
def test_only_a_form_of_a_sensible_size_is_read(rollout: Site, kind: str, body: str, status: int) -> None:
    headers = {"Origin": BASE, "Content-Type": kind}
    answer = console(rollout).request("POST", f"{MAY}{ADDRESS}/promote", headers, body)
    assert answer.status_code == status
    assert rollout.desk.ledger.orders(RUN_ID) == []


@pytest.mark.parametrize("verb", ["delete", "HOLD", "..", "__class__"])
def test_there_are_no_other_verbs(rollout: Site, verb: str) -> None:
    assert console(rollout).send(f"{MAY}{ADDRESS}/{verb}").status_code in (404, 405)


@pytest.mark.parametrize("model", ["nothing", "..", "DIGITS", "digits'"])
def test_there_are_no_other_models(rollout: Site, model: str) -> None:
    assert console(rollout).send(f"{MAY}/models/{model}/runs/{RUN_ID}/abort").status_code in (404, 409)
    assert rollout.recorded.changed == []


def test_a_hostile_reason_stays_text(rollout: Site) -> None:
    client = console(rollout)
    hostile = "<script>alert('x')</script>"
    answer = client.send(f"{MAY}{ADDRESS}/hold", hostile)
    for text in (
        client.get(answer.headers["location"]).text,
        client.send(f"{MAY}{ADDRESS}/retry", hostile).text,
    ):
        assert hostile not in text
        assert "&lt;script&gt;" in text


def test_no_answer_sends_the_token_on(rollout: Site) -> None:
    """A Referer without a path, nothing of a form's to elsewhere, no cookie, which other ports would be sent, too."""
    for address in ("/", ADDRESS, f"{ADDRESS}/hold", "/nothing"):
        answer = console(rollout).get(MAY + address)
        assert answer.headers["referrer-policy"] == "strict-origin"
        assert "form-action 'self'" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers
