"""What a field looks like that is no number, and what to write instead: numbers as people and spreadsheets write."""

import re
from collections.abc import Callable

BLANK_MARKS = " \u00a0\u2009\u202f"  # spreadsheets part thousands by these, too
QUOTE_MARKS = "'\u2019"
_MONEY = r"(?:[A-Z]{0,2}[$\u00a2-\u00a5\u0e3f\u20a0-\u20c0]|(?i:kr|z\u0142|\u0440\u0443\u0431)\.?)"
_SYMBOL = "[$\u00a2-\u00a5\u0e3f\u20a0-\u20c0]"
_AMOUNT = rf"[0-9][0-9.,{BLANK_MARKS}]*"
# Each sign of it in one way alone: a field has up to 131,072.
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_QUOTES = "'\"`\u00b4\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
_SIGN = "[+\u2212-]?"
_PRICE_WORDS = "an amount with its currency; write 1234.5, and the currency in a column of its own"


def _grouped(found: re.Match[str]) -> str:
    """Separated thousands, and how they are declared."""
    mark = found["mark"]
    mark = " " if mark in BLANK_MARKS else "'" if mark in QUOTE_MARKS else mark
    quoted = f'"{mark}"' if mark == "'" else f"'{mark}'"
    decimal = ", decimal: ','" if found["decimal"] == "," else ""
    return f"separated thousands; write 1234.5, or say so in pipeline.yaml: `data: {{thousands: {quoted}{decimal}}}`"


def _says(words: str) -> Callable[[re.Match[str]], str]:
    return lambda _: words


_Look = tuple[str, Callable[[re.Match[str]], str]]  # re keeps what it compiled: only who asks pays for that


def _look(pattern: str, said: str | Callable[[re.Match[str]], str]) -> _Look:
    return pattern, _says(said) if isinstance(said, str) else said


