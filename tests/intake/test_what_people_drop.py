"""What people drop, one thing at a time: it is taken, or refused in words that say what it is and what to do."""

import gzip
import random

import pytest

from switchyard.config.door import read
from tests.intake.dropping import BASE, DEFAULT, dropped, folder, table, with_field

NUMBERS = {
    **dict.fromkeys(["1_000", "1_0"], "it looks like digits joined by `_`; write 1234.5"),
    **dict.fromkeys(["\u0661\u0662", "\uff11", "\u0967", "\u0661\u066c\u0660"], "its digits are not 0 to 9"),
    **dict.fromkeys(['"1\n"', '"\n1"', '"1\r\n"'], "there is a line feed in the field; remove it"),
    **dict.fromkeys(["3.5e38", "-3.5e38", "1e400", "9" * 60], "the number is too large for 32-bit floating point"),
    **dict.fromkeys(["inf", "-Infinity", "+INF"], "it looks like an infinite value"),
    **dict.fromkeys(["0x10", "0XFF"], "it looks like a hexadecimal number"),
    **dict.fromkeys(['"1,5E+04"', '"-1.234,5e3"'], "it looks like a decimal comma; write 1234.5, or say so"),
    **dict.fromkeys(['"1,5"', '"0,25"'], "it looks like a decimal comma; write 1234.5, or say so in pipeline.yaml"),
    **dict.fromkeys(['"1,000"', '"1.234,5"', "1 000", "1'000", "1\u2019000"], "it looks like separated thousands"),
    **dict.fromkeys(["5%", "5 %", "0.5%"], "it looks like a percentage; write 0.05 for 5 %"),
    **dict.fromkeys(["$5", "5 \u20ac", "\u20ac5"], "it looks like an amount with its currency"),
    **dict.fromkeys(["%5", '"% 0,5"', "\uff0512"], "it looks like a percentage; write 0.05 for 5 %"),
    "5\u2030": "it looks like a share of a thousand",
    **dict.fromkeys(["5\u00b11", "5.5 +/- 0.1"], "it looks like a number with its error"),
    **dict.fromkeys(['"48.1,11.5"', '"48.1, -11.5"', "48.1;11.5"], "it looks like a pair of numbers; write each"),
    **dict.fromkeys(["$1.5M", "\u20ac5k", "-$2 bn"], "it looks like an amount in thousands or more"),
    **dict.fromkeys(["5.00CR", "5.00 Dr"], "it looks like an amount of a ledger"),
    **dict.fromkeys(["01/02/2026", "2026-11-29", "29.11.2026"], "it looks like a date"),
    **dict.fromkeys(["#N/A", "-", ".", "unknown"], "it looks like a word for a missing value; leave the field empty"),
    **dict.fromkeys(["12:30"], "it looks like a time of day"),
    **dict.fromkeys(["3/4"], "it looks like a fraction"),
    **dict.fromkeys(["<5", ">10"], "it looks like a bound"),
    **dict.fromkeys(["10-19"], "it looks like a range"),
    **dict.fromkeys(["$-", "$ -   ", "- \u20ac"], "it looks like an amount of nothing, as spreadsheets write it"),
    **dict.fromkeys(["(5)", "$(5.50)", "$ (5)", "(\u20ac 5)", "(5) \u20ac"], "a negative number in parentheses"),
    **dict.fromkeys(['"(48.1, 11.5)"', '"(-1.5;2)"'], "it looks like a pair of numbers; write each"),
    **dict.fromkeys(["'5'", '"""5"""', "`5.5`", "\u201c5\u201d", "'5"], "a number in quotes of its own"),
    **dict.fromkeys(["np.float64(5.5)", "Decimal('5')", "tensor(5.)", "b'5'"], "a number as Python shows it"),
    **dict.fromkeys(['"[1.0, 2.0]"', "[1 2  3]", "{1;2}", "[ 5 ]"], "it looks like a list of numbers"),
    **dict.fromkeys(["1+2j", "(1-2j)"], "it looks like a complex number"),
    **dict.fromkeys(["1.5D+02", ".5d3"], "it looks like an exponent as FORTRAN writes it"),
    **dict.fromkeys(["5x10^3", "5 \u00d7 10^3", "5*10**3"], "it looks like a power of ten"),
    **dict.fromkeys(["- 5", "+ 5"], "it looks like a number apart from its sign"),
    **dict.fromkeys(['"1,23,456"', '"12,34,567.5"'], "it looks like separated lakhs"),
    **dict.fromkeys(["5-"], "it looks like a number with its minus sign behind it"),
    **dict.fromkeys(["\u22125"], "it looks like a number behind a dash that is no minus sign"),
    **dict.fromkeys(["12 km"], "it looks like a number with its unit"),
    **dict.fromkeys(["hello", "1e5e5", "--1", "+-1", "nan(1)", "\u00bd", "\u216b"], "it is text; write"),
    **dict.fromkeys(["\ufeff1", "\u00a01", "1\u200b"], "there is a sign around it that is not seen"),
    **dict.fromkeys(["1\0", "\0"], "there is a NUL byte in it; save it as UTF-8 text"),
}  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_what_is_no_number_is_told_by_its_look_with_row_and_column(text: str) -> None:
    state, reason = dropped(with_field(text))
    assert state == "INVALID"
    assert reason.startswith("w.csv: row 3, column 'a': ")
    assert NUMBERS[text] in reason
    assert reason.endswith("(column 2)")


