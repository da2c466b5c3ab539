"""One query for a block in which nothing is out of the ordinary, as nearly all are: no row of it is for the rules.

It breaks off at the first row that is. What DuckDB passes over in silence, an empty line, a separator too many, blanks
beside a quote, is in no field: the bytes of all fields are counted, and are those of the block (`is_plain`). Otherwise
the block is read with care (`typed_queries`).
"""

from collections.abc import Sequence

from switchyard.core.data.contract import Kind
from switchyard.core.data.csv_block import LONGEST, Block
from switchyard.core.data.packed.packed_rows import Codes, Shape
from switchyard.engine.typed_queries import (
    COMMAS,
    FILE,
    LOWER_MISSING,
    VALUE,
    WORDS,
    Signs,
    boolean_of,
    code_of,
    contains,
    date_of,
    packed_of,
    runs_of,
)

LONGEST_MISSING = 4  # bytes of a word for a missing value


def may_be_plain(block: Block, shape: Shape, signs: Signs, codes: Codes) -> bool:
    """As far as it can be said beforehand."""
    has_odd_signs = bool(signs.in_words) or not signs.is_stable or set(signs.in_numbers) - {" ", "_"}
    has_quoted_class = signs.has_quotes and any('"' in str(value) for value in codes)
    is_framed = b"\r" in block.body or b"\0" in block.body
    return shape.width > 1 and not has_odd_signs and not has_quoted_class and not is_framed


def is_plain(block: Block, rows: int, sizes: int, words: bytes) -> bool:
    """Is all of the block in the fields of these rows, a row in each line? sizes: bytes of them all, a separator each,
    but for quotes around fields or doubled within; words: of all rows.
    """
    quotes = words.count(b'"') if block.quotes else 0
    return rows == block.lines and len(block.body) - block.quotes == sizes - quotes


def plain_query(shape: Shape, wanted: Sequence[int], signs: Signs, codes: Codes) -> str:
    """Rows of the bytes of a row, 1 where a word may be a numeral, then what typed_queries.rows_query answers behind
    `odd`. It breaks off at a row that is for the rules.
    """
    values = [VALUE[shape.kinds[at]].format(f"c{at}", f"v{at}") for at in wanted]
    size = f"CASE WHEN {' OR '.join(_odd(shape, signs, codes))} THEN error('odd') ELSE {_size(shape)} END"
    chosen = [f"CAST({size} AS UINTEGER)", _numerals(shape), *packed_of(shape, signs, codes), *values]
    return f"SELECT {', '.join(chosen)} FROM ({_joined(shape, codes, signs)})"  # noqa: S608 - columns by number


def _joined(shape: Shape, codes: Codes, signs: Signs) -> str:
    texts = [f"c{at}" for at in range(len(shape.kinds))]
    typed = [f"{_typed(kind, f'c{at}')} AS v{at}" for at, kind in enumerate(shape.kinds)]
    runs = [f"concat(',', {COMMAS.join(f'c{at}' for at in run)}) AS n{run[0]}" for run in runs_of(shape)]
    words = [f"v{at}" for at, kind in enumerate(shape.kinds) if at and not kind.is_numeric]
    joined = f"concat_ws(chr(0), {', '.join(words)})" if words else "''"
    inner = f"SELECT {', '.join([*texts, 'others', *typed, *runs])} FROM ({_rows(shape, signs)})"  # noqa: S608 - columns by number
    more = [f"{joined} AS words", *([code_of(shape, codes)] if codes else [])]
    return f"SELECT *, {', '.join(more)} FROM ({inner})"  # noqa: S608 - columns by number


def _rows(shape: Shape, signs: Signs) -> str:
    """`others`: bytes of the fields that are not read, and of their separators."""
    columns = ", ".join(f"'f{at}': 'VARCHAR'" for at in range(shape.width))
    named = [f"f{place} AS c{at}" for at, place in enumerate(shape.places)]
    unread = [f"f{place}" for place in range(shape.width) if place not in set(shape.places)]
    own = "strlen(replace(coalesce({0}, ''), '\"', ''))" if signs.has_quotes else "coalesce(strlen({0}), 0)"
    others = " + ".join([str(len(unread)), *(own.format(name) for name in unread)])
    return (
        f"SELECT {', '.join(named)}, {others} AS others FROM read_csv({FILE}, columns = {{{columns}}}, "  # noqa: S608 - by number
        f"header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = [''], "
        f"max_line_size = {LONGEST})"
    )


def _typed(kind: Kind, name: str) -> str:
    """Of a number in 32 bits, rounded from 64; -0 + 0 is 0."""
    if kind is Kind.NUMBER:
        return f"CAST(CAST({name} AS DOUBLE) + 0.0 AS FLOAT)"
    if kind in WORDS:
        missing = ", ".join(f"'{word}'" for word in LOWER_MISSING)
        return (
            f"CASE WHEN {name} IS NULL THEN '' WHEN strlen({name}) > {LONGEST_MISSING} THEN {name} "
            f"WHEN lower({name}) IN ({missing}) THEN '' ELSE {name} END"
        )
    return boolean_of(name) if kind is Kind.BOOLEAN else date_of(name)


def _odd(shape: Shape, signs: Signs, codes: Codes) -> list[str]:
    """What is missing is finite, and holds nothing: NULL is not true."""
    kinds = list(enumerate(shape.kinds))
    finite = [f"isfinite(v{at})" for at, kind in kinds if kind is Kind.NUMBER]
    found = [f"NOT ({' AND '.join(finite)})"] if finite else []
    found += [f"v{at} IS NULL" for at, kind in kinds if kind is Kind.DATE]
    found += [f"(c{at} IS NOT NULL AND v{at} IS NULL)" for at, kind in kinds if kind is Kind.BOOLEAN]
    found += ["code IS NULL" if codes else "c0 IS NULL"]
    numbers = [f"n{run[0]}" for run in runs_of(shape)] + (["c0"] if shape.kinds[0].is_numeric else [])
    found += [contains(each, signs.in_numbers) for each in numbers if signs.in_numbers]
    return found + (_blanks(shape) if signs.has_blanks else [])


def _blanks(shape: Shape) -> list[str]:
    """Two that follow each other, or one at an end of a word: within a row there is a NUL between two."""
    words = [at for at, kind in enumerate(shape.kinds) if at and kind in WORDS]
    if not words:
        return []
    ends = [f"starts_with(v{words[0]}, ' ')", f"ends_with(v{words[-1]}, ' ')"]
    return [contains("words", ("  ", " \0", "\0 ")), *ends]


def _size(shape: Shape) -> str:
    """Of a run of numbers its text begins with a comma: one separator a field."""
    runs = runs_of(shape)
    in_runs = {at for run in runs for at in run}
    alone = [at for at in range(len(shape.kinds)) if at not in in_runs]
    own = [f"strlen(n{run[0]})" for run in runs] + [f"coalesce(strlen(c{at}), 0)" for at in alone]
    return " + ".join(["others", str(len(alone)), *own])


def _numerals(shape: Shape) -> str:
    words = [at for at, kind in enumerate(shape.kinds) if at and kind in WORDS]
    may_be = " OR ".join(f"(v{at} >= '+' AND v{at} < ':')" for at in words)
    return f"CAST({may_be or 'false'} AS UINTEGER)"
