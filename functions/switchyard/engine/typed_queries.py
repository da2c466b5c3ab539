"""The queries that read rows by the kinds of their columns: the rules of core.data in SQL, for the fields that nearly
all are. A row with any other field is `odd`: it is handed back as it stands, for those rules themselves to read.

Each column is c0, c1, ...: its text, NULL where nothing or a word for nothing stands. What a field may be is told once
for a block where the block has no sign that could make it another thing, so that no field is searched for it.
"""

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

from switchyard.core.data.contract import Kind
from switchyard.core.data.csv_block import LONGEST
from switchyard.core.data.packed.packed_rows import Codes, Shape
from switchyard.engine.bounded_connection import literal

FILE, EMPTY = "<file>", "''"
COMMAS = ", ',', "

# Other spellings make a row odd; NULL means the same in every kind.
MISSING = ("", "NA", "NaN", "nan", "N/A", "n/a", "null", "NULL", "None", "?", "<NA>")
LOWER_MISSING = ("nan", "na", "n/a", "<na>", "null", "none", "?")
# What DuckDB casts to a number and core.data.numbers has other words for, beside infinities.
_NOT_IN_NUMBERS = (" ", "\t", "\v", "\f", "\n", "\r", "_", "+-")
# What is not in words in their one form; of blanks only one by itself is, and none around.
_NOT_IN_WORDS = ("\t", "\n", "\v", "\f", "\r", "\x1c", "\x1d", "\x1e", "\x1f")
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?"
_BREAKS = ("\n", "\r")
_RARE = {ord(sign) for sign in {*_NOT_IN_NUMBERS, *_NOT_IN_WORDS} - {" ", "+-", *_BREAKS}}
_FREQUENT = bytes(each for each in range(128) if each not in _RARE)
# Beyond ASCII: neither white space nor anything that NFC, of any version of Unicode, joins or takes apart.
STABLE = (
    (0xA1, 0x2FF), (0x400, 0x481), (0x2010, 0x2027), (0x2030, 0x203A), (0x20A0, 0x20BF), (0x3041, 0x3096),
    (0x30A1, 0x30FA), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1F64F),
)  # fmt: skip


_UNSTABLE = re.compile("[^\x01-\x7f" + "".join(f"{chr(first)}-{chr(last)}" for first, last in STABLE) + "]")


class Signs(NamedTuple):
    """Of a block: what it has that needs a look at each field. is_stable: all its words are composed as they stand."""

    in_numbers: tuple[str, ...]
    in_words: tuple[str, ...]
    has_blanks: bool
    has_quotes: bool
    is_stable: bool


def signs_of(body: bytes, *, breaks: bool = False) -> Signs:
    """breaks: can a field hold a line end?"""
    rare = body.translate(None, _FREQUENT).decode()
    seen = {" "} if b" " in body else set()
    seen |= {"+-"} if b"+" in body and b"+-" in body else set()  # one byte is found sooner than two
    seen |= set(rare) & set(map(chr, _RARE))
    seen |= set(_BREAKS) if breaks else set()
    in_numbers, in_words = (
        tuple(sign for sign in signs if sign in seen) for signs in (_NOT_IN_NUMBERS, _NOT_IN_WORDS)
    )
    return Signs(in_numbers, in_words, " " in seen, b'"' in body, _UNSTABLE.search(rare) is None)


def rows_query(shape: Shape, wanted: Sequence[int], signs: Signs, codes: Codes | None) -> str:
    """Rows of `odd`, one text with NULs between its fields, empty of a row that is not. Where rows are packed, which
    `codes` say, follow the code, the line of a channel, the words with NULs between them, and a column for each number
    in 32 bits, the label last. Then come the values of the wanted columns as they are, where a missing one is NaN or an
    empty text. None is NULL.
    """
    values = [VALUE[shape.kinds[at]].format(f"c{at}", f"v{at}") for at in wanted]
    packed = [] if codes is None else packed_of(shape, signs, codes)
    chosen = [_odd(shape, signs, codes), *packed, *values]
    return f"SELECT {', '.join(chosen)} FROM ({_joined(shape, codes)})"  # noqa: S608 - columns by number


def packed_of(shape: Shape, signs: Signs, codes: Codes) -> list[str]:
    """A row of another class is odd."""
    numbers = [f"coalesce(CAST(v{at} AS FLOAT), 'nan'::FLOAT)" for at in numbers_of(shape)]
    code = "coalesce(code, 0)::UINTEGER" if codes else "0::UINTEGER"
    return [code, line_of(shape, signs, codes), "words", *numbers, label_of(codes)]


def label_of(codes: Codes) -> str:
    return f"coalesce(CAST({'code' if codes else 'v0'} AS FLOAT), 'nan'::FLOAT)"


