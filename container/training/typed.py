"""Typed rows of a channel: the training rows fill the code books, all others are read by them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from container.features.books import MAX_CATEGORIES, CodeBook, LearningBook
from container.features.contract import CATEGORY, NUMBER, Contract, Feature
from container.features.encoder import Encoder
from container.features.encoding import Encoding
from container.features.typed_csv import read_rows
from container.numeric_csv import RowError, parse_fields, parse_rows
from container.training.channels import Table, blocks, table_of

_BLOCK_ROWS = 20_000
_LABEL = Feature("", NUMBER)


class TypedReader:
    """Reads files into tables, the label first; `settle` ends the learning of categories."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._before = (_LABEL, Feature(contract.weight, NUMBER)) if contract.weight else (_LABEL,)
        self._features = (*self._before, *contract.features)
        self._books = {item.name: LearningBook() for item in contract.features if item.kind == CATEGORY}
        self._encoder = Encoder(self._features, self._books)

    @property
    def feature_types(self) -> list[str]:
        """XGBoost's letters for the columns of features: q is a quantity, c a category."""
        categories = self._encoder.category_columns
        return [
            "c" if column in categories else "q" for column in range(len(self._before), self._encoder.width)
        ]

    def read(self, path: Path) -> Iterator[Table]:
        """The table in pieces. Raises RowError, whose row counts from the piece's first."""
        return self._read_typed(path) if self._encoder.texts else self._read_numbers(path)

    @property
    def is_weighed(self) -> bool:
        """The second column of the table says how much a row counts."""
        return bool(self._contract.weight)

    def settle(self, table: Table) -> Encoding:
        """Give the categories of the training rows their places in the books, and rows read from now on too.

        Codes follow the order of the texts, whatever the order of the rows. The most frequent MAX_CATEGORIES
        of a column are kept.
        """
        kept = {}
        for column, (name, book) in zip(self._encoder.category_columns, self._books.items(), strict=True):
            kept[name], table[:, column] = _places(book.categories, table[:, column])
        books = {name: CodeBook(categories) for name, categories in kept.items()}
        self._encoder = Encoder(self._features, books)
        return Encoding(self._contract, kept)

    def _read_typed(self, path: Path) -> Iterator[Table]:
        with path.open(encoding="utf-8", newline="") as lines:
            rows, before = read_rows(lines), 0
            while piece := _next_rows(rows, before):
                before += len(piece)
                yield table_of(self._encoder.encode(piece, parse_fields))

    def _read_numbers(self, path: Path) -> Iterator[Table]:
        for text in blocks(path):
            rows = parse_rows(text, self._encoder.width)
            self._encoder.check_booleans(rows.values)
            yield table_of(rows)


def _next_rows(rows: Iterator[list[str]], before: int) -> list[list[str]]:
    try:
        return list(islice(rows, _BLOCK_ROWS))
    except RowError as error:  # its row counts from the first of the file
        raise RowError(error.row - before, error.field, error.reason) from None


def _places(categories: Sequence[str], column: Table) -> tuple[list[str], Table]:
    """The categories that are kept, in the order of their texts, and the column by their new codes."""
    seen = np.bincount(column[~np.isnan(column)].astype(np.int64), minlength=len(categories))
    frequent = sorted(range(len(categories)), key=lambda code: (-seen[code], categories[code]))
    kept = sorted(frequent[:MAX_CATEGORIES], key=categories.__getitem__)
    places = np.full(len(categories) + 1, np.nan, np.float32)  # the last place is for what is missing
    places[kept] = np.arange(len(kept), dtype=np.float32)
    return [categories[code] for code in kept], places[
        np.nan_to_num(column, nan=len(categories)).astype(np.int64)
    ]
