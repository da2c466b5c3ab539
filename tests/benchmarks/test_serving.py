"""The serving benchmark measures what it says: every server answers, and a promise is what its rows say."""

from pathlib import Path

from benchmarks.serving import measure, promises

ROOT = Path(__file__).resolve().parents[2]


def test_a_short_run_asks_every_server_for_one_row_and_for_many() -> None:
    rows = measure(ROOT / ".venvs/container/bin/python", rounds=1, seconds=0.2)
    servers = ["floor", "bare HTTP", "container", "XGBoost's engine", "texts", "every kind"]
    assert [(row["server"], row["rows"]) for row in rows] == [
        (name, n) for n in (1, 1000) for name in servers
    ]
    assert all(row["cpu_us"] > 0 and row["rps"] > 0 for row in rows)
    floor, container = rows[0], rows[2]
    assert promises(rows)[0].value == container["cpu_us"] / floor["cpu_us"]
