"""What the columns of a first dataset are, read off its first rows; `columns` in pipeline.yaml overrules it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from switchyard.config.model_contract import IGNORED, WEIGHT
from switchyard.core.data.contract import Kind, is_nameless
from switchyard.core.data.dates import is_meant_as_date
from switchyard.core.data.normalized_text import bare, boolean, clean
from switchyard.core.data.number_advice import look_of
from switchyard.core.data.numbers import (
    is_meant_as_number,
    is_missing,
    is_word_for_missing,
    read_number,
    read_plainly,
)

MOST_FIELDS = 500_000  # that are held while the kinds are not known
MOST_ROWS, FEWEST_ROWS = 10_000, 50
DEFECTS = 0.05  # share of fields that may be none of a kind and still be defects of it; one may always be
TELLING = 20  # rows from which on values that never repeat mean something
FEW, FEW_SHARE = 50, 0.1  # different words of a category: so many, or that share of the rows
CODE = 5  # digits from which on leading zeros are no padding of a number: of postcodes, accounts, articles
AN_IDENTIFIER = "every value is another one, as of an identifier"
DECLARED = "by `columns` in pipeline.yaml"
NAMELESS = "it has no name, as an index has none"


@dataclass(frozen=True)
class Found:
    """kind: None of a column that is left out; `why` it is."""

    kind: Kind | None
    why: str = ""


def rows_to_look_at(width: int) -> int:
    """So many that a wide table fits in memory."""
    return max(FEWEST_ROWS, min(MOST_ROWS, MOST_FIELDS // max(1, width)))


def found_kinds(
    names: Sequence[str], rows: Sequence[Sequence[str]], declared: Mapping[str, str]
) -> dict[str, Found]:
    """Each column by its name; those that are declared are not looked at."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {
        name: _declared(declared[name]) if name in declared else _seen(name, column)
        for name, column in zip(names, columns, strict=True)
    }


def _declared(kind: str) -> Found:
    return Found(None, DECLARED) if kind in (IGNORED, WEIGHT) else Found(Kind(kind))


def _seen(name: str, fields: Sequence[str]) -> Found:
    return Found(None, NAMELESS) if is_nameless(name) else infer(fields)


def infer(fields: Sequence[str]) -> Found:
    """The kind that nearly all fields are of; what is left then is told as a defect with its row."""
    if read_plainly(fields) is not None and not are_codes(fields):
        return Found(Kind.NUMBER)
    known = [text for text in fields if text.strip() and not is_missing(text)]
    if are_codes(known):
        return _words([clean(text) for text in known])
    if (
        known
        and all(boolean(text) is not None for text in known)
        and not all(bare(text).isdigit() for text in known)
    ):
        return Found(Kind.BOOLEAN)
    told = [text for text in known if not is_word_for_missing(text)]
    if _mostly(told, is_meant_as_number) or _are_numbers_beside_a_word(told):
        return Found(Kind.NUMBER)
    return Found(Kind.DATE) if _mostly(told, is_meant_as_date) else _words([clean(text) for text in known])


def are_codes(fields: Sequence[str]) -> bool:
    """Digits of one length, some with zeros in front, as `01234`: a number would lose them."""
    known = [text for text in fields if text]
    width = len(known[0]) if known else 0
    return (
        width >= CODE
        and any(text[0] == "0" for text in known)
        and all(len(text) == width and text.isascii() and text.isdigit() for text in known)
    )


def _are_numbers_beside_a_word(fields: Sequence[str]) -> bool:
    """One word among many different numbers stands for a missing one, whatever it is: it is told with its row."""
    words = (text.strip().casefold() for text in fields if not is_meant_as_number(text))
    first = next(words, None)
    if first is None or any(word != first for word in words):
        return False
    numbers = {read_number(text) for text in fields} - {None}
    return len(numbers) > FEW or (len(numbers) > len(fields) / 3 and any("." in text for text in fields))


def _mostly(fields: Sequence[str], fits: Callable[[str], bool]) -> bool:
    """All but so few that these are defects: one more decides, and no field behind it is looked at."""
    most = int(max(1, DEFECTS * len(fields)))
    others = sum(1 for _ in islice((text for text in fields if not fits(text)), most + 1))
    return others <= most and (others < len(fields) or not fields)


def _measures(words: Sequence[str]) -> bool:
    """Mostly numbers, or times of day, or bounds: to leave them out as identifiers would lose what they say."""
    if sum(map(is_meant_as_number, words)) > len(words) / 2:
        return True
    return all(look_of(word).startswith(("a time of day", "a bound")) for word in words[:TELLING])


def _words(words: Sequence[str]) -> Found:
    distinct = set(words)
    if len(words) < TELLING:
        return Found(Kind.CATEGORY)
    if len(distinct) == len(words) and not any(" " in word for word in words):
        return Found(Kind.NUMBER) if _measures(words) else Found(None, AN_IDENTIFIER)
    few = min(len(words) / 2, max(FEW, FEW_SHARE * len(words)))
    return Found(Kind.CATEGORY if len(distinct) <= few else Kind.TEXT)
