"""Rows of every kind of column, their contract, and their forms in requests."""

import csv
import io
import json
import random

KINDS = {
    "age": "number",
    "job": "category",
    "member": "boolean",
    "since": "date",
    "note": "text",
    "city": "category",
}
JOBS = ["admin.", "blue, collar", 'so "called"', "études", "self-employed"]
CITIES = [f"city-{number}" for number in range(40)]
WORDS = ["refund", "late", "thanks", "Broken", "great", "again"]
CLASSES = ["no", "yes"]
MISSING = 0.06


def contract(kinds: dict[str, str] = KINDS, classes: list[str] = CLASSES, problem: str = "binary") -> str:
    features = [{"name": name, "kind": kind} for name, kind in kinds.items()]
    target = {"name": "y", "classes": classes}
    return json.dumps(
        {"version": 1, "problem": problem, "target": target, "features": features, "ignored": ["id"]}
    )


def line(fields: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(fields)
    return text.getvalue()


def drawn(count: int, seed: int = 5) -> list[list[str]]:
    """Rows of fields, the label first; some fields are missing."""
    draw = random.Random(seed)  # noqa: S311 - repeatable rows
    rows = []
    for _ in range(count):
        age, job, city = draw.randint(18, 90), draw.choice(JOBS), draw.choice(CITIES)
        member, note = draw.random() < 0.5, " ".join(draw.choices(WORDS, k=draw.randint(0, 5)))
        since = f"20{draw.randint(10, 26)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        score = (job in JOBS[:2]) + ("refund" in note) + (int(city[5:]) % 3 == 0) + (age > 50) + member
        fields = [str(age), job, str(int(member)), since, note, city]
        rows.append([str(int(score > 2)), *("" if draw.random() < MISSING else field for field in fields)])
    return rows


def values(row: list[str]) -> list[object]:
    """A row as JSON has it: numbers, texts, true and false, null."""
    age, job, member, since, note, city = row
    texts = [text or None for text in (job, since, note, city)]
    truth = bool(int(member)) if member else None
    return [int(age) if age else None, texts[0], truth, texts[1], texts[2], texts[3]]


def named(row: list[str]) -> dict[str, object]:
    return {name: value for name, value in zip(KINDS, values(row), strict=True) if value is not None}


def scores(response_text: str) -> list[float]:
    return [float(text) for text in response_text.split()]
