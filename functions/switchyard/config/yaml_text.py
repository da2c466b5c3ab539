"""YAML as pipeline.yaml is written in it: one document, no aliases, no key twice, and dates are text."""

from typing import Any

import yaml

from switchyard.core.errors import InvalidPipelineError

TIMESTAMP = "tag:yaml.org,2002:timestamp"


def read_yaml(where: str, text: str) -> Any:
    """The document; InvalidPipelineError for whatever the parser cannot read."""
    try:
        return _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        raise InvalidPipelineError(
            f"{where}: not readable as YAML: {str(error)[:300]}; correct it there, then see that "
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


class _Loader(yaml.SafeLoader):
    """A SafeLoader without aliases: a few lines could otherwise unfold into gigabytes."""

    yaml_implicit_resolvers = {  # noqa: RUF012 the parent's form
        first: [(tag, form) for tag, form in resolvers if tag != TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read; write the value out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            named, line = (key.tag, str(key.value)), key.start_mark.line + 1
            if named in lines:
                raise yaml.YAMLError(
                    f"'{str(key.value)[:60]}' stands in line {lines[named]} and again in line {line}; "
                    f"the first would be lost: join them"
                )
            lines[named] = line
        return super().construct_mapping(node, deep)
