"""The benchmark of data measures what it says: both ways, each step, and the same bytes from both."""

from pathlib import Path

from benchmarks.data_check.measuring import FIRST, NUMERIC_PARTS, STEPS, WAYS, measure, promises
from benchmarks.data_check.tables import TABLES, write


def test_both_ways_write_the_same() -> None:
    rows = measure("mixed", 12_000)  # every kind of column
    assert [(row["step"], row["way"]) for row in rows] == [(step, way) for step in STEPS for way in WAYS]
    same = [check for check in promises(rows) if "same bytes" in check.name]
    assert [check.passed for check in same] == [True] * len(STEPS)
    assert all(check.passed for check in promises(rows) if "memory" in check.name)


def test_promises_are_missed_where_blocks_cost_too_much() -> None:
    rows = [
        {"table": table, "step": step, "way": way, "cpu_s": 1.0, "peak_mb": 100.0, "digest": way}
        for table in TABLES
        for step in STEPS
        for way in WAYS
    ]
    missed = {check.name for check in promises(rows) if not check.passed}
    assert "numeric, check: CPU over that of rows" in missed
    assert "mixed, again: the same bytes" in missed
    assert not any("memory" in name for name in missed)


def test_one_table_alone_is_not_held_against_the_first_version_of_the_other() -> None:
    taken = {"cpu_s": 1.0, "peak_mb": 100.0, "digest": ""}
    ways = [("numeric", FIRST), ("numeric", WAYS[0])]
    rows = [{"table": table, "step": step, "way": way, **taken} for table, way in ways for step in STEPS]
    assert not any("numbers before" in check.name for check in promises(rows))
    rows += [{"table": "mixed", "step": step, "way": WAYS[0], **taken} for step in STEPS]
    assert [check.passed for check in promises(rows) if "numbers before" in check.name] == [False]


def test_a_table_is_held_against_what_the_first_version_could_read_of_it() -> None:
    for table, part in NUMERIC_PARTS.items():
        ways = [(table, WAYS[0], 0.29), (part, FIRST, 1.0)]
        rows = [
            {"table": name, "step": step, "way": way, "cpu_s": cpu, "peak_mb": 1.0, "digest": ""}
            for name, way, cpu in ways
            for step in STEPS
        ]
        [check] = [each for each in promises(rows) if "numbers before" in each.name]
        assert (check.name.split(",")[0], check.passed) == (table, True)


def test_the_numbers_beside_a_text_are_those_that_the_first_version_reads(tmp_path: Path) -> None:
    write(tmp_path / "text.csv", "one_text", 1)
    write(tmp_path / "numbers.csv", "thirty_numbers", 1)
    text, numbers = ((tmp_path / name).read_text().splitlines()[1] for name in ("text.csv", "numbers.csv"))
    assert text.split(",")[:30] == numbers.split(",")[:30]
