"""Code books: the categories of a column, and the number that stands for each in the model.

A category that is not in the book, an empty field, and a text longer than CATEGORY_LIMIT is a missing value.
"""

import unicodedata
from collections.abc import Iterable
from math import nan

MAX_CATEGORIES = 4096
CATEGORY_LIMIT = 1024  # signs
# Marks of byte order and of direction, and blanks without a width; and the blank, which they may have hidden.
_UNSEEN = " \ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
_CODES = tuple(map(float, range(MAX_CATEGORIES)))  # one number for all books: less to fetch for a row


class CodeBook(dict[str, float]):
    """Codes by category, of at most MAX_CATEGORIES; indexing never fails."""

    def __init__(self, categories: Iterable[str]) -> None:
        super().__init__(zip(categories, _CODES, strict=False))
        self[""] = nan

    def __missing__(self, text: str) -> float:
        return self.get(canonical(text), nan)


class LearningBook(dict[str, float]):
    """Gives each category that it meets the next code."""

    def __init__(self) -> None:
        super().__init__({"": nan})

    def __missing__(self, text: str) -> float:
        category = canonical(text)
        if category not in self and len(category) <= CATEGORY_LIMIT:
            self[category] = float(len(self) - 1)
        return self.get(category, nan)

    @property
    def categories(self) -> list[str]:
        """In the order of their codes."""
        return [category for category in self if category]


def canonical(text: str) -> str:
    """The same category, however it was typed: composed signs (NFC), runs of space one blank, nothing unseen around."""
    return unicodedata.normalize("NFC", " ".join(text.split()).strip(_UNSEEN))
