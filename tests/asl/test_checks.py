"""Each check finds the defect it is for, in a machine that is sound but for that one thing."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.asl.checks import check, check_substitutions
from tests.asl.machine import Machine

Edit = Callable[[dict[str, Any]], object]


def sound() -> dict[str, Any]:
    retry = [{"ErrorEquals": ["BusyError"], "MaxAttempts": 3, "MaxDelaySeconds": 9, "JitterStrategy": "FULL"}]
    inner = {"Type": "Task", "Resource": "r", "TimeoutSeconds": 5, "Retry": retry, "End": True}
    return {
        "Comment": "A sound machine.",
        "StartAt": "Work",
        "TimeoutSeconds": 60,
        "States": {
            "Work": {
                "Type": "Task",
                "Resource": "r",
                "Parameters": {"FunctionName": "${WorkFunctionArn}"},
                "TimeoutSecondsPath": "$.laps.work",
                "Retry": retry,
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Broken"}],
                "Next": "Each",
            },
            "Each": {
                "Type": "Map",
                "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": inner}},
                "Next": "IsGood",
            },
            "IsGood": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.x", "BooleanEquals": True, "Next": "Good"}],
                "Default": "Broken",
            },
            "Good": {"Type": "Succeed"},
            "Broken": {"Type": "Fail"},
        },
    }


def machine(edit: Edit = lambda _: None) -> Machine:
    document = yaml.safe_load(yaml.dump(sound(), Dumper=_Plain))
    edit(document)
    return Machine("broken.asl.yaml", yaml.dump(document, Dumper=_Plain, sort_keys=False))


class _Plain(yaml.SafeDumper):
    """Writes equal objects out instead of anchoring them."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def inner(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["States"]["Each"]["ItemProcessor"]["States"]["Inner"]
    return found


def test_a_sound_machine_has_no_problem() -> None:
    assert check(machine()) == []


