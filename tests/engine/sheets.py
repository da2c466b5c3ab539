"""Tables of fields that are read in both ways: by blocks, and by the rules of core.data."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from switchyard.config.snapshot import Snapshots
from switchyard.core.data.contract import Contract, Feature, Kind
from switchyard.core.data.csv_block import Block
from switchyard.core.data.csv_text import CsvText
from switchyard.core.data.packed.packed_file import Packing, read_packed
from switchyard.core.data.packed.packed_rows import Codes, ReadRows, Shape
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.policy import Problem
from switchyard.core.ports import TypedRows
from switchyard.engine.typed_rows import typed_rows
from switchyard.intake.rules.blocks import Blocks
from switchyard.intake.rules.leakage import Leakage
from switchyard.intake.rules.table import Layout, read_table
from switchyard.training.located_rows import LocatedRows
from tests.fakes.store import MemoryStorage

KINDS = (Kind.NUMBER, Kind.CATEGORY, Kind.TEXT, Kind.BOOLEAN, Kind.DATE)
ONE_BY_ONE = 30  # signs of a block: a row or two
WHOLE = 100  # of a sheet that comes in one piece, all of it
MISSING = ["", "NA", "nan", "null", "None", "?", "N/A", "<NA>", "NaN", "nA", "nUll", " NA ", "NAN", "none"]
_NUMBERS = """
0 -0 37 37.0 +37 3.7e1 3.7E+01 .5 5. -.5e-3 1e-60 -1e-60 1e38 3.4028235677973362e38 3.4028235677973363e38 1e39 1e400
-1e400 1_000 +-1 -+1 --1 inf -Infinity 1e e5 . - 1.2.3 0x10 1,5 1e5e5 \u0663 \uff11 yes true FALSE 0.1 nan(1) 1f
0.10000000149011612 123456789012345678901234567890
"""
_WORDS = """
admin. a,b a"b " "" ' Größe Gro\u0308ße 東京 Москва 🙂 \ufeffa \u212b \u1e9b\u0323 =1+1 0 1.0 e\u0301 \x7f \x01
\uac00\u11a8 \u201cquoted\u201d
"""
_BOOLEANS = "1.0 0.00 1 0 true True TRUE tRUE t F yes NO on Off 2 -1 ja"
_DATES = """
2026-11-29 2026/11/29 2026-11-29T06:00:00Z 2026-11-29T06:00:00 2026-11-29T00:00:00Z 2026-11-29T06:00Z 2026-02-30
2026-11-29T06:00:00+05:30 2026-11-29T06:00:00.5Z 2024-02-29 2023-02-29 0000-01-01 0001-01-01 9999-12-31 2026-1-2
2026-11-29T24:00:00Z 2026-11-29T23:59:60Z 2026-11-29t06:00:00z 20261129 infinity epoch today 2026-11-29T06:00:00X
2026-11-29_06:00:00 -2026-11-2 10000-01-1
"""
USUAL = {
    Kind.NUMBER: ["1", "2.5", "-3e2", ""],
    Kind.CATEGORY: ["red", "light green", ""],
    Kind.TEXT: ["a, b", 'say "x"', "Grüße", ""],
    Kind.BOOLEAN: ["yes", "no", "1", ""],
    Kind.DATE: ["2026-11-29", "2026-11-29T06:00:00Z", ""],
}
WORDS = [
    *_WORDS.split(),
    *("self employed", "self  employed", " a", "a ", "a\tb", "a\nb", "a\r\nb", "\x1fa", "a\x0bb", "a\u00a0b"),
    *("\u00a0", "quoted \u2013 text\u2026", "\u2028", "None ", "na na"),
]
UNUSUAL = {
    Kind.NUMBER: [*_NUMBERS.split(), " 37", "37 ", "\t1", "1\t", "1\n", "\v1", "\f1", "1\r", "1 2"],
    Kind.CATEGORY: WORDS,
    Kind.TEXT: WORDS,
    Kind.BOOLEAN: [" yes", "no ", *_BOOLEANS.split()],
    Kind.DATE: [
        *_DATES.split(),
        *(
            "2026-11-29 06:00:00",
            "2026-11-29 00:00:00Z",
            "2026-11-29T06:00:00 UTC",
            " 2026-11-29",
            "2026-11-29  6:00:00",
        ),
    ],
}


@dataclass
class Watched:
    """The engine, and how many of its rows were odd and not."""

    odd: int = 0
    plain: int = 0

    @contextmanager
    def typed(self, shape: Shape) -> Iterator[TypedRows]:
        with typed_rows(shape) as rows:
            self.rows = rows
            yield self

    def read(
        self, block: Block, wanted: Sequence[int] = (), codes: Codes | None = None
    ) -> Iterator[ReadRows]:
        for rows in self.rows.read(block, wanted, codes):
            self.odd += len(rows.odd)
            self.plain += rows.rows - len(rows.odd)
            yield rows

    def zstd(self) -> Any:
        raise NotImplementedError

    def parquet(self, name: str, path: str, mark: str = ".") -> Iterator[str]:
        raise NotImplementedError


@dataclass(frozen=True)
class Sheet:
    """A table whose target is its last column but one."""

    kinds: tuple[Kind, ...]
    target: Kind
    rows: tuple[tuple[str, ...], ...]
    end: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL
    raw: str = ""  # behind the rows

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"c{at}" for at in range(len(self.kinds)))

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.names[:-1], "y", self.names[-1])

    @property
    def body(self) -> str:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator=self.end, quoting=self.quoting)  # type: ignore[arg-type]
        writer.writerows([self.columns, *self.rows])
        return text.getvalue() + self.raw


def fields(kind: Kind) -> st.SearchStrategy[str]:
    usual = st.sampled_from(USUAL[kind])
    unusual = st.sampled_from([*UNUSUAL[kind], *MISSING])
    return (
        st.one_of(usual, usual, usual, usual, unusual, st.text(max_size=6))
        if kind.is_words
        else st.one_of(*[usual] * 8, unusual)
    )


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    kinds = tuple(draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=6)))
    target = draw(st.sampled_from([Kind.NUMBER, Kind.CATEGORY]))
    labels = ["0", "1", "1.0"] if target is Kind.NUMBER else ["no", "yes", "light green"]
    label = st.one_of(
        *[st.sampled_from(labels)] * 9, st.sampled_from(["", "2", "maybe", "NA", " yes", "a,b"])
    )
    columns = [*map(fields, kinds[:-1]), label, fields(kinds[-1])]
    rows = draw(st.lists(st.tuples(*columns), min_size=1, max_size=12))
    rows += draw(st.lists(st.sampled_from(rows), max_size=3))
    return Sheet(
        kinds,
        target,
        tuple(rows),
        draw(st.sampled_from(["\n", "\n", "\r\n"])),
        draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        draw(st.sampled_from([""] * 8 + ["\n", "\n\n"])),
    )


def outcome(read: Callable[[], Any]) -> Any:
    """What it answers, or the words of the error."""
    try:
        return read()
    except (InvalidDatasetError, csv.Error) as error:
        return f"{type(error).__name__}: {error}"


def checked(
    sheet: Sheet,
    forms: Watched | None,
    block: int = ONE_BY_ONE,
    classes: tuple[str, ...] | None = None,
    shown: Sequence[float | str] = (),
) -> Any:
    """What the door finds: rows, labels, leaks, packed rows; with `forms` by blocks, but for the first row. shown: of
    the target, by the rows that were looked at.
    """
    classes = classes_of(sheet) if classes is None else classes
    names = (*sheet.names, "y")
    kinds = (*sheet.kinds, sheet.target)
    places = tuple(sheet.columns.index(name) for name in names)
    order = sorted(range(len(names)), key=lambda at: places[at])
    names, kinds = tuple(names[at] for at in order), tuple(kinds[at] for at in order)
    at_target = names.index("y")
    order = (at_target, *(at for at in range(len(names)) if at != at_target))
    layout = Layout(names, kinds, tuple(sorted(places)), "y", len(names), "say {column} is {kind}", order)
    words = frozenset(n for n, kind in zip(names, kinds, strict=True) if not kind.is_numeric)
    labels, leaks = LabelStatistics(0, set(shown)), Leakage(names, "y", (), words)
    table = read_table("w.csv", CsvText(iter([sheet.body]), block), "y")
    kept: list[bytes] = []
    packing = Packing(order, kept.append, classes)

    def take(records: Any) -> int:
        rows = 0
        for values in layout.values("w.csv", records, packing):
            rows += 1
            labels.add(values[layout.names.index("y")])
            leaks.add(values)
        return rows

    rows = take(islice(table.records, 1))
    if forms is not None:
        rows += Blocks(layout, labels, leaks, forms, packing).take("w.csv", table)
    rows += take(table.records)
    packing.flush()
    packed = [row for _, batch in read_packed(iter(kept)) for row in batch.each()]
    assert packing.is_void or len(packed) == rows
    packed = [] if packing.is_void else packed
    return (
        rows,
        labels,
        packed,
        packing.is_void,
        leaks.found(),
        leaks.suspects,
        [leaks._rows[at] for at in leaks.suspects],
    )


def classes_of(sheet: Sheet) -> tuple[str, ...]:
    return ("0", "1") if sheet.target is Kind.NUMBER else ("light green", "no", "yes")


def located(
    sheet: Sheet, forms: Watched | None, problem: Problem = Problem.BINARY, block: int = ONE_BY_ONE
) -> list[tuple[Any, ...]]:
    classes = classes_of(sheet)
    features = tuple(Feature(name, kind) for name, kind in zip(sheet.names, sheet.kinds, strict=True))
    contract = Contract("y", features, problem, () if problem is Problem.REGRESSION else classes)
    storage = MemoryStorage("artifacts")
    storage.write("m/data/w.csv", sheet.body.encode())
    batches = LocatedRows(contract, Snapshots(storage), forms, block).of(["m/data/w.csv"])
    return [(batch.file, *row) for batch in batches for row in zip(count(batch.first), batch.rows.each())]


EVERY = settings(max_examples=60)


def sheet_of(kind: Kind, *rows: tuple[str, str, str]) -> Sheet:
    return Sheet((kind, Kind.TEXT), Kind.NUMBER, rows)
