"""The rows by which the kinds of a first dataset are told are read like all others: once told, they come in a block."""

import pytest

from switchyard.core.data.csv_text import CsvText
from switchyard.core.data.packed.packed_file import read_packed
from switchyard.core.data.packed.packed_rows import PackedRow
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.ports import Forms
from switchyard.engine.table_files import EngineForms
from switchyard.intake.rules import inspection
from switchyard.intake.rules.inspection import Inspection
from switchyard.intake.rules.table import Layout

HELD, CLEARING = 100, 20
JOBS = ("admin.", "blue-collar", "self employed")


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "rows_to_look_at", lambda _: HELD)
    monkeypatch.setattr(inspection, "CLEARING", CLEARING)


def table(rows: int = 300) -> list[str]:
    return ["age,job,since,member,y\n"] + [
        f"{at * 7 % 61}.5,{JOBS[at % 3]},2025-01-{at % 28 + 1:02},{'no' if at % 5 else 'yes'},{at * 13 % 7 % 2}\n"
        for at in range(rows)
    ]


def looked_at(lines: list[str], forms: Forms | None) -> tuple[object, list[PackedRow]]:
    kept: list[bytes] = []
    found = Inspection("y", forms=forms, keep=kept.append)
    rows = found.read("w.csv", CsvText(iter(["".join(lines)]), block=2000))
    found.finish()
    packed = [row for _, batch in read_packed(iter(kept)) for row in batch.each()]
    return (rows, found.seen, found.packed_by), packed


@pytest.mark.parametrize("rows", [HELD - 1, HELD, HELD + 1, 300])
def test_they_are_taken_once_and_found_the_same(rows: int) -> None:
    by_blocks, packed = looked_at(table(rows), EngineForms())
    assert len(packed) == rows
    assert (by_blocks, packed) == looked_at(table(rows), None)


def test_the_rules_read_but_those_that_clear_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    row = Layout.row

    def noted(self: Layout, name: str, number: int, own: list[str]) -> object:
        read.append(number)
        return row(self, name, number, own)

    monkeypatch.setattr(Layout, "row", noted)
    looked_at(table(), EngineForms())
    assert read[:CLEARING] == list(range(2, CLEARING + 2))
    assert not {*read} & {*range(CLEARING + 2, HELD + 2)}


@pytest.mark.parametrize("at", [5, CLEARING + 5, HELD, HELD + 50])
def test_a_defect_has_its_row(at: int) -> None:
    lines = table()
    lines[at] = lines[at].replace(".5,", ".5 km,", 1)
    said = []
    for forms in (EngineForms(), None):
        with pytest.raises(InvalidDatasetError) as caught:
            looked_at(lines, forms)
        said.append(str(caught.value))
    assert f"row {at + 1}, column 'age'" in said[0]
    assert said[0] == said[1]
