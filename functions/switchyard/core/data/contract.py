"""The contract of a model's data: what each column is, and which classes the target has, as people wrote them.

`contract.json` is what functions, training jobs and servers agree on: the order of the features in channels and in
requests, how each is written there, and which class an index means. It is inferred from a first dataset, overruled by
`columns` in pipeline.yaml, and belongs to the model from its first promotion on.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from switchyard.core.data.dialect import AS_IT_SHOWS, Dialect, read_dialect
from switchyard.core.data.normalized_text import column_name
from switchyard.core.data.response import AS_SERVERS_DO, Response, read_response
from switchyard.core.errors import InvalidInputError
from switchyard.core.policy import Problem

VERSION = 1
_NAMELESS = re.compile(r"Unnamed: [0-9]+|__index_level_[0-9]+__", re.ASCII)  # of CSV and of Parquet by pandas


class Kind(StrEnum):
    """What a feature's fields are read as."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    TEXT = "text"
    DATE = "date"
    RECORD = "record"  # an object: its name says its content

    @property
    def is_words(self) -> bool:
        """Any text is a value of it, so that no field can be a defect."""
        return self in (Kind.CATEGORY, Kind.TEXT, Kind.RECORD)

    @property
    def is_numeric(self) -> bool:
        """Its fields are numbers for every trainer: a boolean is written 1 and 0."""
        return self in (Kind.NUMBER, Kind.BOOLEAN)


class ContractError(InvalidInputError):
    """A contract.json that is none."""


def nameless(place: int) -> str:
    """What a column without a name is called, as pandas does it; place: from 0."""
    return f"Unnamed: {place}"


def is_nameless(column: str) -> bool:
    """Of an index, or behind a trailing separator: left out, unless `columns` says what it is."""
    return _NAMELESS.fullmatch(column) is not None


@dataclass(frozen=True)
class Feature:
    """A column that is trained on."""

    name: str
    kind: Kind = Kind.NUMBER


@dataclass(frozen=True)
class Contract:
    """features: in the order of channels and requests. classes: in the order of their index; none of a regression.

    problem: None where it is not on record, as of models older than this. ignored: columns that are left out.
    weight: the column that says how much a row counts, "" where all count alike; in channels it follows the label.
    dialect: of the owner's files, as far as it is declared. response: where answers have what the model says.
    """

    target: str
    features: tuple[Feature, ...]
    problem: Problem | None = None
    classes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    dialect: Dialect = AS_IT_SHOWS
    weight: str = ""
    response: Response = AS_SERVERS_DO

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(feature.kind for feature in self.features)

    @property
    def columns(self) -> tuple[str, ...]:
        """As channels and the holdout have them."""
        return (self.target, *([self.weight] if self.weight else []), *self.names)

    @property
    def record(self) -> str:
        """What each object of the data is, as `image`; "" of a table."""
        return next((each.name for each in self.features if each.kind is Kind.RECORD), "")

    @property
    def is_classification(self) -> bool:
        return self.problem is not Problem.REGRESSION

    def to_dict(self) -> dict[str, Any]:
        declared = self.dialect.to_dict()
        return {
            "version": VERSION,
            "problem": self.problem.value if self.problem else None,
            "target": {"name": self.target, "classes": list(self.classes)},
            "features": [{"name": each.name, "kind": each.kind.value} for each in self.features],
            "ignored": list(self.ignored),
            **({"dialect": declared} if declared else {}),
            **({"weight": self.weight} if self.weight else {}),
            **({"response": self.response.to_dict()} if self.response.what else {}),
        }

    def to_json(self) -> bytes:
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1).encode()


def read_contract(body: bytes | str) -> Contract:
    """The inverse of `to_json`; ContractError for another form.

    What was kept of models before there were kinds is read, too: names of features, all numbers, and classes as
    numbers, each its own index.
    """
    try:
        content = json.loads(body)
        return _older(content) if isinstance(content["target"], str) else _contract(content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ContractError("it is not in the form of version 1; restore it from its backup") from None


def _contract(content: Mapping[str, Any]) -> Contract:
    if content["version"] != VERSION:
        raise ValueError(content["version"])
    target, problem = content["target"], content["problem"]
    return Contract(
        column_name(str(target["name"])),
        tuple(Feature(column_name(str(each["name"])), Kind(each["kind"])) for each in content["features"]),
        Problem(problem) if problem else None,
        tuple(map(str, target["classes"])),
        tuple(column_name(str(each)) for each in content["ignored"]),
        read_dialect(content.get("dialect", {})),
        column_name(str(content.get("weight", ""))),
        read_response(content.get("response", {})),
    )


def _older(content: Mapping[str, Any]) -> Contract:
    problem, classes = content.get("problem"), content.get("classes") or []
    return Contract(
        content["target"],
        tuple(Feature(str(name)) for name in content["features"]),
        Problem(problem) if problem else None,
        tuple(str(index) for index in range(int(max(classes, default=-1)) + 1)),
    )
