"""Writes first.csv, second.csv and live.csv to a folder: `python examples/tickets/data.py /tmp/tickets`."""

import random
import sys
from datetime import date, timedelta
from pathlib import Path

from cli.rows.packaged import as_csv, without

TARGET, ROWS, FIRST = "team", 3_000, 1_500
WRONG_TEAM = 0.03  # tickets that somebody filed under another team
TEAMS = {
    "billing": (
        "The invoice of",
        "was charged twice",
        "I paid with my card and want a refund,",
        "the amount is wrong",
    ),
    "delivery": (
        "The parcel for",
        "has not arrived",
        "The courier left it with a neighbour,",
        "the box was damaged",
    ),
    "technical": (
        "The app on",
        "shows an error",
        "I cannot log in after the update,",
        "the screen stays black",
    ),
}
OPENINGS = ("Hello,", "Good morning!", "", "Dear team,", "Third time I write:")
CLOSINGS = ("please help.", "thank you.", "what should I do?", "this is urgent!")
PRODUCTS = ("basic", "family", "business")


def ticket(rng: random.Random) -> dict[str, str]:
    """One message, made of its team's phrases."""
    team = rng.choice(list(TEAMS))
    subject, trouble, story, detail = TEAMS[team]
    said = rng.choice([f"{subject} my order {trouble},", f"{story} {detail},", f"{detail} and {story}"])
    return {
        "opened": str(date(2026, 1, 1) + timedelta(rng.randrange(300))),
        "product": rng.choice(PRODUCTS),
        "message": f"{rng.choice(OPENINGS)} {said} number {rng.randrange(10_000)}, {rng.choice(CLOSINGS)}".strip(),
        TARGET: rng.choice(list(TEAMS)) if rng.random() < WRONG_TEAM else team,
    }


def main(folder: Path) -> None:
    rng = random.Random(7)  # noqa: S311 repeatable, not a secret
    rows = [ticket(rng) for _ in range(ROWS)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "first.csv").write_text(as_csv(rows[:FIRST]))
    (folder / "second.csv").write_text(as_csv(rows))
    (folder / "live.csv").write_text("\n".join(without(TARGET, rows)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
