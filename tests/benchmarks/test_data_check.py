"""The benchmark of data measures what it says: both ways, each step, and the same bytes from both."""

from benchmarks.data_check.measuring import FIRST, STEPS, WAYS, measure, promises
from benchmarks.data_check.tables import TABLES


def test_both_ways_write_the_same() -> None:
    rows = [row for table in TABLES for row in measure(table, 12_000)]
    asked = [(table, step, way) for table in TABLES for step in STEPS for way in WAYS]
    assert [(row["table"], row["step"], row["way"]) for row in rows] == asked
    same = [check for check in promises(rows) if "same bytes" in check.name]
    assert [check.passed for check in same] == [True] * len(TABLES) * len(STEPS)
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
