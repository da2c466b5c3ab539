"""What the engine makes of a file of scores is what stats.paired makes of the same rows."""

import csv
import gzip
import math

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.scores.score_files import score_sums
from switchyard.core.errors import InvalidDatasetError
from switchyard.stats.paired import PairedSums, Wanted, merge

EDGES = [
    0.0,
    1.0,
    0.5,
    1e-9,
    1 - 1e-9,
    1e-320,
    *(at / 10 for at in range(10)),
    math.nextafter(0.7, 1),
    math.nextafter(0.3, 0),
]
PROBABILITY = st.one_of(st.sampled_from(EDGES), st.floats(0, 1), st.floats(0, 1, width=32))
CLASSES = st.lists(PROBABILITY, min_size=3, max_size=3).map(tuple)
NUMBER = st.one_of(st.sampled_from([0.0, -0.0, 1e-40, 1e6, -2.5]), st.floats(-1e6, 1e6))
ANSWERS = {
    "binary": (st.sampled_from([0.0, 1.0]), PROBABILITY, Wanted()),
    "multiclass": (st.sampled_from([0.0, 1.0, 2.0]), CLASSES, Wanted(areas=(0, 2))),
    "regression": (NUMBER, NUMBER, Wanted(quantiles=(0.1, 0.5))),
}


def rows_of(draw, problem, champion=True):
    label, answer, _ = ANSWERS[problem]
    return draw(
        st.lists(st.tuples(label, answer if champion else st.none(), answer), min_size=1, max_size=30)
    )


def fields(row):
    """Of a row, the champion's left out where there is none."""
    said = [each if isinstance(each, tuple) else (each,) for each in row[1:] if each is not None]
    return [row[0], *(value for each in said for value in each)]


def header(row):
    names = ["label"]
    for title, answer in zip(("champion", "challenger"), row[1:], strict=True):
        several = isinstance(answer, tuple)
        names += [f"{title}_{at}" for at in range(len(answer))] if several else [title] * (answer is not None)
    return names


def write_csv(path, rows, opened=open):
    with opened(path, "wt", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header(rows[0]))
        writer.writerows([repr(float(each)) for each in fields(row)] for row in rows)
    return path


