"""What neither `sam validate` nor cfn-lint looks at: SAM never opens a DefinitionUri file.

Every check takes a Machine and yields one sentence a defect: where it is, what it is, what to do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import yaml

from switchyard.core import errors
from tests.asl.machine import Machine, Scope, targets, walk

# "Error names", Step Functions Developer Guide, concepts-error-handling.
STATES_ERRORS = {
    f"States.{name}"
    for name in [
        "ALL",
        "BranchFailed",
        "DataLimitExceeded",
        "ExceedToleratedFailureThreshold",
        "HeartbeatTimeout",
        "Http.Socket",
        "IntrinsicFailure",
        "ItemReaderFailed",
        "NoChoiceMatched",
        "ParameterPathFailure",
        "Permissions",
        "QueryEvaluationError",
        "ResultPathMatchFailure",
        "ResultWriterFailed",
        "Runtime",
        "TaskFailed",
        "Timeout",
    ]
}
# What the optimised integrations name, and how newer Lambda runtimes report a function that ran out of time
# (Sandbox.Timedout) or whose process ended (Runtime.ExitError): both were Lambda.Unknown before.
SERVICE_ERRORS = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "StepFunctions.AWSStepFunctionsException",
    "StepFunctions.SdkClientException",
    "StepFunctions.ExecutionLimitExceeded",
    "StepFunctions.ExecutionLimitExceededException",
}
OWN_ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.SwitchyardError)
}
KNOWN_ERRORS = STATES_ERRORS | SERVICE_ERRORS | OWN_ERRORS

NUMBERS = [
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Seconds",
    "IntervalSeconds",
    "MaxAttempts",
    "BackoffRate",
    "MaxDelaySeconds",
    "MaxConcurrency",
]
# JSONata and variables: two independent interpreters run these machines, and neither has them whole.
FORBIDDEN = {"QueryLanguage", "Assign", "Arguments", "Output"}
FREE = ("Parameters", "ResultSelector", "ItemSelector", "Result")  # payloads: their keys are ours to choose
ENDS = ("Succeed", "Fail")

Check = Callable[[Machine], Iterable[str]]


def dangling(machine: Machine) -> Iterator[str]:
    """A transition to a state that its scope lacks."""
    for scope in machine.scopes():
        if scope.start_at not in scope.states:
            yield f"{scope.owner or 'the machine'}: StartAt names {scope.start_at}, which is not there"
        for name, state in scope.states.items():
            for where, target in targets(state):
                if target not in scope.states:
                    yield f"{name}: {where} names {target}, which is not there"


def unreachable(machine: Machine) -> Iterator[str]:
    """A state that nothing leads to."""
    for scope in machine.scopes():
        for name in sorted(set(scope.states) - _reached(scope)):
            yield f"{name}: nothing leads to it"


def _reached(scope: Scope) -> set[str]:
    reached: set[str] = set()
    to_see = [scope.start_at]
    while to_see:
        name = to_see.pop()
        if name in reached or name not in scope.states:
            continue
        reached.add(name)
        to_see += [target for _, target in targets(scope.states[name])]
    return reached


def endless(machine: Machine) -> Iterator[str]:
    """A state with no way on and no end, or with both."""
    for name, state in machine.states():
        ends = state.get("End") is True or state["Type"] in ENDS
        goes_on = "Next" in state or state["Type"] == "Choice"
        if ends == goes_on:
            yield f"{name}: it needs exactly one of Next and End"


def without_default(machine: Machine) -> Iterator[str]:
    """A Choice that may match nothing fails with States.NoChoiceMatched."""
    for name, state in machine.states():
        if state["Type"] == "Choice" and "Default" not in state:
            yield f"{name}: a Choice without Default; say where everything else goes"


def unbounded(machine: Machine) -> Iterator[str]:
    """A machine or a Task that could wait for ever."""
    if "TimeoutSeconds" not in machine.document:
        yield "the machine has no TimeoutSeconds"
    for name, state in machine.states():
        if state["Type"] == "Task" and not {"TimeoutSeconds", "TimeoutSecondsPath"} & set(state):
            yield f"{name}: a Task without TimeoutSeconds or TimeoutSecondsPath"


def unretried(machine: Machine) -> Iterator[str]:
    """A Task that one throttled call would end; a Retry that could wait for hours, or in step with others."""
    for name, state in machine.states():
        if state["Type"] == "Task" and not state.get("Retry"):
            yield f"{name}: a Task without Retry"
        for index, rule in enumerate(state.get("Retry", [])):
            for word in ("MaxAttempts", "MaxDelaySeconds", "JitterStrategy"):
                if word not in rule:
                    yield f"{name}: Retry[{index}] without {word}"


def unknown_errors(machine: Machine) -> Iterator[str]:
    """A name in ErrorEquals that nobody ever raises: the rule would silently never match."""
    for name, state in machine.states():
        for place in ("Retry", "Catch"):
            for index, rule in enumerate(state.get(place, [])):
                for error in rule["ErrorEquals"]:
                    if error not in KNOWN_ERRORS:
                        yield f"{name}: {place}[{index}] names {error}, which neither we nor AWS raise"


def misplaced_wildcards(machine: Machine) -> Iterator[str]:
    """ "States.ALL must appear alone in ErrorEquals and in the last retrier or catcher" (ASL specification)."""
    for name, state in machine.states():
        for place in ("Retry", "Catch"):
            rules = state.get(place, [])
            for index, rule in enumerate(rules):
                if "States.ALL" in rule["ErrorEquals"] and (
                    len(rule["ErrorEquals"]) > 1 or index < len(rules) - 1
                ):
                    yield f"{name}: {place}[{index}] has States.ALL, which must stand alone and last"


def lost_input(machine: Machine) -> Iterator[str]:
    """A Catch without ResultPath replaces the whole input with the error: the next state would miss `$.run`."""
    for name, state in machine.states():
        for index, rule in enumerate(state.get("Catch", [])):
            if not str(rule.get("ResultPath", "$")).startswith("$."):
                yield f"{name}: Catch[{index}] without a ResultPath of its own; the input would be lost"


def foreign_language(machine: Machine) -> Iterator[str]:
    """JSONata, variables, and fields with an expression."""
    for name, state in [("the machine", machine.document), *machine.states()]:
        for word in sorted(FORBIDDEN & set(state)):
            yield f"{name}: {word} belongs to JSONata or variables; write JSONPath"
    for path, key, value in walk(machine.document):
        if isinstance(value, str) and value.lstrip().startswith("{%"):
            yield f"{path.lstrip('.')}.{key}: a JSONata expression; write JSONPath"


def not_numbers(machine: Machine) -> Iterator[str]:
    """CloudFormation turns YAML into JSON before it substitutes: a substituted number arrives as a string."""
    for path, key, value in walk(machine.document):
        if key in NUMBERS and not any(f".{word}" in path for word in FREE) and not _is_number(value):
            yield f"{path.lstrip('.')}.{key}: {value!r} is no number; a substitution cannot give one, use a Path"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def anchors(machine: Machine) -> Iterator[str]:
    """Anchors are spread out on the way to the console: what is read there is not what was written here."""
    for event in yaml.parse(machine.text, Loader=yaml.SafeLoader):
        if getattr(event, "anchor", None):
            yield f"line {event.start_mark.line + 1}: an anchor or alias ({event.anchor}); write it out"


def duplicate_keys(machine: Machine) -> Iterator[str]:
    """YAML keeps the last of two equal keys without a word."""
    yield from _duplicates(yaml.compose(machine.text, Loader=yaml.SafeLoader))


def _duplicates(node: yaml.Node | None) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        for key in sorted({key for key in keys if keys.count(key) > 1}, key=str):
            yield f"line {node.start_mark.line + 1}: {key} is written twice"
        children = [value for _, value in node.value]
    else:
        children = list(node.value) if isinstance(node, yaml.SequenceNode) else []
    for child in children:
        yield from _duplicates(child)


def unsaid(machine: Machine) -> Iterator[str]:
    """The console shows the comment: a machine says what it is for."""
    if not machine.document.get("Comment"):
        yield "the machine has no Comment"


CHECKS: tuple[Check, ...] = (
    dangling,
    unreachable,
    endless,
    without_default,
    unbounded,
    unretried,
    unknown_errors,
    misplaced_wildcards,
    lost_input,
    foreign_language,
    not_numbers,
    anchors,
    duplicate_keys,
    unsaid,
)


def check(machine: Machine) -> list[str]:
    """All defects of one machine, each with the file's name."""
    return [f"{machine.name}: {problem}" for each in CHECKS for problem in each(machine)]


def check_substitutions(machine: Machine, properties: Mapping[str, Any]) -> list[str]:
    """`${...}` against the template's DefinitionSubstitutions, both ways; a name says what it stands for."""
    given = properties.get("DefinitionSubstitutions", {})
    problems = [
        f"${{{name}}} is not substituted by the template" for name in machine.substitutions - set(given)
    ]
    problems += [
        f"the template substitutes {name}, which is not used" for name in set(given) - machine.substitutions
    ]
    problems += [
        f"the template gives {value} for {name}, which says something else"
        for name, value in given.items()
        if value not in ({"Fn::GetAtt": [name.removesuffix("Arn"), "Arn"]}, {"Ref": name.removesuffix("Arn")})
    ]
    return sorted(f"{machine.name}: {problem}" for problem in problems)
