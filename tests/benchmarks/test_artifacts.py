"""The benchmark of artifacts packs and unpacks what it says, in both ways."""

from benchmarks.artifacts.__main__ import measure, promises


def test_a_small_model_comes_back_whole_from_both_ways() -> None:
    """What is unpacked is compared with what was packed in each round."""
    rows = measure(10, rounds=1)
    assert [row["step"] for row in rows] == ["pack", "unpack", "inflate"]
    assert all(row["cpu_s"] > 0 and row["tarfile_cpu_s"] > 0 for row in rows)
    held = {check.name: check.passed for check in promises(rows)}
    assert held["size over tarfile's"]
    assert held["pack: peak memory in MB"]
    assert held["unpack: peak memory in MB"]
    assert len(held) == 5  # inflating alone is a floor, and no promise


def test_what_is_no_faster_than_promised_is_missed() -> None:
    row = {"step": "pack", "less_cpu": 5.9, "peak_mb": 201.0, "archive_mb": 1.0, "tarfile_mb": 1.0}
    missed = [check.name for check in promises([row]) if not check.passed]
    assert missed == ["pack: times less CPU", "pack: peak memory in MB"]