def near(one, other):
    """Equal, numbers to nine digits."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            near(one[key], other[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for each in zip(one, other, strict=True):
            near(*each)
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9)
    else:
        assert one == other


@pytest.mark.parametrize("champion", [True, False])
@pytest.mark.parametrize("problem", ["binary", "multiclass"])
@given(data=st.data())
@settings(max_examples=25)
def test_sums_of_classes_are_those_of_the_rules(tmp_path_factory, problem, champion, data):
    rows, wanted = rows_of(data.draw, problem, champion), ANSWERS[problem][2]
    path = write_csv(tmp_path_factory.mktemp("scores") / "scores.csv", rows)
    near(
        merge(score_sums(path, problem, wanted)).to_dict(),
        PairedSums.from_rows(problem, rows, wanted).to_dict(),
    )


def test_a_difference_whose_sums_cancel_is_as_near_as_a_double_allows(tmp_path):
    rows = [(0.0, 0.0, 0.0), (0.0, 0.0, 1e6), (0.0, 0.0, 1.0546875), (1e6, 0.0, 1e6)]
    found = merge(score_sums(write_csv(tmp_path / "scores.csv", rows), "regression"))
    expected = PairedSums.from_rows("regression", rows).metrics["squared_error"].difference.mean
    assert expected == pytest.approx(1.0546875**2 / 4)
    assert found.metrics["squared_error"].difference.mean == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("champion", [True, False])
@given(data=st.data())
@settings(max_examples=25)
def test_sums_of_numbers_are_those_of_the_rules(tmp_path_factory, champion, data):
    """Means and spread are compared beside the size of what was added up for them: the rules round nothing on the way,
    so a difference of two large losses, whose sums cancel, may be off by what a double of their size cannot hold.
    """
    rows, wanted = rows_of(data.draw, "regression", champion), ANSWERS["regression"][2]
    path = write_csv(tmp_path_factory.mktemp("scores") / "scores.csv", rows)
    found, expected = (
        merge(score_sums(path, "regression", wanted)),
        PairedSums.from_rows("regression", rows, wanted),
    )
    assert (found.rows, found.residuals.counts) == (expected.rows, expected.residuals.counts)
    for name, pair in expected.metrics.items():
        added = expected.rows * max(pair.champion.mean, pair.challenger.mean)
        close = {"rel": 1e-9, "abs": 1e-9 + 1e-15 * added}
        for arm in ("champion", "challenger", "difference"):
            mine, theirs = getattr(found.metrics[name], arm), getattr(pair, arm)
            assert (mine.n, mine.mean) == (theirs.n, pytest.approx(theirs.mean, **close))
            assert math.sqrt(max(0.0, mine.m2)) == pytest.approx(
                math.sqrt(theirs.m2), rel=1e-6, abs=1e-7 * (1 + abs(mine.mean))
            )
    assert found.sizes.means == pytest.approx(expected.sizes.means, rel=1e-9, abs=1e-9)
    assert found.residuals.by_prediction.keys() == expected.residuals.by_prediction.keys()


def binary(count):
    return [(float(at % 3 == 0), (at * 7 % 101) / 101, (at * 13 % 97) / 97) for at in range(count)]


def test_blocks_packed_text_and_parquet_come_to_the_same(tmp_path):
    rows = binary(4_000)
    plain = write_csv(tmp_path / "scores.csv", rows)
    whole = merge(score_sums(plain, "binary"))
    parts = list(score_sums(plain, "binary", rows=500))
    assert len(parts) > 5
    near(merge(parts).to_dict(), whole.to_dict())
    near(
        merge(score_sums(write_csv(tmp_path / "scores.csv.gz", rows, gzip.open), "binary")).to_dict(),
        whole.to_dict(),
    )
    parquet = tmp_path / "scores.parquet"
    duckdb.sql(f"SELECT *, 'x' AS note FROM read_csv('{plain}')").write_parquet(str(parquet))  # noqa: S608 - our own path
    near(merge(score_sums(parquet, "binary")).to_dict(), whole.to_dict())


@pytest.mark.parametrize("problem", ANSWERS)
@given(data=st.data())
@settings(max_examples=10)
def test_chunks_of_any_size_come_to_one_pass(tmp_path_factory, problem, data):
    rows, wanted = rows_of(data.draw, problem), ANSWERS[problem][2]
    path = write_csv(tmp_path_factory.mktemp("scores") / "scores.csv", rows)
    parts = list(score_sums(path, problem, wanted, data.draw(st.integers(1, len(rows)))))
    whole, merged = merge(score_sums(path, problem, wanted)), merge(parts)
    assert (merged.scores, merged.areas, merged.confusion) == (whole.scores, whole.areas, whole.confusion)
    assert merged.residuals.counts == whole.residuals.counts
    for name, pair in whole.metrics.items():
        for arm in ("champion", "challenger", "difference"):
            mine, theirs = getattr(merged.metrics[name], arm), getattr(pair, arm)
            assert (mine.n, mine.mean) == (theirs.n, pytest.approx(theirs.mean, rel=1e-9, abs=1e-9))


def test_many_classes_are_counted_as_by_the_rules(tmp_path):
    answers = [tuple((at * (place + 3)) % 97 / 97 for place in range(50)) for at in range(60)]
    rows = [(float(at % 50), answers[at], answers[(at * 7) % 60]) for at in range(60)]
    found = merge(score_sums(write_csv(tmp_path / "scores.csv", rows), "multiclass", Wanted(areas=(49,))))
    near(found.to_dict(), PairedSums.from_rows("multiclass", rows, Wanted(areas=(49,))).to_dict())


def test_a_file_as_windows_writes_it_and_one_of_two_packed_parts_are_read(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbflabel,champion,challenger\r\n1,0.5,0.75\r\n0,0.25,\r\n")
    packed = gzip.compress(b"label,champion,challenger\n1,0.5,0.75\n") + gzip.compress(b"0,0.25,\n")
    (tmp_path / "b.csv.gz").write_bytes(packed)
    expected = PairedSums.from_rows("binary", [(1.0, 0.5, 0.75), (0.0, 0.25, math.nan)])
    for name in ("a.csv", "b.csv.gz"):
        near(merge(score_sums(tmp_path / name, "binary")).to_dict(), expected.to_dict())


def test_a_row_that_is_open_is_left_to_the_rules(tmp_path):
    rows = [*binary(500), (1.0, 0.5, math.nan), (0.0, 0.5, 1.5), *binary(500)]
    found = merge(score_sums(write_csv(tmp_path / "scores.csv", rows), "binary"))
    assert (found.rows, found.invalid) == (1_000, 2)
    near(found.to_dict(), PairedSums.from_rows("binary", rows).to_dict())


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ((2.0, 0.5, 0.5), "must be 0 or 1"),
        ((math.nan, 0.5, 0.5), "not a number"),
        ((1.0, 7.0, 0.5), "champion"),
    ],
)
def test_what_the_rules_refuse_is_refused_by_the_number_of_its_row(tmp_path, broken, said):
    path = write_csv(tmp_path / "scores.csv", [*binary(900), broken])
    with pytest.raises(ValueError, match=f"row 902: .*{said}"):
        list(score_sums(path, "binary", rows=200))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label,score\n1,0.5\n", "columns label, challenger are needed; found: label, score"),
        ("label,challenger\n1,high\n", "row 2, column 'challenger': not a number; scores are numbers"),
        ("label,challenger\n1,0.5\nyes,0.5\n", "row 3, column 'label': not a number; labels are 0 and 1"),
        (
            "label,challenger\n1,0.5,3\n",
            "row 2: it cannot be read as numbers in columns; it has other fields",
        ),
        ('label,challenger\n1,0.5\n1,"0.5\n', "row 3: it cannot be read as numbers .*never closed"),
        ("label,challenger\n", "there is no row below the header"),
        ("", "it is empty; write a header"),
        (
            "label,challenger\n1,0.5\n\ufefflabel, challenger\n",
            "row 3: it repeats the header, as where files were joined",
        ),
        ("label;challenger\n1;0.5\n", "separated by ';', and commas are read: save it with commas"),
        ("label\tchallenger\n1\t0.5\n", "separated by tabs"),
        ("Label,CHALLENGER\n1,0.5\n", "name them so; 'Label' may be label"),
        ("label,chalenger\n1,0.5\n", "name them so; 'chalenger' may be challenger"),
        ("label,challenger_0,challenger_1,challenger_2\n1,0,1,0\n", "say --problem multiclass"),
        ("label,label,challenger\n1,0,0.5\n", "a column name occurs twice: 'label'"),
        ("label,challenger,champion,champion\n1,0.5,1,0\n", "occurs twice: 'champion'"),
        ("label,challenger\r1,0.5\r", "its lines end with CR alone"),
        ("label,challenger\n1,0.5\r\n0,0.5\n", "its lines end in different ways; save it with LF alone"),
        ("label,challenger\n1,0.5\n\r\n", "its lines end in different ways"),
        ('{"label": 1, "challenger": 0.5}\n', "this is JSON"),
        ("PK\x03\x04", "a zip archive or an Excel workbook"),
        ("\0\x1b[31m\n", r"found: \\x00\\x1b\[31m"),
        ('"label,challenger\n1,0.5\n', "are needed"),
    ],
)
def test_another_table_is_refused(tmp_path, text, said):
    (tmp_path / "scores.csv").write_text(text)
    with pytest.raises(InvalidDatasetError, match=said):
        list(score_sums(tmp_path / "scores.csv", "binary"))


def test_a_label_that_no_model_has_a_column_for_is_told(tmp_path):
    """As where labels are counted from 1: it was told as an answer that the challenger had not given."""
    (tmp_path / "scores.csv").write_text("label,challenger_0,challenger_1\n1,0.5,0.5\n,0.5,0.5\n2,0.1,0.9\n")
    with pytest.raises(
        InvalidDatasetError, match="row 4: the label is 2, and there are columns for classes 0 to 1"
    ):
        list(score_sums(tmp_path / "scores.csv", "multiclass"))


def test_text_of_utf16_is_told_as_it(tmp_path):
    (tmp_path / "scores.csv").write_text("label,challenger\n1,0.5\n", "utf-16")
    with pytest.raises(InvalidDatasetError, match="UTF-16 text; save it as UTF-8"):
        list(score_sums(tmp_path / "scores.csv", "binary"))


FORMS = {
    "Latin-1": (
        "label,challenger,gr\u00f6\n1,0.5,1\n".encode("latin-1"),
        "it is not UTF-8 text; save it as UTF-8",
    ),
    "packed twice": (
        gzip.compress(gzip.compress(b"label\n", mtime=0), mtime=0),
        "it is packed twice; unpack it once",
    ),
    "cut off": (
        gzip.compress(b"label,challenger\n1,0.5\n" * 99, mtime=0)[:-12],
        "the gzip archive ends too early",
    ),
}


@pytest.mark.parametrize("what", FORMS)
def test_what_the_file_is_is_told_and_not_what_its_reader_said(tmp_path, what):
    (tmp_path / "scores.csv").write_bytes(FORMS[what][0])
    with pytest.raises(InvalidDatasetError, match=FORMS[what][1]):
        list(score_sums(tmp_path / "scores.csv", "binary"))


def test_a_label_that_no_model_can_be_trained_on_is_told_with_its_row(tmp_path):
    (tmp_path / "scores.csv").write_text("label,challenger\n1,1.5\n1e200,1.5\n")
    with pytest.raises(ValueError, match="row 3: the label is too large for 32-bit floating point"):
        list(score_sums(tmp_path / "scores.csv", "regression"))


def test_a_header_is_read_as_csv(tmp_path):
    """A name may have a comma, and blanks around it; columns that are not read may have one name."""
    (tmp_path / "scores.csv").write_text(
        '"id, of a row",x,x, "label\u200b" ,challenger\n7,1,2,1,0.5\n7,1,2,0,0.25\n'
    )
    (sums,) = score_sums(tmp_path / "scores.csv", "binary")
    assert (sums.rows, sums.classes) == (2, {"0": 1, "1": 1})


def _flipped(body, at):
    changed = bytearray(body)
    changed[at] ^= 255
    return bytes(changed)


def test_a_packed_file_that_is_cut_off_or_damaged_is_refused(tmp_path):
    whole = write_csv(tmp_path / "scores.csv.gz", binary(2_000), gzip.open).read_bytes()
    for at, broken in enumerate((whole[:-200], _flipped(whole, -8), _flipped(whole, len(whole) // 2))):
        path = tmp_path / f"{at}.csv.gz"
        path.write_bytes(broken)
        with pytest.raises(InvalidDatasetError, match=r"cannot be read|ends too early"):
            list(score_sums(path, "binary"))