def code_of(shape: Shape, codes: Codes) -> str:
    """NULL of another class."""
    if shape.kinds[0].is_numeric:
        known = " ".join(f"WHEN {float(value)!r} THEN {code}" for value, code in codes.items())
        return f"CASE TRY_CAST(c0 AS DOUBLE) {known} END AS code"
    known = " ".join(f"WHEN {literal(str(value))} THEN {code}" for value, code in codes.items())
    return f"CASE v0 {known} END AS code"


def numbers_of(shape: Shape) -> list[int]:
    """The features that are numbers."""
    return [at for at, kind in enumerate(shape.kinds) if at and kind.is_numeric]


def runs_of(shape: Shape) -> list[list[int]]:
    """Features of Kind.NUMBER that stand next to each other."""
    numbers = [at for at, kind in enumerate(shape.kinds) if at and kind is Kind.NUMBER]
    found = groupby(enumerate(numbers), key=lambda each: each[1] - each[0])
    return [[at for _, at in run] for _, run in found]


def _joined(shape: Shape, codes: Codes | None) -> str:
    """Each column as text and value; each run of numbers, and all words, as one text, so that these are searched at
    once. No name of the table's own is in the text, and the file's is put in place of FILE: a relation with parameters
    would be copied before it is read.
    """
    texts = [f"c{at}" for at in range(len(shape.kinds))]
    typed = [f"{_TYPED[kind](f'c{at}')} AS v{at}" for at, kind in enumerate(shape.kinds)]
    runs = [f"concat(',', {COMMAS.join(f'c{at}' for at in run)}) AS n{run[0]}" for run in runs_of(shape)]
    words = [f"v{at}" for at, kind in enumerate(shape.kinds) if at and not kind.is_numeric]
    joined = f"concat_ws(chr(0), {', '.join(words)})" if words else EMPTY
    inner = f"SELECT {', '.join([*texts, *typed, *runs])} FROM ({_rows(shape)})"  # noqa: S608 - columns by number
    more = [f"{joined} AS words", *([code_of(shape, codes)] if codes else [])]
    return f"SELECT *, {', '.join(more)} FROM ({inner})"  # noqa: S608 - columns by number


def line_of(shape: Shape, signs: Signs, codes: Codes) -> str:
    written = _FIELD | dict.fromkeys(WORDS, _quoted("{0}") if signs.has_quotes else "{0}")
    others = {
        at: f"',', {written[kind].format(f'v{at}')}" for at, kind in enumerate(shape.kinds) if kind in written
    }
    pieces = {**others, **{run[0]: f"n{run[0]}" for run in runs_of(shape)}}
    label = "code" if codes else "c0"
    return f"concat({label}, {', '.join(pieces[at] for at in sorted(pieces) if at)}, chr(10))"


def _odd(shape: Shape, signs: Signs, codes: Codes | None) -> str:
    sound = ["c0 IS NOT NULL" if shape.kinds[0].is_numeric else "v0 <> ''"]
    sound += ["code IS NOT NULL"] if codes else []
    sound += [_SOUND[kind](f"c{at}", f"v{at}") for at, kind in enumerate(shape.kinds)]
    numbers = [f"n{run[0]}" for run in runs_of(shape)] + (["c0"] if shape.kinds[0] is Kind.NUMBER else [])
    sound += [f"NOT ({contains(each, signs.in_numbers)})" for each in numbers if signs.in_numbers]
    words = ", ".join(f"c{at}" for at, kind in enumerate(shape.kinds) if at and kind in WORDS)
    apart = f"concat_ws(' ', '', {words}, '')" if words else EMPTY  # one that is missing is passed over
    unlike = _unlike_words("words", apart, signs)
    unlike += [] if shape.kinds[0].is_numeric else _unlike_words("v0", "concat(' ', c0, ' ')", signs)
    sound += [f"NOT ({each})" for each in unlike]
    stands = f"concat_ws(chr(0), {', '.join(_as_they_stand(shape))})"
    return f"CASE WHEN {' AND '.join(sound)} THEN {EMPTY} ELSE {stands} END"


def _as_they_stand(shape: Shape) -> list[str]:
    return [f"coalesce(c{at}, '')" for at in range(len(shape.kinds))]


def _rows(shape: Shape) -> str:
    columns = ", ".join(f"'f{at}': 'VARCHAR'" for at in range(shape.width))
    named = ", ".join(f"f{place} AS c{at}" for at, place in enumerate(shape.places))
    return (
        f"SELECT {named} FROM read_csv({FILE}, columns = {{{columns}}}, header = false, auto_detect = false, "  # noqa: S608 - by number
        f"""delim = ',', quote = '"', escape = '"', nullstr = {list(MISSING)}, max_line_size = {LONGEST})"""
    )


