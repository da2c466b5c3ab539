"""Files as people bring them: eighteen kinds, made by a seed, and what comes of the advice where one is refused."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from tests.engine.tables import parquet

Row = dict[str, object]
JOBS = ("admin.", "blue-collar", "retired", "student", "technician")


@dataclass(frozen=True)
class Kind:
    """write: the file into a folder. says: how `init` refuses it, if it does. mend: the advice, followed."""

    write: Callable[[Path], Path]
    target: str
    says: str = ""
    mend: Callable[[Path], Path] | None = None


def lots(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - rows, no secret


def chance(odds: float, rng: random.Random) -> bool:
    return rng.random() < 1 / (1 + exp(-odds))


def customers(seed: str, rows: int) -> list[Row]:
    """People with an age, an income, a job and a day; who of them left."""
    rng, found = lots(seed), []
    for number in range(rows):
        age, income, job = rng.randrange(18, 90), round(rng.gauss(3000, 900), 2), rng.choice(JOBS)
        odds = 0.1 * (age - 50) - 0.002 * (income - 3000) + (2 if job == "student" else -0.5)
        found.append(
            {
                "customer_id": f"C{number:06}",
                "age": age,
                "income": income,
                "job": job,
                "since": date(2019, 1, 1) + timedelta(rng.randrange(2_000)),
                "left": chance(odds, rng),
            }
        )
    return found


def columns(rows: Iterable[Row], *names: str) -> list[Row]:
    return [{name: row[name] for name in names} for row in rows]


def text(rows: Sequence[Row], separator: str = ",", quote: str = "") -> str:
    """As a table; quote: around every word."""
    lines = [separator.join(f"{quote}{name}{quote}" for name in rows[0])]
    for row in rows:
        lines.append(separator.join(_field(value, quote) for value in row.values()))
    return "\n".join([*lines, ""])


def _field(value: object, quote: str) -> str:
    return f"{quote}{value}{quote}" if isinstance(value, str | date) else str(value)


def yes_no(rows: Iterable[Row], name: str = "left") -> list[Row]:
    return [{**row, name: "yes" if row[name] else "no"} for row in rows]


def written(folder: Path, name: str, body: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def bank(folder: Path) -> Path:
    """Semicolons, every word in quotes, a target of yes and no."""
    rows = yes_no(columns(customers("bank", 1_500), "age", "job", "income", "left"))
    return written(folder, "bank.csv", text(rows, ";", '"'))


def one_hot(folder: Path) -> Path:
    """A frame after get_dummies."""
    rows: list[Row] = [
        {
            "age": row["age"],
            **{f"job_{job}": row["job"] == job for job in JOBS},
            "left": int(bool(row["left"])),
        }
        for row in customers("onehot", 1_200)
    ]
    return written(folder, "onehot.csv", text(rows))


def excel(folder: Path) -> Path:
    """A German Excel's export: semicolons, decimal commas, CRLF, Windows' own encoding, days as 29.11.2026."""
    lines = ["Größe;Umsatz;Eintritt;Gekündigt"]
    for row in customers("excel", 1_200):
        day = row["since"]
        assert isinstance(day, date)
        income = f"{row['income']}".replace(".", ",")
        lines.append(f"{row['age']};{income};{day:%d.%m.%Y};{'ja' if row['left'] else 'nein'}")
    return written(folder, "excel-export.csv", "\r\n".join([*lines, ""]).encode("cp1252"))


def workbook(folder: Path) -> Path:
    """An Excel file as it is: a zip of XML."""
    path = folder / "workbook.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<row><c>age</c><c>left</c></row>" * 100)
    return path


def saved_as_csv(folder: Path) -> Path:
    return written(folder, "workbook.csv", text(columns(customers("workbook", 900), "age", "income", "left")))


def iris(folder: Path) -> Path:
    """150 flowers, sorted by species."""
    from sklearn.datasets import load_iris

    bunch = load_iris()
    rows: list[Row] = [
        {**dict(zip(bunch.feature_names, values, strict=True)), "species": str(bunch.target_names[label])}
        for values, label in zip(bunch.data.tolist(), bunch.target.tolist(), strict=True)
    ]
    return written(folder, "iris.csv", text(rows))


def breast_cancer(folder: Path) -> Path:
    """An id, M and B, and thirty measurements."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    rows: list[Row] = [
        {
            "id": 842_302 + 37 * number,
            "diagnosis": "B" if label else "M",
            **dict(zip(map(str, bunch.feature_names), values, strict=True)),
        }
        for number, (values, label) in enumerate(zip(bunch.data.tolist(), bunch.target.tolist(), strict=True))
    ]
    return written(folder, "breast-cancer.csv", text(rows))


def with_index(folder: Path) -> Path:
    """A frame written with its index: a column without a name."""
    rows = columns(customers("index", 1_000), "age", "income", "left")
    return written(folder, "frame.csv", text([{"": number, **row} for number, row in enumerate(rows)]))


def churn_csv(folder: Path) -> Path:
    """The file of the README's story."""
    rows = yes_no(columns(customers("churn", 2_000), "age", "income", "job", "since", "left"))
    return written(folder, "churn.csv", text(rows))


