"""The contract of a model's data: its columns with their kinds, and the classes as people wrote them.

Training gets it as `contract.json` in the channel `contract`. It is read like any file of a stranger: limits
first, and every fault in words.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

NUMBER, BOOLEAN, CATEGORY, DATE, TEXT = KINDS = ("number", "boolean", "category", "date", "text")
PROBLEMS = ("binary", "multiclass", "regression")

MAX_BYTES = 64 << 20
MAX_FEATURES = 20_000
MAX_CLASSES = 10_000
_NAME_LIMIT = 1024
_SHOWN = 100


class ContractError(ValueError):
    """The document is not what it should be; the text says where and what is expected."""


@dataclass(frozen=True)
class Feature:
    name: str
    kind: str


@dataclass(frozen=True)
class Contract:
    """`classes` are in the order of their index and empty for a regression; `features` in that of the rows. `weight` is
    the column behind the label that says how much a row counts, "" without one.
    """

    problem: str
    classes: tuple[str, ...]
    features: tuple[Feature, ...]
    weight: str = ""


def read_contract(document: bytes) -> Contract:
    """Read contract.json, version 1. Raises ContractError."""
    given = read_object(document)
    target = given.get("target")
    if not isinstance(target, dict):
        raise ContractError("target must be an object with name and classes")
    return Contract(
        problem=one_of("problem", given.get("problem"), PROBLEMS),
        classes=read_names("target.classes", target.get("classes"), MAX_CLASSES),
        features=read_features(given.get("features")),
        weight=_name("weight", given["weight"]) if "weight" in given else "",
    )


def read_object(document: bytes) -> Mapping[str, object]:
    """One JSON object of version 1. Raises ContractError."""
    if len(document) > MAX_BYTES:
        raise ContractError(f"it has {len(document)} bytes; at most {MAX_BYTES} are read")
    try:
        given = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise ContractError(f"it is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise ContractError("one JSON object is expected")
    if given.get("version") != 1:
        raise ContractError(f"version 1 is expected, {shown(given.get('version'))} was found")
    return given


def read_features(given: object) -> tuple[Feature, ...]:
    """Raises ContractError at the first column that is not a name and a kind."""
    if not isinstance(given, list) or not 0 < len(given) <= MAX_FEATURES:
        raise ContractError(f"features must be a list of 1 to {MAX_FEATURES} columns")
    features = tuple(_feature(f"features[{at}]", item) for at, item in enumerate(given))
    _refuse_twins("features", (feature.name for feature in features))
    return features


def _feature(place: str, item: object) -> Feature:
    if not isinstance(item, dict):
        raise ContractError(f"{place} must be an object with name and kind")
    return Feature(_name(f"{place}.name", item.get("name")), one_of(f"{place}.kind", item.get("kind"), KINDS))


def read_names(place: str, given: object, most: int) -> tuple[str, ...]:
    """A list of different texts. Raises ContractError."""
    if not isinstance(given, list) or len(given) > most:
        raise ContractError(f"{place} must be a list of at most {most} texts")
    names = tuple(_name(f"{place}[{at}]", item) for at, item in enumerate(given))
    _refuse_twins(place, names)
    return names


def one_of(place: str, given: object, known: tuple[str, ...]) -> str:
    """A word of `known`. Raises ContractError."""
    if isinstance(given, str) and given in known:
        return given
    raise ContractError(f"{place} is {shown(given)}: it must be {', '.join(known[:-1])} or {known[-1]}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that is not known."""
    known = list(known)
    near = difflib.get_close_matches(name[:_SHOWN], known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {shown_list(known)}"


def shown(value: object) -> str:
    """A value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def shown_list(names: list[str], most: int = 10) -> str:
    """The first names, and how many there are besides."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more


def _name(place: str, given: object) -> str:
    if not isinstance(given, str) or not given or len(given) > _NAME_LIMIT:
        raise ContractError(f"{place} is {shown(given)}: a text of 1 to {_NAME_LIMIT} characters is expected")
    return given


def _refuse_twins(place: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ContractError(f"{place} has {shown(name)} twice")
        seen.add(name)