BROKEN: list[tuple[str, Edit, str]] = [
    ("StartAt", lambda d: d.update(StartAt="Wrk"), "StartAt names Wrk"),
    ("Next", lambda d: d["States"]["Work"].update(Next="Nowhere"), "Work: Next names Nowhere"),
    ("Default", lambda d: d["States"]["IsGood"].update(Default="Nowhere"), "IsGood: Default names Nowhere"),
    (
        "a choice",
        lambda d: d["States"]["IsGood"]["Choices"][0].update(Next="No"),
        "IsGood: Choices[0] names No",
    ),
    ("a catch", lambda d: d["States"]["Work"]["Catch"][0].update(Next="No"), "Work: Catch[0] names No"),
    ("inside a map", lambda d: inner(d).update(Next="Good"), "Inner: Next names Good"),
    (
        "the map's StartAt",
        lambda d: d["States"]["Each"]["ItemProcessor"].update(StartAt="I"),
        "Each: StartAt names I",
    ),
    ("unreachable", lambda d: d["States"].update(Lost={"Type": "Succeed"}), "Lost: nothing leads to it"),
    ("no end", lambda d: inner(d).pop("End"), "Inner: it needs exactly one of Next and End"),
    (
        "both ends",
        lambda d: d["States"]["Work"].update(End=True),
        "Work: it needs exactly one of Next and End",
    ),
    ("no default", lambda d: d["States"]["IsGood"].pop("Default"), "IsGood: a Choice without Default"),
    ("no machine timeout", lambda d: d.pop("TimeoutSeconds"), "the machine has no TimeoutSeconds"),
    (
        "no timeout",
        lambda d: d["States"]["Work"].pop("TimeoutSecondsPath"),
        "Work: a Task without TimeoutSeconds",
    ),
    ("no timeout inside", lambda d: inner(d).pop("TimeoutSeconds"), "Inner: a Task without TimeoutSeconds"),
    ("no retry", lambda d: d["States"]["Work"].pop("Retry"), "Work: a Task without Retry"),
    ("empty retry", lambda d: inner(d).update(Retry=[]), "Inner: a Task without Retry"),
    (
        "no delay limit",
        lambda d: inner(d)["Retry"][0].pop("MaxDelaySeconds"),
        "Inner: Retry[0] without MaxDelay",
    ),
    (
        "no jitter",
        lambda d: inner(d)["Retry"][0].pop("JitterStrategy"),
        "Inner: Retry[0] without JitterStrategy",
    ),
    ("no attempts", lambda d: inner(d)["Retry"][0].pop("MaxAttempts"), "Inner: Retry[0] without MaxAttempts"),
    (
        "an unknown error in Retry",
        lambda d: inner(d)["Retry"][0]["ErrorEquals"].append("BuzyError"),
        "Inner: Retry[0] names BuzyError",
    ),
    (
        "an unknown error in Catch",
        lambda d: d["States"]["Work"]["Catch"].insert(
            0, {"ErrorEquals": ["States.Oops"], "ResultPath": "$.e", "Next": "Good"}
        ),
        "Work: Catch[0] names States.Oops",
    ),
    (
        "States.ALL with others",
        lambda d: d["States"]["Work"]["Catch"][0]["ErrorEquals"].append("BusyError"),
        "Work: Catch[0] has States.ALL",
    ),
    (
        "States.ALL not last",
        lambda d: d["States"]["Work"]["Catch"].append(
            {"ErrorEquals": ["BusyError"], "ResultPath": "$.e", "Next": "Good"}
        ),
        "Work: Catch[0] has States.ALL",
    ),
    (
        "a lost input",
        lambda d: d["States"]["Work"]["Catch"][0].pop("ResultPath"),
        "Work: Catch[0] without a ResultPath",
    ),
    ("JSONata", lambda d: d.update(QueryLanguage="JSONata"), "the machine: QueryLanguage"),
    ("a variable", lambda d: d["States"]["Work"].update(Assign={"x": 1}), "Work: Assign"),
    ("an expression", lambda d: inner(d).update(OutputPath="{% $x %}"), "a JSONata expression"),
    ("a substituted number", lambda d: inner(d).update(TimeoutSeconds="${Lap}"), "'${Lap}' is no number"),
    (
        "a number as text",
        lambda d: inner(d)["Retry"][0].update(MaxAttempts="3"),
        "MaxAttempts: '3' is no number",
    ),
    ("no comment", lambda d: d.pop("Comment"), "the machine has no Comment"),
]


@pytest.mark.parametrize(("edit", "said"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_defect_is_found_and_named(edit: Edit, said: str) -> None:
    assert any(said in problem for problem in check(machine(edit)))


def test_a_payload_may_use_any_word() -> None:
    payload = {"Payload": {"TimeoutSeconds": "soon", "Next": "week"}}
    assert check(machine(lambda d: d["States"]["Work"].update(Parameters=payload))) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  Work: &work { Type: Succeed }\n  Other: *work\n", "an anchor or alias (work)"),
        ("  Work: { Type: Succeed }\n  Work: { Type: Fail }\n", "Work is written twice"),
    ],
)
def test_yaml_that_is_not_what_it_looks_like(text: str, said: str) -> None:
    whole = Machine("broken.asl.yaml", "Comment: c\nStartAt: Work\nTimeoutSeconds: 9\nStates:\n" + text)
    assert any(said in problem for problem in check(whole))


ARN = {"Fn::GetAtt": ["WorkFunction", "Arn"]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "${WorkFunctionArn} is not substituted"),
        ({"WorkFunctionArn": ARN, "Idle": {"Ref": "Idle"}}, "substitutes Idle, which is not used"),
        ({"WorkFunctionArn": {"Fn::GetAtt": ["OtherFunction", "Arn"]}}, "says something else"),
    ],
)
def test_substitutions_agree_with_the_template(given: dict[str, Any], said: str) -> None:
    assert any(
        said in problem for problem in check_substitutions(machine(), {"DefinitionSubstitutions": given})
    )


def test_agreeing_substitutions_are_no_problem() -> None:
    assert check_substitutions(machine(), {"DefinitionSubstitutions": {"WorkFunctionArn": ARN}}) == []
