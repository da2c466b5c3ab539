"""Notices posted to where people talk: off by default, and whatever a notice says, what is posted is JSON."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.cloudformation import resources, template

TEMPLATE = template()
BODIES = {name: str(each["Body"]) for name, each in TEMPLATE["Mappings"]["WebhookBodies"].items()}
PARTS = sorted(name for name in TEMPLATE["Resources"] if name.startswith("Webhook"))
FIELD = re.compile(r"<\$\.body\.(\w+)>")


def posted(form: str, notice: dict[str, str]) -> Any:
    """What the pipe sends. "EventBridge replaces input transformers at runtime to ensure a valid JSON output"."""
    return json.loads(FIELD.sub(lambda found: json.dumps(notice[found[1]])[1:-1], BODIES[form]))


def test_nothing_of_it_is_made_unless_an_address_is_given() -> None:
    assert TEMPLATE["Parameters"]["WebhookUrl"]["Default"] == ""
    assert len(PARTS) == 8
    assert {TEMPLATE["Resources"][name]["Condition"] for name in PARTS} == {"HasWebhook"}


def test_the_address_is_a_secret() -> None:
    assert TEMPLATE["Parameters"]["WebhookUrl"]["NoEcho"] is True


def test_every_form_that_can_be_chosen_has_a_body() -> None:
    assert set(TEMPLATE["Parameters"]["WebhookFormat"]["AllowedValues"]) == set(BODIES)


@pytest.mark.parametrize("form", sorted(BODIES))
def test_a_body_asks_for_what_sns_puts_into_a_queue(form: str) -> None:
    assert set(FIELD.findall(BODIES[form])) == {"Subject", "Message"}


@given(subject=st.text(max_size=40), message=st.text(max_size=200))
def test_what_is_posted_says_what_the_notice_says(subject: str, message: str) -> None:
    notice = {"Subject": subject, "Message": message}
    assert posted("json", notice) == {"subject": subject, "message": message}
    assert posted("slack", notice) == {"text": f"*{subject}*\n{message}"}
    [card] = posted("teams", notice)["attachments"]
    assert [block["text"] for block in card["content"]["body"]] == [subject, message]


def test_a_channel_that_is_away_for_a_weekend_gets_its_notices_when_it_is_back() -> None:
    assert resources("AWS::SQS::Queue")["WebhookQueue"]["MessageRetentionPeriod"] >= 3 * 86_400