# Whoever writes so means a number: a column of these is one of numbers.
_MISSPELT: tuple[_Look, ...] = (
    _look(rf"{_SIGN}[0-9., ]+[{BLANK_MARKS}]?[%\u066a\uff05]", "a percentage; write 0.05 for 5 %"),
    _look(rf"[%\u066a\uff05][{BLANK_MARKS}]?{_SIGN}[0-9][0-9.,]*", "a percentage; write 0.05 for 5 %"),
    _look(rf"{_SIGN}[0-9][0-9.,]*[{BLANK_MARKS}]?[\u2030\u2031]", "a share of a thousand; write 0.005 for 5 \u2030"),
    _look(rf"{_NUMBER} ?(?:\u00b1|\+/-|\+-) ?{_NUMBER}", "a number with its error; write each in a column of its own"),
    _look(
        rf"{_SIGN}[0-9]+\.[0-9]+[,;] ?{_SIGN}[0-9]+\.[0-9]+",
        "a pair of numbers; write each in a column of its own",
    ),
    _look(
        rf"{_SIGN}{_MONEY}[{BLANK_MARKS}]?{_SIGN}[0-9][0-9.,]*[{BLANK_MARKS}]?(?:[kKmMbB]|[mMbB]n)",
        "an amount in thousands or more; write 1500000 for 1.5M, and the currency in a column of its own",
    ),
    _look(r"[0-9][0-9.,]*[.,][0-9]{2} ?(?:CR|DR|Cr|Dr)", "an amount of a ledger; write it with its sign, -1234.5"),
    _look(
        rf"[+-]?[0-9]{{1,3}}(?P<mark>[,{QUOTE_MARKS}{BLANK_MARKS}])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*"
        r"(?:(?!(?P=mark))(?P<decimal>[.,])[0-9]+)?",
        _grouped,
    ),
    _look(r"[+-]?[0-9]{1,3}(?:(?P<mark>\.)[0-9]{3})+(?P<decimal>,)[0-9]+", _grouped),
    _look(
        r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)?,[0-9]+(?:[eE][+-]?[0-9]+)?",
        "a decimal comma; write 1234.5, or say so in pipeline.yaml: `data: {decimal: ','}`",
    ),
    _look(r"[+-]?[0-9.]*_[0-9_.]*", "digits joined by `_`; write 1234.5"),
    _look(r"(?i:[+-]?inf(inity)?)", "an infinite value; leave the field empty if it is missing"),
    _look(r"0[xX][0-9a-fA-F]+", "a hexadecimal number; write 1234.5"),
    _look(
        rf"{_SIGN}(?:{_MONEY}[{BLANK_MARKS}]?{_SIGN}{_AMOUNT}|{_AMOUNT}[{BLANK_MARKS}]?{_MONEY})",
        _PRICE_WORDS,
    ),
    _look(
        rf"=?[{_QUOTES}]{_NUMBER}(?:[{_QUOTES}]|'')?|[{_QUOTES}]={_NUMBER}[{_QUOTES}]",
        "a number in quotes of its own; write 1234.5 without them",
    ),
    _look(
        rf"(?:np\.|numpy\.|torch\.)?(?:float|int|uint)[0-9]*\({_NUMBER}\)|Decimal\('{_NUMBER}'\)|b'{_NUMBER}'"
        rf"|tensor\({_NUMBER}(?:, [a-z]+=[^()]*)?\)",
        "a number as Python shows it, with its type; write 1234.5",
    ),
    _look(
        rf"[\[{{]\s*{_NUMBER}(?:[,;]?\s+{_NUMBER}|[,;]{_NUMBER})*\s*[\]}}]",
        "a list of numbers; write each in a column of its own",
    ),
    _look(rf"\(?{_NUMBER}[+-][0-9.]+[ij]\)?", "a complex number; write its two parts in columns of their own"),
    _look(r"[+-]?[0-9]*\.[0-9]*[dD][+-]?[0-9]+", "an exponent as FORTRAN writes it; write 1.5e3"),
    _look(rf"{_NUMBER} ?[x\u00d7*\u00b7] ?10(?:\^|\*\*)[+-]?[0-9]+", "a power of ten; write 1.5e3"),
    _look(r"[+-] [0-9.]+", "a number apart from its sign; write -1234.5"),
    _look(r"[+-]?[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?", "separated lakhs; write 1234.5"),
    _look(rf"\({_SIGN}[0-9.]+(?:, |; ?){_SIGN}[0-9.]+\)", "a pair of numbers; write each in a column of its own"),
    _look(
        rf"(?:{_SYMBOL}[{BLANK_MARKS}]*[-\u2013]|[-\u2013][{BLANK_MARKS}]*{_SYMBOL})",
        "an amount of nothing, as spreadsheets write it; write 0",
    ),
    _look(
        rf"(?:{_MONEY}[{BLANK_MARKS}]*)?\([{BLANK_MARKS}]*(?:{_MONEY}[{BLANK_MARKS}]*)?{_AMOUNT}\)"
        rf"(?:[{BLANK_MARKS}]*{_MONEY})?",
        "a negative number in parentheses; write -1234.5",
    ),
    _look(r"[\u2212\u2013][0-9.,]+", "a number behind a dash that is no minus sign; write -1234.5 with a hyphen"),
    _look(r"[0-9.,]+-", "a number with its minus sign behind it; write -1234.5"),
)  # fmt: skip
# May be a number, or words as well.
_OTHERS: tuple[_Look, ...] = (
    _look(r"(?i:t|f|y|n|on|off)", "a boolean; write 1 and 0, or yes and no"),
    _look(r"[+-]?[0-9]{1,3}(?:(?P<mark>\.)[0-9]{3}){2,}(?P<decimal>)", _grouped),
    _look(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([ T].*)?", "a date; write it as a number, or as several"),
    _look(r"[0-9]{1,3}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?", "a time of day; write it as a number, of hours say"),
    _look(r"[+-]?[0-9]+/[0-9]+", "a fraction; write 0.5 for 1/2"),
    _look(
        rf"(?:[A-Z]{{3}}[{BLANK_MARKS}]?{_SIGN}{_AMOUNT}|{_SIGN}{_AMOUNT}[{BLANK_MARKS}]?[A-Z]{{3}})",
        _PRICE_WORDS,
    ),
    _look(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?[dDfFlL]", "a number with a program's suffix; write 1234.5"),
    _look(
        rf"{_SIGN}{_AMOUNT}(?:[^\W\d_]|[\u00b0\u00b5\u2030/\u00b2\u00b3]){{1,6}}",
        "a number with its unit; write the number alone, and the unit in the column's name",
    ),
    _look(rf"[<>~\u2248\u2264\u2265]=?[{BLANK_MARKS}]?{_SIGN}{_AMOUNT}", "a bound; write the number alone"),
    _look(
        rf"{_SIGN}{_AMOUNT}[{BLANK_MARKS}]?[-\u2013][{BLANK_MARKS}]?{_AMOUNT}",
        "a range; write its middle, or its ends as two columns",
    ),
)  # fmt: skip

_TELLING = re.compile(f"[0-9]|(?i:inf)|{_SYMBOL}")  # each of the misspelt has one of them


def is_misspelt(text: str) -> bool:
    """A number that is written as no trainer reads it."""
    if _TELLING.search(text) is None:
        return False
    return any(re.fullmatch(pattern, text) for pattern, _ in _MISSPELT)


def look_of(text: str) -> str:
    """What it looks like, and what to write instead; nothing of what looks like text alone."""
    for pattern, said in (*_MISSPELT, *_OTHERS):
        found = re.fullmatch(pattern, text)
        if found:
            return said(found)
    return ""