def ids_and_dates(folder: Path) -> Path:
    """An identifier, a day, words and numbers."""
    return written(folder, "members.csv", text(yes_no(customers("ids", 1_500))))


def parquet_file(folder: Path) -> Path:
    """Typed columns, as an engine writes them."""
    source = written(folder, "source.csv", text(customers("parquet", 1_500)))
    path = folder / "warehouse.parquet"
    parquet(path, f"SELECT * FROM read_csv('{source}')")  # noqa: S608 - a path of this test
    return path


def few_rows(folder: Path) -> Path:
    return written(folder, "few.csv", text(yes_no(columns(customers("few", 60), "age", "income", "left"))))


def three_words(folder: Path) -> Path:
    rng, rows = lots("three"), []
    for _ in range(900):
        size = rng.gauss(50, 20)
        rows.append(
            {
                "size": round(size, 2),
                "shop": rng.choice("ABC"),
                "rating": "low" if size < 40 else "medium" if size < 60 else "high",
            }
        )
    return written(folder, "ratings.csv", text(rows))


def regression(folder: Path) -> Path:
    """Prices of houses, in whole euros."""
    rng, rows = lots("houses"), []
    for _ in range(800):
        area, year = rng.randrange(40, 250), rng.randrange(1900, 2025)
        rows.append(
            {
                "area": area,
                "year": year,
                "town": rng.choice(["Bonn", "Köln"]),
                "price": int(3_000 * area + 400 * (year - 1900) + rng.gauss(0, 20_000)),
            }
        )
    return written(folder, "houses.csv", text(rows))


def tabs(folder: Path) -> Path:
    rows = columns(customers("tabs", 1_000), "age", "job", "income", "left")
    return written(folder, "survey.tsv", text(rows, "\t"))


def json_lines(folder: Path) -> Path:
    rows = yes_no(customers("jsonl", 1_200))
    return written(folder, "events.jsonl", "".join(f"{json.dumps(row, default=str)}\n" for row in rows))


def packed(folder: Path) -> Path:
    rows = columns(customers("packed", 1_200), "age", "job", "income", "left")
    return written(folder, "export.csv.gz", gzip.compress(text(rows).encode()))


def free_text(folder: Path) -> Path:
    rng, rows = lots("text"), []
    good, bad = ("great", "love", "fast", "helpful"), ("broken", "slow", "awful", "refund")
    for _ in range(1_000):
        happy = rng.random() < 0.5
        words = [
            rng.choice(good if happy else bad),
            "delivery",
            "and",
            rng.choice(good if happy else bad),
            "service",
        ]
        rows.append(
            {
                "review": f"{' '.join(words)}, order {rng.randrange(10_000)}",
                "stars": rng.randrange(1, 6),
                "sentiment": "pos" if happy else "neg",
            }
        )
    return written(folder, "reviews.csv", text(rows, ",", '"'))


def gaps(folder: Path) -> Path:
    """Missing values in four spellings."""
    rng, rows = lots("gaps"), []
    for row in columns(customers("gaps", 1_200), "age", "income", "job", "left"):
        lost = {
            name: rng.choice(["", "NA", "?", "null"])
            for name in ("age", "income", "job")
            if rng.random() < 0.1
        }
        rows.append({**row, **lost})
    return written(folder, "gaps.csv", text(rows))


def rare(folder: Path) -> Path:
    """Three frauds among 1,500 payments."""
    return written(folder, "fraud.csv", text(_payments(1_500, 3)))


def more_of_the_rare(folder: Path) -> Path:
    return written(folder, "fraud.csv", text(_payments(5_000, 10)))


def _payments(rows: int, frauds: int) -> list[Row]:
    rng = lots("fraud")
    return [
        {
            "amount": round(rng.gauss(900 if number < frauds else 60, 30), 2),
            "hour": rng.randrange(24),
            "fraud": int(number < frauds),
        }
        for number in range(rows)
    ]


KINDS: Mapping[str, Kind] = {
    "bank": Kind(bank, "left"),
    "one-hot": Kind(one_hot, "left"),
    "excel-export": Kind(excel, "Gekündigt"),
    "workbook": Kind(workbook, "left", "save the sheet as CSV", saved_as_csv),
    "iris": Kind(iris, "species"),
    "breast-cancer": Kind(breast_cancer, "diagnosis"),
    "index": Kind(with_index, "left"),
    "ids-and-dates": Kind(ids_and_dates, "left"),
    "parquet": Kind(parquet_file, "left"),
    "few-rows": Kind(few_rows, "left"),
    "three-words": Kind(three_words, "rating"),
    "regression": Kind(regression, "price"),
    "tabs": Kind(tabs, "left"),
    "json-lines": Kind(json_lines, "left"),
    "packed": Kind(packed, "left"),
    "free-text": Kind(free_text, "sentiment"),
    "gaps": Kind(gaps, "left"),
    "rare": Kind(rare, "fraud", "bring about", more_of_the_rare),
}
