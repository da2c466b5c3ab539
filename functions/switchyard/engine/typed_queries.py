"""The queries that read rows by the kinds of their columns: the rules of core.data in SQL, for the fields that nearly
all are. A row with any other field is `odd`: it is handed back as it stands, for those rules themselves to read.

Each column is c0, c1, ...: its text, NULL where nothing or a word for nothing stands. What a field may be is told once
for a block where the block has no sign that could make it another thing, so that no field is searched for it.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from switchyard.core.data.contract import Kind
from switchyard.core.data.csv_block import LONGEST, Block
from switchyard.core.data.numbers import FLOAT32_MAX
from switchyard.core.data.packed.packed_rows import Shape

FILE, EMPTY = "<file>", "''"

# Other spellings make a row odd; NULL means the same in every kind.
MISSING = ("", "NA", "NaN", "nan", "N/A", "n/a", "null", "NULL", "None", "?", "<NA>")
_LOWER_MISSING = ("nan", "na", "n/a", "<na>", "null", "none", "?")
_TRUE = ("true", "True", "TRUE", "t", "T", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON", "1")
_FALSE = ("false", "False", "FALSE", "f", "F", "no", "No", "NO", "n", "N", "off", "Off", "OFF", "0")

# What DuckDB casts to a number and core.data.numbers has other words for, beside infinities.
_NOT_IN_NUMBERS = (" ", "\t", "\v", "\f", "\n", "\r", "_", "+-")
# What is not in words in their one form; of blanks only one by itself is, and none around.
_NOT_IN_WORDS = ("  ", "\t", "\n", "\v", "\f", "\r", "\x1c", "\x1d", "\x1e", "\x1f")
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?"
_BREAKS = ("\n", "\r")
_RARE = {ord(sign) for sign in {*_NOT_IN_NUMBERS, *_NOT_IN_WORDS} - {" ", "  ", "+-", *_BREAKS}}
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


def signs_of(block: Block) -> Signs:
    """Line ends count where a field can hold one."""
    body = block.body
    rare = body.translate(None, _FREQUENT).decode()
    seen = {sign for sign in ("+-", " ", "  ") if _has(body, sign.encode())} | (
        set(rare) & set(map(chr, _RARE))
    )
    seen |= set(_BREAKS) if block.has_inner_breaks else set()
    in_numbers, in_words = (
        tuple(sign for sign in signs if sign in seen) for signs in (_NOT_IN_NUMBERS, _NOT_IN_WORDS)
    )
    return Signs(in_numbers, in_words, " " in seen, b'"' in body, _UNSTABLE.search(rare) is None)


def _has(body: bytes, sign: bytes) -> bool:
    """One byte is looked for in a fraction of the time that two take."""
    return sign[:1] in body and sign in body


def rows_query(shape: Shape, wanted: Sequence[int], signs: Signs) -> str:
    """Rows of `odd`, one text with NULs between its fields, empty of a row that is not; the target's text, the features
    as the end of a line, the words with NULs between them, a column for each number in 32 bits, and the values of the
    wanted columns as they are, where a missing one is NaN or an empty text. None is NULL.
    """
    features = range(1, len(shape.kinds))
    quoted = "{1}" if not signs.has_quotes else _quoted("{1}")
    written = _FIELD | dict.fromkeys(_WORDS, quoted)
    line = [f"',', {written[shape.kinds[at]].format(f'c{at}', f'v{at}')}" for at in features]
    words = [at for at in features if not shape.kinds[at].is_numeric]
    tail = f"concat_ws(chr(0), {', '.join(f'v{at}' for at in words)})" if words else EMPTY
    numbers = [
        f"coalesce(TRY_CAST(v{at} + 0.0 AS FLOAT), 'nan'::FLOAT)" for at in numbers_of(shape)
    ]  # -0 + 0 is 0
    values = [_VALUE[shape.kinds[at]].format(f"v{at}") for at in wanted]
    target = "coalesce(c0, '')" if shape.kinds[0].is_numeric else "v0"
    return _query(shape, signs, [target, f"concat({', '.join(line)}, chr(10))", tail, *numbers, *values])


def numbers_of(shape: Shape) -> list[int]:
    """The features that are numbers."""
    return [at for at, kind in enumerate(shape.kinds) if at and kind.is_numeric]


def _query(shape: Shape, signs: Signs, chosen: Sequence[str]) -> str:
    """No name of the table's own is in the text, and the file's is put in place of FILE: a relation with parameters
    would be copied before it is read.
    """
    read = [f"c{at}" for at in range(len(shape.kinds))]
    typed = [
        f"{_TYPED[kind](name)} AS v{at}"
        for at, (name, kind) in enumerate(zip(read, shape.kinds, strict=True))
    ]
    sound = [_SOUND[kind](f"c{at}", f"v{at}", signs) for at, kind in enumerate(shape.kinds)]
    sound += _within_bounds(shape)
    stands = f"concat_ws(chr(0), {', '.join(_as_they_stand(shape))})"
    target = "c0 IS NOT NULL" if shape.kinds[0].is_numeric else "v0 <> ''"
    odd = f"CASE WHEN {' AND '.join([target, *sound])} THEN {EMPTY} ELSE {stands} END"
    inner = f"SELECT {', '.join(read)}, {', '.join(typed)} FROM ({_rows(shape)})"  # noqa: S608 - columns by number
    return f"SELECT {', '.join([odd, *chosen])} FROM ({inner})"  # noqa: S608 - columns by number


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


def _contains(name: str, signs: Sequence[str]) -> str:
    return " OR ".join(f"contains({name}, {' || '.join(f'chr({ord(s)})' for s in sign)})" for sign in signs)


def _boolean(name: str) -> str:
    return f"CASE WHEN {name} IN {_texts(_TRUE)} THEN 1.0::DOUBLE WHEN {name} IN {_texts(_FALSE)} THEN 0.0::DOUBLE END"


def _date(name: str) -> str:
    """A day, or a moment in UTC, by its digits; NULL for any other. Years begin with 1."""
    day = f"left({name}, 10)"
    is_day = f"strlen({name}) = 10 AND regexp_full_match({name}, '{_DAY}') AND TRY_CAST({name} AS DATE) IS NOT NULL"
    is_moment = f"regexp_full_match({name}, '{_DAY}{_TIME}') AND TRY_CAST({day} AS DATE) IS NOT NULL"
    instant = f"{day} || 'T' || substring({name}, 12, 8) || 'Z'"
    is_midnight = f"contains({name}, '00:00:00')"
    stands = f"contains({name}, 'T') AND ends_with({name}, 'Z')"
    return (
        f"CASE WHEN {name} IS NULL THEN '' WHEN {name} < '0001' THEN NULL WHEN {is_day} THEN {name} "
        f"WHEN {is_moment} THEN CASE WHEN {is_midnight} THEN {day} WHEN {stands} THEN {name} ELSE {instant} END END"
    )


def _sound_number(text: str, value: str, signs: Signs) -> str:
    unlike = _contains(text, signs.in_numbers)
    alike = f" AND NOT ({unlike})" if unlike else ""
    return f"({text} IS NULL OR ({value} IS NOT NULL{alike}))"


def _within_bounds(shape: Shape) -> list[str]:
    """Of all numbers of a row at once: NULL is none of them, and NaN is above all others."""
    values = ", ".join(f"v{at}" for at, kind in enumerate(shape.kinds) if kind is Kind.NUMBER)
    bound = f"{FLOAT32_MAX!r}::DOUBLE"
    ends = [f"greatest({values}) <= {bound}", f"least({values}) >= -{bound}"] if values else []
    return [f"coalesce({end}, true)" for end in ends]


def _sound_words(text: str, _: str, signs: Signs) -> str:
    """What is short is looked up among the words for nothing: a CASE does that for no other row."""
    unlike = [f"CASE WHEN strlen({text}) <= 4 THEN lower({text}) IN {_texts(_LOWER_MISSING)} ELSE false END"]
    unlike += [f"starts_with({text}, ' ')", f"ends_with({text}, ' ')"] if signs.has_blanks else []
    unlike += [_contains(text, signs.in_words)] if signs.in_words else []
    if not signs.is_stable:
        ranges = "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in STABLE)
        unlike += [f"(strlen({text}) > length({text}) AND NOT regexp_full_match({text}, '[ -~{ranges}]*'))"]
    return f"({text} IS NULL OR NOT ({' OR '.join(unlike)}))"


def _sound_value(_: str, value: str, __: Signs) -> str:
    return f"{value} IS NOT NULL"


def _sound_boolean(text: str, value: str, _: Signs) -> str:
    return f"({text} IS NULL OR {value} IS NOT NULL)"


def _quoted(value: str) -> str:
    return (
        f"CASE WHEN contains({value}, '\"') THEN concat('\"', replace({value}, '\"', '\"\"'), '\"') "
        f"WHEN contains({value}, ',') THEN concat('\"', {value}, '\"') ELSE {value} END"
    )


_WORDS = (Kind.CATEGORY, Kind.TEXT)
_TYPED: dict[Kind, Callable[[str], str]] = {
    Kind.NUMBER: "TRY_CAST({0} AS DOUBLE)".format,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    **dict.fromkeys(_WORDS, "coalesce({0}, '')".format),
}
_SOUND: dict[Kind, Callable[[str, str, Signs], str]] = {
    Kind.NUMBER: _sound_number,
    Kind.BOOLEAN: _sound_boolean,
    Kind.DATE: _sound_value,
    **dict.fromkeys(_WORDS, _sound_words),
}
_NUMBERS = (Kind.NUMBER, Kind.BOOLEAN)
_VALUE = dict.fromkeys(_NUMBERS, "coalesce({0}, 'nan'::DOUBLE)") | dict.fromkeys(
    (*_WORDS, Kind.DATE), "coalesce({0}, '')"
)
# A feature in a channel's line, by its text and its value; NULL is nothing there.
_FIELD = {
    Kind.NUMBER: "{0}",
    Kind.BOOLEAN: "CASE {1} WHEN 1.0 THEN '1' WHEN 0.0 THEN '0' ELSE '' END",
    Kind.DATE: "{1}",
}