def _texts(texts: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{text}'" for text in texts) + ")"


def contains(name: str, signs: Sequence[str]) -> str:
    return " OR ".join(f"contains({name}, {' || '.join(f'chr({ord(s)})' for s in sign)})" for sign in signs)


def _number(name: str) -> str:
    """In 32 bits, rounded from 64; -0 + 0 is 0."""
    return f"TRY_CAST(TRY_CAST({name} AS DOUBLE) + 0.0 AS FLOAT)"


def boolean_of(name: str) -> str:
    """What DuckDB itself reads so is what the rules read so, but for the words that it does not know."""
    return f"coalesce(TRY_CAST({name} AS BOOLEAN), CASE lower({name}) WHEN 'on' THEN true WHEN 'off' THEN false END)"


def date_of(name: str) -> str:
    """A day, or a moment in UTC, by its digits; NULL for any other. Years begin with 1."""
    day = f"left({name}, 10)"
    # What is written again as it was read is in its one form.
    is_day = f"strlen({name}) = 10 AND CAST(TRY_CAST({name} AS DATE) AS VARCHAR) = {name}"
    moment = f"strftime(TRY_CAST({name} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%SZ') = {name}"
    is_moment = f"regexp_full_match({name}, '{_DAY}{_TIME}') AND TRY_CAST({day} AS DATE) IS NOT NULL"
    instant = f"{day} || 'T' || substring({name}, 12, 8) || 'Z'"
    is_midnight = f"contains({name}, '00:00:00')"
    return (
        f"CASE WHEN {name} IS NULL THEN '' WHEN {name} < '0001' THEN NULL WHEN {is_day} THEN {name} "
        f"WHEN strlen({name}) = 20 AND NOT {is_midnight} AND {moment} THEN {name} "
        f"WHEN {is_moment} THEN CASE WHEN {is_midnight} THEN {day} ELSE {instant} END END"
    )


def _sound_number(text: str, value: str) -> str:
    return f"({text} IS NULL OR isfinite({value}))"


def _sound_boolean(text: str, value: str) -> str:
    return f"({text} IS NULL OR {value} IS NOT NULL)"


def _sound_words(_: str, value: str) -> str:
    """What is short is looked up among the words for nothing: a CASE does that for no other row."""
    return f"CASE WHEN strlen({value}) <= 4 THEN lower({value}) NOT IN {_texts(LOWER_MISSING)} ELSE true END"


def _unlike_words(words: str, apart: str, signs: Signs) -> list[str]:
    """words: with NULs between them, which no block has; apart: with a blank around each."""
    unlike = [contains(words, signs.in_words)]
    if signs.has_blanks:  # around a word or twice within it: two follow each other
        unlike += [f"contains({apart}, '  ')"]
    if not signs.is_stable:
        ranges = "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in STABLE)
        unlike += [
            f"strlen({words}) > length({words}) AND NOT regexp_full_match({words}, '[\\x00 -~{ranges}]*')"
        ]
    return list(filter(None, unlike))


def _sound_value(_: str, value: str) -> str:
    return f"{value} IS NOT NULL"


def _quoted(value: str) -> str:
    return (
        f"CASE WHEN contains({value}, '\"') OR contains({value}, ',') "
        f"THEN concat('\"', replace({value}, '\"', '\"\"'), '\"') ELSE {value} END"
    )


WORDS = (Kind.CATEGORY, Kind.TEXT)
_TYPED: dict[Kind, Callable[[str], str]] = {
    Kind.NUMBER: _number,
    Kind.BOOLEAN: boolean_of,
    Kind.DATE: date_of,
    **dict.fromkeys(WORDS, "coalesce({0}, '')".format),
}
_SOUND: dict[Kind, Callable[[str, str], str]] = {
    Kind.NUMBER: _sound_number,
    Kind.BOOLEAN: _sound_boolean,
    Kind.DATE: _sound_value,
    **dict.fromkeys(WORDS, _sound_words),
}
VALUE = {
    Kind.NUMBER: "coalesce(TRY_CAST({0} AS DOUBLE), 'nan'::DOUBLE)",
    Kind.BOOLEAN: "coalesce(CAST({1} AS DOUBLE), 'nan'::DOUBLE)",
    **dict.fromkeys((*WORDS, Kind.DATE), "coalesce({1}, '')"),
}
# A feature in a channel's line, by its value; numbers are there as they are written.
_FIELD = {Kind.BOOLEAN: "CASE WHEN {0} THEN '1' WHEN NOT {0} THEN '0' ELSE '' END", Kind.DATE: "{0}"}
