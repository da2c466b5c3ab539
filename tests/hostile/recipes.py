"""All recipes, by door."""

from tests.hostile import archives, captured, folders, keys, labels, messages, owners, payloads, tables
from tests.hostile.case import Book


def book() -> Book:
    found = Book()
    for chapter in (tables, folders, owners, labels, captured, keys, messages, payloads, archives):
        chapter.fill(found)
    return found
