"""YAML as pipeline.yaml is written in it: one document, no aliases, no key twice, and dates are text. What YAML 1.1
reads as another value than it looks like is refused, or told from what it is read as.
"""

from typing import Any

import yaml

from switchyard.core.errors import InvalidPipelineError

UNSEEN = "\u00a0"  # web pages and word processors leave it: a letter to YAML
AN_UNSEEN = "a no-break blank stands there, which YAML takes for a letter; write a blank"
TIMESTAMP = "tag:yaml.org,2002:timestamp"

TEXT, BOOLEAN = "tag:yaml.org,2002:str", "tag:yaml.org,2002:bool"
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def read_yaml(where: str, text: str) -> Any:
    """The document; InvalidPipelineError for whatever the parser cannot read."""
    try:
        return _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        raise InvalidPipelineError(
            f"{where}: not readable as YAML: {_said(error, text)[:300]}; correct it there, then see that "
            f"`switchyard validate` reads it"
        ) from None
    except RecursionError:
        raise InvalidPipelineError(
            f"{where}: not readable as YAML: it is nested too deeply; use at most three levels"
        ) from None
    except ValueError:  # of a scalar that has the form of a number or a date, and is none
        raise InvalidPipelineError(
            f"{where}: not readable as YAML: a value looks like a number and is none; put it in quotes"
        ) from None


def _said(error: yaml.YAMLError, text: str) -> str:
    """In one line, without the parser's own words for where a text came from."""
    if isinstance(error, yaml.reader.ReaderError):
        if error.character == 0 and error.position < 2:  # every other byte of ASCII is one there
            return "it is UTF-16 as it looks; save it as UTF-8"
        return (
            f"a control character (code {error.character:#x}) stands at position {error.position}; remove it"
        )
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split())
    mark, problem = error.problem_mark, " ".join(str(error.problem).split())
    if any(UNSEEN in line for line in text.split("\n")[max(0, mark.line - 1) : mark.line + 1]):
        problem = f"{AN_UNSEEN}, in this line or in the one above"
    if "'\\t'" in problem:
        problem = "a tab stands where a line is indented; YAML takes blanks"
    if "another document" in problem:
        problem = "a second document begins (---); one is read"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}"


class _Loader(yaml.SafeLoader):
    """A SafeLoader without aliases: a few lines could otherwise unfold into gigabytes."""

    yaml_implicit_resolvers = {  # noqa: RUF012 the parent's form
        first: [(tag, form) for tag, form in resolvers if tag != TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def read_number(self, node: Any) -> float:
        text, is_whole = str(node.value), node.tag == NUMBERS[0]
        value: float = self.construct_yaml_int(node) if is_whole else self.construct_yaml_float(node)
        digits = text.replace("_", "").lstrip("+-")
        if ":" in text or (is_whole and digits.isdigit() and int(digits) != abs(value)):
            raise _other_number(node, value)
        return value

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read; write the value out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        lines: dict[tuple[str, str], int] = {}
        for key, value in node.value:
            _as_written(key, value)
            if str(key.value).startswith(UNSEEN) and key.style is None:
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: {AN_UNSEEN}")
            named, line = (key.tag, str(key.value)), key.start_mark.line + 1
            if named in lines:
                raise yaml.YAMLError(
                    f"'{str(key.value)[:60]}' stands in line {lines[named]} and again in line {line}; "
                    f"the first would be lost: join them"
                )
            lines[named] = line
        return super().construct_mapping(node, deep)


def _other_number(node: Any, value: float) -> yaml.YAMLError:
    """010 is octal, and 1:30 counts in sixties: https://yaml.org/type/int.html"""
    line, text = node.start_mark.line + 1, str(node.value)[:60]
    return yaml.YAMLError(f"'{text}' in line {line} is {value} to YAML; write that, or put it in quotes")


def _as_written(key: Any, value: Any) -> None:
    """Words for a missing value are compared with fields: 007 is not 7 there, and 0.50 not 0.5. A hyperparameter that
    is called yes, no, on or off is that word to a program.
    """
    if key.value == "missing" and isinstance(value, yaml.SequenceNode):
        for each in value.value:
            each.tag = TEXT if each.tag in (*NUMBERS, BOOLEAN) else each.tag
    if key.value == "hyperparameters" and isinstance(value, yaml.MappingNode):
        for _, each in value.value:
            is_word = each.tag == BOOLEAN and each.value.lower() not in ("true", "false")
            each.tag = TEXT if is_word else each.tag


for _tag in NUMBERS:
    _Loader.add_constructor(_tag, _Loader.read_number)
