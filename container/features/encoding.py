"""encoding.json: all that serving needs to know of the data, kept in the model beside the booster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import orjson

from container.features.books import MAX_CATEGORIES, CodeBook
from container.features.contract import (
    CATEGORY,
    MAX_CLASSES,
    PROBLEMS,
    Contract,
    ContractError,
    Feature,
    one_of,
    read_features,
    read_names,
    read_object,
)
from container.features.words import WORD_COLUMNS

FILE_NAME = "encoding.json"


@dataclass(frozen=True)
class Encoding:
    """The contract, and the categories of each category feature by its name, in the order of their codes."""

    contract: Contract
    categories: Mapping[str, Sequence[str]]

    def books(self) -> Mapping[str, CodeBook]:
        return {name: CodeBook(categories) for name, categories in self.categories.items()}


def write_encoding(encoding: Encoding) -> bytes:
    """The same encoding gives the same bytes."""
    contract = encoding.contract
    document = {
        "version": 1,
        "problem": contract.problem,
        "classes": contract.classes,
        "word_columns": WORD_COLUMNS,
        "features": [_described(feature, encoding.categories) for feature in contract.features],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_encoding(document: bytes) -> Encoding:
    """Read encoding.json. Raises ContractError: whoever made the model, nothing in it is believed unseen."""
    given = read_object(document)
    if given.get("word_columns") != WORD_COLUMNS:
        raise ContractError(
            f"word_columns must be {WORD_COLUMNS}: this image counts words in so many columns"
        )
    features = read_features(given.get("features"))
    contract = Contract(
        problem=one_of("problem", given.get("problem"), PROBLEMS),
        classes=read_names("classes", given.get("classes"), MAX_CLASSES),
        features=features,
    )
    described = cast("list[dict[str, object]]", given["features"])  # read_features has seen them
    return Encoding(contract, _categories(features, described))


def _described(feature: Feature, categories: Mapping[str, Sequence[str]]) -> Mapping[str, object]:
    described: dict[str, object] = {"name": feature.name, "kind": feature.kind}
    if feature.kind == CATEGORY:
        described["categories"] = list(categories[feature.name])
    return described


def _categories(
    features: Sequence[Feature], described: Sequence[Mapping[str, object]]
) -> Mapping[str, Sequence[str]]:
    return {
        feature.name: read_names(f"features[{at}].categories", item.get("categories"), MAX_CATEGORIES)
        for at, (feature, item) in enumerate(zip(features, described, strict=True))
        if feature.kind == CATEGORY
    }