STANDS = [
    "",
    " ",
    *[
        "NA",
        "N/A",
        "n/a",
        "NaN",
        "nan",
        "null",
        "NULL",
        "None",
        "?",
        "<NA>",
        "True",
        "no",
        "+1",
        ".5",
        "5.",
        "1E+2",
    ],
]


@pytest.mark.parametrize(
    "written",
    [
        "'{}'",
        '"=""{}"""',
        "\u201c{}\u201d",
        "np.float64({})",
        '"[{}, 1]"',
        "{}+1j",
        "{}.5D+00",
        "- {}",
        "%{}",
        "{}\u2030",
        "${}k",
        "$({})",
    ],
)
def test_a_column_that_is_written_so_throughout_is_one_of_numbers_and_is_not_left_out(written: str) -> None:
    """Each value is another one: as words they would be identifiers."""
    state, reason = dropped(table([(y, written.format(at), b) for at, (y, _, b) in enumerate(BASE)]))
    assert state == "INVALID"
    assert reason.startswith("w.csv: row 2, column 'a': not a finite number: it looks like ")


@pytest.mark.parametrize("text", STANDS)
def test_what_stands_for_a_number_is_taken(text: str) -> None:
    assert dropped(with_field(text)) == ("RUNNING", "")


INDEXED = [(at, *row) for at, row in enumerate(BASE)]
TAKEN = {
    "semicolons": table(BASE, "y;a;b", ";"),
    "tabs": table(BASE, "y\ta\tb", "\t"),
    "bars": table(BASE, "y|a|b", "|"),
    "CR alone": table(BASE).replace("\n", "\r"),
    "CR LF": table(BASE).replace("\n", "\r\n"),
    "an index that pandas wrote": table(INDEXED, ",y,a,b"),
    "a trailing comma": table([(*row, "") for row in BASE], "y,a,b,"),
    "blanks in the header": table(BASE, " y , a, b"),
    "quotes around the header": table(BASE, '"y","a","b"'),
    "blanks before quotes in the header": table(BASE, '"y", "a",\t"b"').replace("\t", " "),
    "blanks before quotes": table([(y, f' "{a}"', f'  "{b}"') for y, a, b in BASE]),
    "blanks before quotes around commas": table([(y, f' "a, {a % 5}"', b) for y, a, b in BASE]),
    "a mark of byte order": b"\xef\xbb\xbf" + table(BASE).encode(),
    "UTF-16": table(BASE).encode("utf-16"),
    "gzip": gzip.compress(table(BASE).encode(), mtime=0),
    "empty lines": table(BASE) + "\n\n",
    "no end of the last line": table(BASE).rstrip("\n"),
    "small numbers": table([(at % 2, f"{random.Random(at).random() * 1e-10:.3e}", at) for at in range(100)]),  # noqa: S311
    "small numbers in other order": table(
        [(at // 50, f"{random.Random(at).random() * 1e-13:.3e}", at) for at in range(100)]  # noqa: S311
    ),
    **{
        f"classes {words}": table([(words[row[0]], *row[1:]) for row in BASE])
        for words in (
            ("True", "False"),
            ("yes", "no"),
            ("Y", "N"),
            ("1", "2"),
            ("-1", "1"),
            ("M", "B"),
            ("1.0", "0.0"),
        )
    },
}


@pytest.mark.parametrize("what", TAKEN)
def test_what_programs_write_is_taken(what: str) -> None:
    assert dropped(TAKEN[what]) == ("RUNNING", "")


def test_a_suffix_in_capitals_is_taken() -> None:
    assert dropped(table(BASE), "digits/train/WEEK.CSV") == ("RUNNING", "")


UNREAD = {"^": "'^'", "~": "'~'", ":": "':'", " ": "blanks", "\x01": "Ctrl-A, as Hive writes it"}
COMMAS = "and commas are read: save it with commas"
REFUSED: dict[str, tuple[str | bytes, str]] = {
    **{
        f"separated by {sign!r}": (table(BASE, sign.join("yab"), sign), f"separated by {called}, {COMMAS}")
        for sign, called in UNREAD.items()
    },
    "a column twice": (table([(*row, 1) for row in BASE], "y,a,b,a"), "a column name occurs twice: 'a'"),
    "a column twice, with a blank": (table([(*row, 1) for row in BASE], "y,a,b, a"), "occurs twice: 'a'"),
    "the target in capitals": (table(BASE, "Y,A,B"), "did you mean 'Y'? Then name it as `target`"),
    "no target": (table(BASE, "z,a,b"), "the target column 'y' is missing; found z, a, b; add the column"),
    "a title": ("Report,,\n" + table(BASE), "looks like a title; take out what stands above the header in row 2"),
    "lines of a report": (
        "Report Z\nmade on 2026-11-30\n\n" + table(BASE),
        "found Report Z; the first line is no header; take out what stands above the header in row 4",
    ),
    "two lines of headers": (
        "who,x,x\n" + table(BASE),
        "found who, x, x; the first line is no header; take out what stands above the header in row 2",
    ),
    "a control character": (table(BASE, "y,a\x01,b"), "there is a control character in it (column 2)"),
    "a long name": (table(BASE, "y," + "a" * 200 + ",b"), "over 128 characters: shorten it (column 2)"),
    "a short row": (table(BASE) + "1,2\n", "row 62: 2 fields where the header has 3"),
    "a long row": (table(BASE) + "1,2,3,4\n", "row 62: 4 fields where the header has 3"),
    "separators behind rows": (table([(*row, "", "") for row in BASE]), "the header has 3; 2 separators end it"),
    "an open quote": (table(BASE) + '1,"2,3\n', "row 62: not readable as CSV: a quote is opened and never closed"),
    "text behind a quote": (table(BASE) + '1,"2"x,3\n', "row 62: not readable as CSV: text follows a closing quote"),
    "UTF-16 that is cut off": (table(BASE).encode("utf-16")[:-1], "not UTF-16 text (truncated data); upload it whole"),
    "a header alone": ("y,a,b\n", "the file has a header but no rows"),
    "nothing": ("", "the file is empty"),
    "a workbook": (b"PK\x03\x04" + b"\0" * 100, "this is a zip archive or an Excel workbook; save the sheet as CSV"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 90, "this is an old Excel workbook"),
    "a PDF": (b"%PDF-1.7\n" + b"\0\xff" * 99, "this is a PDF; save the table as CSV"),
    "a page": ("<!DOCTYPE html><html></html>", "this is a web page, or XML"),
    "JSON": ('[{"y":1,"a":2}]', "this is JSON; write an object a line"),
    "JSON in lines": ('{"y":1,"a":2}\n{"y":0,"a":3}\n', "this is JSON; write an object a line"),
    "the manifest of an UNLOAD": ('{\n  "entries": [\n    {"url":"s3://b/0000_part_00"}\n  ]\n}', "remove it"),
    "JSON in many lines": ('[{\n"y": 1,\n"a": 2\n}]', "this is JSON; write an object a line"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_table_is_told_with_what_to_do(what: str) -> None:
    body, says = REFUSED[what]
    state, reason = dropped(body)
    assert state == "INVALID"
    assert says in reason
    assert "Error" not in reason


@pytest.mark.parametrize("key", ["digits/train//w.csv", "/digits/train/w.csv", "digits//train/w.csv"])
def test_a_key_with_an_empty_folder_is_on_record(key: str) -> None:
    state, reason = dropped(table(BASE), key)
    assert (state, reason.rpartition("; ")[2]) == ("INVALID", "drop it as digits/train/w.csv")


A_BOOLEAN = "a boolean stands there, as YAML reads on, off, yes, no, true and false; put it in quotes"
NO_MOMENT = "there is no such moment, so nothing would ever run"
PIPELINES = {
    "name: digits\ntarget: 2024-13-45\n": "the target column '2024-13-45' is missing",
    "name: digits\ntarget: 2024-11-29\n": "the target column '2024-11-29' is missing",
    "name: digits\ntarget: no\n": f"target: {A_BOOLEAN}",
    "name: digits\ntarget: \u201cy\u201d\n": "did you mean 'y'? Then name it",
    "name: digits\ntarget: 1\n": "YAML reads it as another kind of value: put it in quotes",
    "name: digits\ntarget: ~\n": "target: Input should be a valid string; nothing stands there: give it a value",
    "Name: digits\ntarget: y\n": "'Name' was found: did you mean 'name'?",
    "- a\n": "expected a mapping with at least `name` and `target`",
    "": "expected a mapping with at least `name` and `target`",
    **{
        DEFAULT + lines: says
        for lines, says in {
            "rollout: {steps: [50]}\nrollout: {deadline_seconds: 3600}\n": (
                "'rollout' stands in line 3 and again in line 4"
            ),
            "rollout: {deadline_seconds: 3600, deadline_seconds: 7200}\n": (
                "'deadline_seconds' stands in line 3 and again"
            ),
            "deployment: {capture_percent: on}\n": f"deployment.capture_percent: {A_BOOLEAN}",
            "validation_percent: yes\n": f"validation_percent: {A_BOOLEAN}",
            "training: {instance_count: true}\n": f"training.instance_count: {A_BOOLEAN}",
            "training: {hyperparameters: {a: }}\n": "hyperparameters.a: expected a text, a number or a boolean",
            "deploymnet: {mode: batch}\n": "did you mean 'deployment'?",
            "x: " + "[" * 5000 + "\n": "it is nested too deeply",
            "x: &a [1]\nz: *a\n": "aliases (*name) are not read; write the value out",
            "training: {instance_count: 010}\n": "'010' in line 3 is 8 to YAML; write that, or put it in quotes",
            "deployment: {capture_percent: 1:30}\n": "'1:30' in line 3 is 90 to YAML",
            "training: {hyperparameters: {t: 12:30:45}}\n": "'12:30:45' in line 3 is 45045 to YAML",
            "rollout: {deadline_seconds: 1:00.5}\n": "'1:00.5' in line 3 is 60.5 to YAML",
            "tags: {cost_centre: 0123}\n": "'0123' in line 3 is 83 to YAML",
            "columns: [a, b]\n": "columns: expected a mapping, `key: value` lines",
            "deployment: batch\n": "deployment: expected a mapping, `key: value` lines",
            "deployment:\n": "deployment: expected a mapping, `key: value` lines; nothing stands there",
            "rollout: {steps: 10}\n": "rollout.steps: expected a list, as [a, b]",
            "data: {missing: unknown}\n": "data.missing: expected a list, as [a, b]",
            "schedule: [rate(1 day)]\n": "schedule: expected a text, or a mapping",
            "schedule: {when: rate(1 day), timezone: UTC}\n": "schedule.timezone: Extra inputs are not permitted",
            "instance_type: ml.m5.large\n": "it belongs under prepare, training or deployment",
            "mode: batch\n": "it belongs under approval or deployment",
            "columns: {A: number}\n": "w.csv has no such column; did you mean 'a'? Correct it, or take the line out",
            "data: {separator: tab}\n": "correct `data.separator` in pipeline.yaml",
            "schedule: cron(0 3 31 2 ? *)\n": NO_MOMENT,
            "schedule: cron(0 3 29 2 ? 2027)\n": NO_MOMENT,
            "schedule: cron(0 3 31 4,6,9,11 ? *)\n": NO_MOMENT,
        }.items()
    },
}


@pytest.mark.parametrize("text", PIPELINES)
def test_a_pipeline_that_says_something_else_than_it_seems_is_told(text: str) -> None:
    state, reason = dropped(table(BASE), pipeline=text)
    assert state == "INVALID"
    assert PIPELINES[text] in reason


def test_the_last_day_of_the_week_is_a_moment() -> None:
    assert dropped(table(BASE), pipeline=f"{DEFAULT}schedule: cron(0 3 ? * L *)\n") == ("RUNNING", "")


@pytest.mark.parametrize("separator", ["tab", "'\\t'", '"\\t"', "Tab"])
def test_a_tab_is_named_in_any_way(separator: str) -> None:
    pipeline = f"{DEFAULT}data: {{separator: {separator}}}\n"
    assert dropped(table(BASE, "y\ta\tb", "\t"), pipeline=pipeline) == ("RUNNING", "")


@pytest.mark.parametrize("text", ["no", "off", "0777", "-999.00", "1e5", "12:30", "true", "9999-12-31"])
def test_a_word_for_a_missing_value_is_what_is_written(text: str) -> None:
    """To YAML they are False, 511, -999.0 and so on."""
    pipeline = f"{DEFAULT}data: {{missing: [{text}]}}\n"
    rows = [(y, text if at % 9 == 4 else a / 7, b) for at, (y, a, b) in enumerate(BASE)]
    spec = read("digits", pipeline)
    assert spec.data.missing == (text,)
    assert dropped(table(rows), pipeline=pipeline) == ("RUNNING", "")


def test_a_hyperparameter_is_the_word_that_is_written() -> None:
    spec = read(
        "digits", f"{DEFAULT}training: {{hyperparameters: {{country: no, flag: true, layers: 1_000}}}}\n"
    )
    assert spec.training.hyperparameters == {"country": "no", "flag": True, "layers": 1000}


def test_a_part_with_another_target_is_to_have_the_header_of_those_before_it() -> None:
    said = folder({"part-0.csv": table(BASE), "part-1.csv": table(BASE, "Y,A,B")})[1]
    assert said.endswith("found Y, A, B; did you mean 'Y'? Write the header of part-0.csv, which has it")
