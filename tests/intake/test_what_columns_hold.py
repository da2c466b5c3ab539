"""What stands in columns: taken by its right kind, or refused in words that say what it is and what to do."""

import unicodedata
from collections.abc import Callable

import pytest

from tests.intake.dropping import BASE, DEFAULT, dropped, seen, table, with_column


def kind_of(*texts: str, pipeline: str = DEFAULT) -> str:
    state, reason, kinds = seen({"digits/train/w.csv": with_column(*texts)}, pipeline)
    assert (state, reason) == ("RUNNING", "")
    return kinds.get("a", "ignored")


KINDS = {
    "postcodes": (["01234", "98765", "12345"], "category"),
    "postcodes with gaps": (["01234", "", "12345"], "category"),
    "accounts": ([f"{at:08}" for at in range(30)], "category"),
    "padded months": (["01", "02", "12"], "number"),
    "numbers of one length": (["12345", "23456", "34567"], "number"),
    "grades with one letter": (["1", "2", "3", "K"], "category"),
    "stamps of milliseconds": ([str(1_700_000_000_000 + at) for at in range(30)], "number"),
    "keys of 64 bits": ([str(9_007_199_254_740_993 + 2 * at) for at in range(30)], "number"),
    "nanoseconds": (["2026-01-02T03:04:05.123456789Z", "2026-02-03T03:04:05.1Z", "2026-02-03 03:04"], "date"),
    "zones of PostgreSQL": (["2026-01-02 03:04:05+00", "2026-01-02 03:04:05-05", "2026-03-02 03:04:05+01"], "date"),
    "a comma before the fraction": (['"2026-01-02 03:04:05,123"', '"2026-01-03 03:04:05,1"', "2026-01-04"], "date"),
    "months by name": (["29 Nov 2026", "01-JAN-2025", "3 Feb 2024"], "date"),
    "months first by name": (['"Nov 29, 2026"', '"January 1, 2025"', "Feb 3 2024"], "date"),
    "headers of mails": (['"Sun, 29 Nov 2026 10:00:00 GMT"', '"Tue, 1 Dec 2026 10:00:00 +0100"', ""], "date"),
    "days without hyphens": (["20260131", "20251224", "20240229"], "number"),
    "moments without separators": (["20260131T060000Z", "20251224T2359", "20240229T000000+0100"], "date"),
    "days of SAS and Stata": (["29NOV2026", "01jan2025", "3Feb2024"], "date"),
    "moments of SAS": (["29NOV2026:06:00:00", "01JAN2025:23:59:59.123", "03FEB2024:00:00:00"], "date"),
    "moments of Db2": (["2026-11-29-06.00.00.000000", "2025-01-01-23.59.59.123456", "2024-02-03-00.00.00"], "date"),
    "moments of FIX": (["20261129-06:00:00.123", "20250101-23:59:59", "20240203-00:00:00"], "date"),
    "logs of web servers": (["29/Nov/2026:06:00:00 +0000", "01/Jan/2025:23:59:59 -0500", ""], "date"),
    "names of files": (["2026-11-29_06-00-00", "2025-01-01_23-59-59", "2024-02-03_00-00-00"], "date"),
    "ctime": (["Sun Nov 29 06:00:00 2026", "Wed Jan  1 23:59:59 2025", "Sat Feb 03 00:00:00 UTC 2024"], "date"),
    "moments of posts": (["Sun Nov 29 06:00:00 +0000 2026", "Wed Jan 01 23:59:59 +0000 2025", ""], "date"),
    "JavaScript": (["Sun Nov 29 2026 06:00:00 GMT+0100 (Central European Standard Time)", ""], "date"),
    "Go": (["2026-11-29 06:00:00 +0000 UTC", "2025-01-01 23:59:59.123456789 +0100 CET", ""], "date"),
    "phones": (["06-12-34-56-78", "06-12-34-56-79", "06-12-34-57-80"], "category"),
    "orders of a day": (["20261129-000123", "20261129-000124", "20261130-000001"], "category"),
    "one digit": (["2026-1-2", "2026/02/3", "2026.11.29"], "date"),
}  # fmt: skip


@pytest.mark.parametrize("what", KINDS)
def test_a_column_is_of_the_kind_that_it_shows(what: str) -> None:
    texts, kind = KINDS[what]
    assert kind_of(*texts) == kind


