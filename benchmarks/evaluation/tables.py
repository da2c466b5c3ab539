"""Files of a label and two models' scores, for benchmarks: two classes, three, numbers; CSV, gzip, Parquet."""

from pathlib import Path

import duckdb

PROBLEMS, FORMS = ("binary", "multiclass", "regression"), ("csv", "csv.gz", "parquet")
_NORMAL = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"
_LOGIT = "round(1 / (1 + exp(-({0}))), 6)"
_LEFT = "FROM (SELECT {0} FROM (SELECT floor(random() * 3) AS r FROM range({1})))"
_QUERIES = {
    "binary": (
        f"(random() < 1 / (1 + exp(-z)))::INTEGER AS label, {_LOGIT.format('z * 0.8 + a')} AS champion, "
        f"{_LOGIT.format('z * 0.9 + b')} AS challenger",
        f"{_NORMAL} * 1.5 - 1 AS z, random() - 0.5 AS a, random() - 0.5 AS b",
    ),
    "multiclass": (
        "(CASE WHEN random() < 0.6 THEN r ELSE floor(random() * 3) END)::INTEGER AS label, "
        + ", ".join(f"round({model}{at} / ({model}0 + {model}1 + {model}2), 6) AS {title}_{at}"
                    for model, title in (("a", "champion"), ("b", "challenger")) for at in range(3)),
        "r, "
        + ", ".join(f"0.05 + random() + 1.5 * (r = {at})::INTEGER AS {model}{at}" for model in "ab" for at in range(3)),
    ),
    "regression": (
        "round(z, 4) AS label, round(z + 2 * a, 4) AS champion, round(z + 1.9 * b, 4) AS challenger",
        f"50 + 10 * {_NORMAL} AS z, random() - 0.5 AS a, random() - 0.5 AS b",
    ),
}  # fmt: skip


def write(folder: Path, problem: str, rows: int) -> dict[str, Path]:
    """The same rows in each form; in every call of the same size the same."""
    chosen, inner = _QUERIES[problem]
    files = {form: folder / f"{problem}.{form}" for form in FORMS}
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET enable_progress_bar = false; SELECT setseed(0.5)")
        table = f"SELECT {chosen} {_LEFT.format(inner, rows)}"
        connection.execute(f"COPY ({table}) TO '{files['parquet']}' (FORMAT parquet, COMPRESSION zstd)")
        for form in ("csv", "csv.gz"):
            connection.execute(f"COPY (FROM '{files['parquet']}') TO '{files[form]}' (FORMAT csv, HEADER)")
    return files
