"""Rows that the door has packed come out of their file as they went in, whatever pieces it is read in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.data.contract import Feature, Kind
from switchyard.core.data.packed.packed_file import CutOffError, Packing, body_of, layout_name, read_packed
from switchyard.core.data.packed.packed_rows import DIGEST, PackedRow, packed_rows

DIGESTS = st.binary(min_size=DIGEST, max_size=DIGEST)
ROWS = st.lists(
    st.builds(PackedRow, DIGESTS, st.integers(0, 2**32 - 1), st.binary(max_size=9)), min_size=1, max_size=9
)
PARTS = st.lists(st.tuples(st.text(st.characters(codec="utf-8"), max_size=5), ROWS), max_size=4)


def pieces(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


@given(PARTS, st.integers(1, 200))
def test_every_batch_comes_back_with_its_file(parts: list[tuple[str, list[PackedRow]]], size: int) -> None:
    body = b"".join(piece for file, rows in parts for piece in body_of(file, packed_rows(rows)))
    found = read_packed(iter(pieces(body, size)))
    assert [(file, batch.each()) for file, batch in found] == parts


@given(ROWS, st.data())
def test_a_file_that_is_cut_off_is_told(rows: list[PackedRow], data: st.DataObject) -> None:
    body = b"".join(body_of("w.csv", packed_rows(rows)))
    end = data.draw(st.integers(1, len(body) - 1))
    with pytest.raises(CutOffError):
        list(read_packed(iter([body[:end]])))


@given(ROWS, st.data())
def test_rows_are_replaced_where_they_stand(rows: list[PackedRow], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    other = PackedRow(bytes(DIGEST), 1, b"other")
    assert packed_rows(rows).replaced({at: other}).each() == [*rows[:at], other, *rows[at + 1 :]]


def test_rows_of_two_files_are_never_in_one_batch() -> None:
    kept: list[bytes] = []
    packing = Packing((1, 0), kept.append, ("0", "1"))
    for file in ("a.csv", "a.csv", "b.csv"):
        packing.add(file, [1.5, 0.0], ["1.50", "0"])
    packing.flush()
    found = [(file, batch.rows) for file, batch in read_packed(iter(kept))]
    assert found == [("a.csv", 2), ("b.csv", 1)]


def test_other_kinds_classes_or_order_are_another_layout() -> None:
    one, two = Feature("a"), Feature("b", Kind.TEXT)
    names = {
        layout_name(Kind.NUMBER, (), [one, two]),
        layout_name(Kind.NUMBER, (), [two, one]),
        layout_name(Kind.CATEGORY, (), [one, two]),
        layout_name(Kind.NUMBER, (), [one, Feature("b")]),
        layout_name(Kind.NUMBER, ("0", "1"), [one, two]),
        layout_name(Kind.NUMBER, ("0", "1", "2"), [one, two]),
    }
    assert len(names) == 6


@pytest.mark.parametrize(("classes", "codes"), [(("0", "1"), [1, None]), ((), [0, 0])])
def test_a_row_of_another_class_makes_all_void(classes: tuple[str, ...], codes: list[int | None]) -> None:
    packing = Packing((1, 0), lambda _: None, classes)
    rows = [packing.packed([1.5, label], ["1.50", f"{label:g}"]) for label in (1.0, 2.0)]
    assert [row.code if row else None for row in rows] == codes
    assert packing.is_void == (None in codes)
    assert packing.codes([1.0]) == (None if packing.is_void else {})