def test_days_without_hyphens_are_dates_where_that_is_declared() -> None:
    declared = f"{DEFAULT}columns: {{a: date}}\n"
    assert kind_of("20260131", "20251224", "2024-02-29", pipeline=declared) == "date"
    state, reason = dropped(with_column("20260131", "20260231"), pipeline=declared)
    assert (state, "column 'a': not a date: there is no such day" in reason) == ("INVALID", True)


REFUSED = {
    "one word among numbers": ([*(f"{at * 1.37:.2f}" for at in range(20)), "n/v"], 42, "list what stands for that"),
    "a word of the machine's": (["5", "-nan", "7"], 4, "it looks like a word for a missing value"),
    "no time": (["2026-01-02", "NaT", "2026-01-03"], 4, "it looks like a word for a missing value"),
    "no-break blanks": (["\u00a05", "\u00a06", "7"], 2, "a sign around it that is not seen"),
    "a mark of direction": (["\u200e5", "6", "7"], 2, "a sign around it that is not seen"),
    "years of two digits": (["29.11.26", "01.02.25", "03.04.24"], 2, "its year has two digits; write 2026-11-29"),
    "Oracle's dates": (["29-NOV-26", "01-JAN-25", "03-FEB-24"], 2, "its year has two digits; write 2026-11-29"),
    "days of MySQL": (["0000-00-00", "2026-02-03", "2026-11-29"], 2, "there is no such day"),
    "February 30": (["2026-02-03", "2026-02-30", "2026-11-29"], 4, "there is no such day"),
    "names of zones": (["2026-01-01 10:00 CET", "2026-01-02 10:00 EST", "2026-01-03"], 2, "its zone is a name"),
    "days without an end": (["infinity", "2026-11-30", "-infinity"], 2, "it has no end; leave it empty"),
    "days with a zone": (["2026-11-29+01:00", "2026-11-30Z", "2026-11-28-05:00"], 2, "write 2026-11-29"),
    "days with blanks": (["29. 11. 2026", "30. 11. 2026", "1. 12. 2026"], 2, "write 2026-11-29"),
    "days with a point behind": (["2026. 11. 29.", "2026. 11. 30.", "2026. 12. 1."], 2, "write 2026-11-29"),
    "zones in brackets": (["2026-01-01T10:00+01:00[Europe/Berlin]", "2026-01-02", ""], 2, "its zone is a name"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_none_of_its_kind_is_told_with_row_column_and_remedy(what: str) -> None:
    texts, row, says = REFUSED[what]
    state, reason = dropped(with_column(*texts))
    assert state == "INVALID"
    assert reason.startswith(f"w.csv: row {row}, column 'a': ")
    assert says in reason


@pytest.mark.parametrize(("slope", "offset"), [(3, 1000), (0.1, 0.0), (1e-12, 0.0), (1, 1_700_000_000_000)])
def test_a_scaled_copy_of_the_target_is_found_wherever_it_begins(slope: float, offset: float) -> None:
    state, reason = dropped(table([(y, offset + slope * y, b) for y, _, b in BASE]))
    assert (state, "is the target, scaled" in reason) == ("INVALID", True)


def test_numbers_among_the_words_of_a_target_are_one_class_however_written() -> None:
    words = ["1", "1.0", "one"]
    rows = [(words[at % 3], a, b) for at, (_, a, b) in enumerate(BASE)]
    assert dropped(table(rows), pipeline=DEFAULT + "problem: binary\n") == ("RUNNING", "")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_name_of_a_column_is_found_in_either_form_of_its_letters(form: str) -> None:
    other = {"NFC": "NFD", "NFD": "NFC"}[form]
    header, pipeline = (f"größe{tail}" for tail in (",a,b", ""))
    body = table(BASE, unicodedata.normalize(form, header))
    assert dropped(body, pipeline=f"name: digits\ntarget: {unicodedata.normalize(other, pipeline)}\n") == (
        "RUNNING",
        "",
    )


@pytest.mark.parametrize("header", ["\ufeffy,a,b", "\u200by,a\u200e,b", "y\u00a0,\u2060a,b\ufeff"])
def test_signs_that_no_one_sees_are_no_part_of_a_name(header: str) -> None:
    state, reason, kinds = seen({"digits/train/w.csv": "\ufeff" + table(BASE, header)})
    assert (state, reason, list(kinds)) == ("RUNNING", "", ["a", "b"])


@pytest.mark.parametrize(
    ("written", "row", "says"),
    [
        (lambda at: str(at) if at % 4 else f"w{at}", 2, "it is text; write a number"),
        (lambda at: f"{at}:00:{at % 60:02}", 2, "it looks like a time of day"),
        (lambda at: f">={at}.5", 2, "it looks like a bound"),
    ],
)
def test_what_would_be_lost_as_an_identifier_and_is_a_measure_is_told(
    written: Callable[[int], str], row: int, says: str
) -> None:
    state, reason = dropped(table([(y, written(at), b) for at, (y, _, b) in enumerate(BASE)]))
    assert (state, reason.startswith(f"w.csv: row {row}, column 'a': ")) == ("INVALID", True)
    assert says in reason


@pytest.mark.parametrize("written", ["id{}", "{}A", "A-{}", "12-{}", "{}/2026", "10.0.0.{}", "#{}"])
def test_an_identifier_is_left_out(written: str) -> None:
    body = table([(y, written.format(at), b) for at, (y, _, b) in enumerate(BASE)])
    assert seen({"digits/train/w.csv": body}) == ("RUNNING", "", {"b": "number"})


ROWS = {
    "a header again": ("y,a,b", "it repeats the header, as where files were joined; remove it"),
    "blanks": ("  ", "1 fields where the header has 3; no value stands in it; remove it"),
    "separators alone": (",,", "no value stands in it; remove it"),
    "the end of a file of DOS": ("\x1a", "no value stands in it; remove it"),
    "a comment": ("# taken on Monday", "it is a comment; remove it"),
    "a separator behind it": (
        "0,1,2,",
        "a separator ends it; write one behind the header, too, or take them out",
    ),
    "text with a comma": ("0,Smith, John,2,3", "put fields that have a separator in them in quotes"),
}


@pytest.mark.parametrize("what", ROWS)
def test_a_row_that_is_none_is_told_with_what_it_is(what: str) -> None:
    line, says = ROWS[what]
    state, reason = dropped(table(BASE) + line + "\n")
    assert state == "INVALID"
    assert reason.startswith("w.csv: row 62: ")
    assert says in reason


HEADERS = {
    "a separator behind the header": ("y,a,b,", "a separator ends the header; take it out, or write one behind"),
    "quotes that are none": ("'y','a','b'", "did you mean"),
    "quotes around the line": ('"y,a,b"', "quotes stand around the whole line; take them out of every line"),
}  # fmt: skip


@pytest.mark.parametrize("what", HEADERS)
def test_a_header_that_is_written_otherwise_is_told(what: str) -> None:
    header, says = HEADERS[what]
    state, reason = dropped(table(BASE, header))
    assert (state, says in reason) == ("INVALID", True)


def test_names_of_rows_as_r_writes_them_are_told() -> None:
    state, reason = dropped(table([(at, *row) for at, row in enumerate(BASE)], "y,a,b"))
    assert state == "INVALID"
    assert (
        "row 2: 4 fields where the header has 3; if its first field is a row's name, as R writes it" in reason
    )


@pytest.mark.parametrize("text", ["29/11/2026:06:00:00", "29-11-2026 06.00.00", "29/11/2026 06h00"])
def test_what_comes_first_is_asked_for_only_where_a_date_is_read_by_it(text: str) -> None:
    state, reason = dropped(with_column(text))
    assert (state, "day-first" in reason, "write 2026-11-29" in reason) == ("INVALID", False, True)


@pytest.mark.parametrize("drawn", ["-,-,-", "--,---,----", "---+---+---", " --- , --- , --- ", ":--,--:,:-:"])
def test_a_line_below_the_header_is_told(drawn: str) -> None:
    """As words it would be a class; as numbers, a word for missing ones."""
    words = table([("yn"[y], a, b) for y, a, b in BASE]).replace("\n", f"\n{drawn}\n", 1)
    assert dropped(words) == ("INVALID", "w.csv: row 2: it is a line below the header, no row; remove it")


def test_a_row_that_has_a_dash_is_one() -> None:
    declared = DEFAULT + "data: {missing: ['-']}\n"
    assert dropped(table([(0, "-", "-"), *BASE]), pipeline=declared) == ("RUNNING", "")
