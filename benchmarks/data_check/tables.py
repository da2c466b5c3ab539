"""Tables of 32 columns for benchmarks: numbers alone, numbers beside a text, and columns of every kind with what
people leave in them.
"""

import random
from collections.abc import Callable
from pathlib import Path

JOBS = ("admin.", "blue-collar", "technician", "services", "management", "retired", "self employed", "NA")
DRAWN = 100_000
BOTH, SOME = ("yes", "no"), ("true", "false", "")


def write(path: Path, table: str, rows: int) -> None:
    """A table of TABLES, or of NUMBERS; the same rows every time. Of many rows those that were drawn come again, each
    time with other values in the first column.
    """
    chance = random.Random(rows)
    header, row = (TABLES | NUMBERS)[table]
    with path.open("w", encoding="utf-8") as file:
        file.write(header)
        drawn = [row(chance) for _ in range(min(rows, DRAWN))]
        file.writelines(f"{each}\n" for each in drawn)
        behind = [each.partition(",")[2] for each in drawn]
        for at in range(DRAWN, rows):
            file.write(f"{at / rows:.7f},{behind[at % DRAWN]}\n")


def _numbers(chance: random.Random, of_each: int) -> list[str]:
    few = [f"{chance.random() * 100:.2f}" if chance.random() > 0.02 else "" for _ in range(of_each)]
    return [f"{chance.random() * 2 - 1:.6f}" for _ in range(2 * of_each)] + [
        *(str(chance.randrange(100_000)) for _ in range(of_each)),
        *few,
    ]


def _numeric(chance: random.Random) -> str:
    numbers = _numbers(chance, 8)[:31]
    return ",".join([*numbers, str(int(numbers[0] > numbers[1]))])


def _thirty(chance: random.Random) -> list[str]:
    return [f"{chance.random() * 2 - 1:.6f}" for _ in range(30)]


def _one_text(chance: random.Random) -> str:
    numbers = _thirty(chance)
    return ",".join([*numbers, f"note {chance.randrange(10**6)}", BOTH[numbers[0] > numbers[1]]])


def _thirty_numbers(chance: random.Random) -> str:
    numbers = _thirty(chance)
    return ",".join([*numbers, str(int(numbers[0] > numbers[1]))])


def _mixed(chance: random.Random) -> str:
    draw, numbers = chance.randrange, _numbers(chance, 5)
    return ",".join(
        (
            *numbers,
            chance.choice(JOBS),
            f"city {draw(300)}",
            f"Z{draw(5000)}",
            chance.choice("ABCDE"),
            chance.choice(BOTH),
            chance.choice(SOME),
            f"20{draw(10, 26)}-{draw(1, 13):02}-{draw(1, 29):02}",
            f"2026-{draw(1, 13):02}-{draw(1, 29):02}T{draw(24):02}:{draw(60):02}:{draw(60):02}Z",
            f"called on {draw(10**6)} about the Größe",
            f'"said ""x{draw(10**5)}"", then left"',
            f"item {draw(10**5)}",
            BOTH[numbers[0] > numbers[1]],
        )
    )


_NAMES = "job,city,zip,grade,member,active,since,seen,note,remark,code"
TABLES: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "numeric": (",".join(f"c{at}" for at in range(31)) + ",y\n", _numeric),
    "one_text": (",".join(f"c{at}" for at in range(30)) + ",note,y\n", _one_text),
    "mixed": (",".join(f"c{at}" for at in range(20)) + f",{_NAMES},y\n", _mixed),
}
# What version 330b475 could read of `one_text`.
NUMBERS: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "thirty_numbers": (",".join(f"c{at}" for at in range(30)) + ",y\n", _thirty_numbers),
}
